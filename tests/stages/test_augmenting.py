"""Augmentation is probed before it is tried: what costs a trained network its labels is left out, and said."""

from __future__ import annotations

import dataclasses

import pytest
from stage_runs import effects_with, kept_by_title, run_after

from autorecipe.augmentations import LEAST_SCORE, MOST_LOST, is_rejected
from autorecipe.config import Config
from autorecipe.effects import Effects
from autorecipe.recipe import Recipe
from autorecipe.record.readings import AugmentationReading, AugmentedScore, NotMeasured
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.stages import regularize
from autorecipe.stages.augmenting import bar_augmentations
from autorecipe.testing import with_images

NET = Recipe(family="convnet", depth=3, width=16, epochs=3)
FLIPS, UPSIDE_DOWN, SHIFTS = "flips left to right", "flips upside down", "shifts up to 6 % of the side"


def reading(*, plain: float = 0.9, **scores: float | tuple[float, ...]) -> AugmentationReading:
    """What a probe found: by field, the scores of its strengths from mild to strong."""
    strengths = {
        "flip_horizontal": (0.5,),
        "flip_vertical": (0.5,),
        "translation": (0.0625, 0.125, 0.2),
        "rotation": (10.0, 20.0),
    }
    augmented = tuple(
        AugmentedScore(field=field, strength=strength, score=score)
        for field, found in scores.items()
        for strength, score in zip(strengths[field], found if isinstance(found, tuple) else (found,), strict=True)
    )
    return AugmentationReading(plain_score=plain, augmented=augmented, n_rows=384)


def effects_of(probed: AugmentationReading | NotMeasured) -> Effects:
    def score(recipe: Recipe, fold: int) -> float:  # everything helps
        changes = recipe.translation + recipe.rotation / 100 + recipe.flip_horizontal / 10 + recipe.flip_vertical / 10
        return 0.7 + 0.2 * changes + 0.001 * fold * changes

    return effects_with(score, probes={"augmentation": probed})


def images_run(effects: Effects, *, preset: str = "thorough", **options) -> Run:
    config = Config(target="bought", preset=preset)
    return with_images(run_after(effects, NET, stage="overfit", config=config, **options))


def tamed(probed: AugmentationReading | NotMeasured, **options) -> StageResult:
    effects = effects_of(probed)
    return regularize.work(images_run(effects, **options), effects)


def titles_tried(result: StageResult) -> list[str]:
    return list(kept_by_title(result))


@pytest.mark.parametrize(
    ("plain", "score", "rejected"), [(0.9, 0.71, True), (0.9, 0.73, False), (0.61, 0.4, True), (0.6, 0.1, False)]
)
def test_a_fifth_may_be_lost_by_a_network_that_knows_enough(plain, score, rejected):
    found = reading(plain=plain, flip_horizontal=score)
    assert is_rejected(found.augmented[0], found) == rejected
    assert (LEAST_SCORE, MOST_LOST) == (0.6, 0.2)


def test_what_breaks_the_labels_is_not_tried_and_said():
    result = tamed(reading(flip_horizontal=0.6, flip_vertical=0.89, translation=(0.89, 0.88, 0.87)))
    tried = titles_tried(result)
    assert FLIPS not in tried
    assert {UPSIDE_DOWN, SHIFTS} <= set(tried)
    (note,) = [note for note in result.notes if "labels" in note]
    assert note == (
        "not tried, as labels may not survive it: flips left to right (0.60); "
        "the network has accuracy 0.90 on 384 images as they are"
    )
    assert result.end.flip_horizontal == 0.0
    assert result.end.translation > 0


def test_what_is_stronger_than_something_rejected_is_not_tried_either():
    result = tamed(reading(translation=(0.89, 0.5, 0.4), rotation=(0.9, 0.9)))
    tried = titles_tried(result)
    assert SHIFTS in tried
    assert not {"shifts up to 12 % of the side", "shifts up to 20 % of the side"} & set(tried)
    assert {"rotations up to 10 degrees", "rotations up to 20 degrees"} <= set(tried)
    (note,) = [note for note in result.notes if "labels" in note]
    assert "shifts up to 12 % of the side (0.50);" in note


def test_a_network_that_has_learned_from_milder_changes_is_asked_anew():
    effects = effects_of(reading())
    before, after = reading(translation=(0.89, 0.5, 0.3)), reading(translation=(0.9, 0.88, 0.5))
    asked = []

    def probe(kind: str, recipe: Recipe) -> AugmentationReading:
        asked.append(recipe)
        return after if recipe.translation else before

    effects.trainer.probe = probe
    result = regularize.work(images_run(effects), effects)
    assert asked[0] == NET
    assert asked[1].translation == 0.0625
    assert len(asked) == len(set(asked))
    assert result.end.translation == 0.125
    (note,) = [note for note in result.notes if "labels" in note]
    assert "shifts up to 20 % of the side (0.50)" in note


def test_augmentation_comes_before_everything_else_of_its_level():
    tried = titles_tried(tamed(reading()))
    assert tried[:2] == [FLIPS, SHIFTS]
    assert tried.index(SHIFTS) < tried.index("weight decay 0.02") < tried.index("rotations up to 10 degrees")
    assert tried.index("rotations up to 10 degrees") < tried.index("CutMix 0.25") < tried.index("mixup 0.1")


def test_of_images_nothing_milder_than_the_recipe_has_is_tried():
    effects = effects_of(reading())
    started = dataclasses.replace(NET, weight_decay=0.05, translation=0.125)
    run = with_images(run_after(effects, started, stage="overfit", config=Config(target="bought", preset="thorough")))
    tried = titles_tried(regularize.work(run, effects))
    assert not {"weight decay 0.02", SHIFTS, "shifts up to 12 % of the side"} & set(tried)
    assert {"weight decay 0.1", "shifts up to 20 % of the side"} <= set(tried)


def test_published_evidence_speaks_for_the_rows_it_was_measured_on():
    result = tamed(reading(), preset="standard")
    sources = {d.change.title: d.change.source for d in result.decisions}
    assert "CIFAR" in sources[FLIPS]
    assert sources["weight decay 0.02"] == ""


def test_a_network_that_knows_too_little_bars_nothing():
    result = tamed(reading(plain=0.5, flip_horizontal=0.1))
    assert FLIPS in titles_tried(result)
    assert any("knows too little (accuracy 0.50, and a probe needs 0.6)" in note for note in result.notes)


def test_without_a_probe_each_is_tried_all_the_same():
    result = tamed(NotMeasured(cause="the network was not kept"))
    assert FLIPS in titles_tried(result)
    assert "augmentation was not probed: the network was not kept" in result.notes


def test_tables_and_interrupted_runs_are_not_probed():
    effects = effects_of(reading(flip_horizontal=0.1))
    table, images = run_after(effects, NET, stage="overfit"), images_run(effects)
    used = effects.clock.used_s
    assert bar_augmentations(NET, table, effects).titles == frozenset()
    assert bar_augmentations(Recipe(family="pretrained", backbone="small"), images, effects).titles == frozenset()
    effects.clock.stopped = True
    assert bar_augmentations(NET, images, effects).titles == frozenset()
    assert effects.clock.used_s == used
    effects.clock.stopped = False
    assert bar_augmentations(NET, images, effects).titles == {FLIPS}


def test_a_preset_is_told_of_what_it_offers_alone():
    effects = effects_of(reading(flip_horizontal=0.1, flip_vertical=0.1))
    assert bar_augmentations(NET, images_run(effects, preset="quick"), effects).titles == {FLIPS}
    assert bar_augmentations(NET, images_run(effects), effects).titles == {FLIPS, UPSIDE_DOWN}


def test_of_a_regression_the_explained_share_is_named():
    effects = effects_of(reading(flip_horizontal=0.1))
    run = images_run(effects, task="regression")
    (note,) = bar_augmentations(NET, run, effects).notes("light", given_up=frozenset())
    assert "the network has R² 0.90" in note
