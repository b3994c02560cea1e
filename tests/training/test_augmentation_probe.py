"""A trained network tells which changes of an image cost it its label."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.datasets import load_digits

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from small_data import small_data  # noqa: E402  TensorFlow may be absent
from small_images import bars, net_for, small_trainer  # noqa: E402

from autorecipe.augmentations import LABEL_KEEPING, is_rejected  # noqa: E402
from autorecipe.data.folds import Fold  # noqa: E402
from autorecipe.recipe import Recipe  # noqa: E402
from autorecipe.record.readings import NotMeasured  # noqa: E402
from autorecipe.regularizers import IMAGE_REGULARIZERS  # noqa: E402

NET = net_for("multiclass", width=8, depth=2, epochs=8, batch_size=32)


def digits():
    """Handwritten digits of 8 x 8 pixels: 600 to learn from, 200 to validate on."""
    found, base = load_digits(), bars("multiclass")
    pixels = (np.clip(found.images, 0, 15) * 17).astype("uint8")[..., None]
    fold = Fold(train=np.arange(600), validation=np.arange(600, 800))
    rows = np.arange(800)
    split = dataclasses.replace(base.split, folds=(fold,), bag=(fold,), fresh=(fold,), test=rows[:0], non_test=rows)
    return dataclasses.replace(
        base,
        x={"pixels": pixels[:800]},
        y=found.target[:800].astype("int64"),
        weight=np.ones(800, "float32"),
        split=split,
        n_classes=10,
        fingerprint="digits",
    )


@pytest.fixture(scope="module")
def of_digits():
    trainer = small_trainer(digits())
    fit = trainer.fit(NET, 0)
    assert fit.status == "ok", fit.cause
    return trainer, trainer.probe("augmentation", NET)


def scores(reading, field: str) -> dict[float, float]:
    return {own.strength: own.score for own in reading.augmented if own.field == field}


def test_digits_break_under_flips(of_digits):
    _, reading = of_digits
    assert reading.plain_score > 0.75
    flips = [own for own in reading.augmented if own.field == "flip_horizontal"]
    assert [is_rejected(own, reading) for own in flips] == [True]


def test_digits_survive_other_contrast_and_brightness(of_digits):
    _, reading = of_digits
    mild = [own for own in reading.augmented if (own.field, own.strength) in (("contrast", 0.2), ("brightness", 0.1))]
    assert len(mild) == 2
    assert not any(is_rejected(own, reading) for own in mild)


def test_every_strength_on_offer_is_tried_alone_and_colours_on_colour_images_only(of_digits):
    _, reading = of_digits
    offered = {edit for own in IMAGE_REGULARIZERS for strength in own.strengths for edit in strength.edits}
    expected = {edit for edit in offered if edit[0] in LABEL_KEEPING and edit[0] not in ("saturation", "hue")}
    assert {(own.field, own.strength) for own in reading.augmented} == expected
    coloured = small_trainer(bars("multiclass", n_channels=3))
    coloured.fit(net_for("multiclass", epochs=1), 0)
    found = coloured.probe("augmentation", net_for("multiclass", epochs=1))
    assert {"saturation", "hue"} <= {own.field for own in found.augmented}


def test_stronger_is_harder(of_digits):
    _, reading = of_digits
    mild, strong = scores(reading, "rand_augment").values()
    assert strong < mild < reading.plain_score
    mildest, *_, strongest = scores(reading, "translation").values()
    assert strongest < mildest


def test_a_probe_repeats_itself_and_leaves_the_fit_as_it_was(of_digits):
    trainer, reading = of_digits
    before = [weight.copy() for weight in trainer.memory.load_weights(trainer.fit(NET, 0).key)]
    assert trainer.probe("augmentation", NET) == reading
    after = trainer.memory.load_weights(trainer.fit(NET, 0).key)
    assert all((a == b).all() for a, b in zip(before, after, strict=True))


def test_of_a_regression_the_explained_share_counts():
    recipe = net_for("regression", epochs=8)
    trainer = small_trainer(bars("regression"))
    fit = trainer.fit(recipe, 0)
    reading = trainer.probe("augmentation", recipe)
    assert reading.plain_score == pytest.approx(1 - fit.validation_loss / fit.chance_loss, abs=0.15)
    (upside_down,) = scores(reading, "flip_vertical").values()
    assert upside_down < reading.plain_score


def test_what_was_not_trained_or_sees_no_images_cannot_be_probed():
    trainer = small_trainer(bars("multiclass"))
    assert isinstance(trainer.probe("augmentation", NET), NotMeasured)
    table = small_trainer(small_data())
    recipe = Recipe(width=4, depth=1, epochs=1, patience=0)
    table.fit(recipe, 0)
    found = table.probe("augmentation", recipe)
    assert isinstance(found, NotMeasured)
    assert "does not see the images" in found.cause
