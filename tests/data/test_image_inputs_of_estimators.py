"""What an estimator makes of images and of what it is told about them."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from image_samples import folder, names_of, png

from autorecipe import AutoRecipe
from autorecipe.errors import UserError
from autorecipe.estimator_inputs import config_of, with_columns
from autorecipe.image_inputs import are_images, image_rows, with_frame
from autorecipe.intake import take_in

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 6, 6), dtype=np.uint8)


def taken(X, y=None, groups=None, **params):
    config = config_of(AutoRecipe(**params).get_params(deep=False), "")
    table, config = with_columns(X, {"target": y, "groups": groups, "sample_weight": None}, config, target="")
    return take_in(table, config)


def test_arrays_of_images_stand_beside_their_labels():
    intake = taken(PIXELS, np.array(["a", "b"] * 6))
    assert (intake.schema.modality, intake.schema.classes, intake.schema.target) == ("image", ("a", "b"), "target")
    np.testing.assert_array_equal(intake.images.source.pixels[..., 0], PIXELS)
    assert intake.frame["image"][11] == "X[11]"


def test_groups_of_images_stay_on_one_side():
    groups = np.repeat(np.arange(6), 2)
    split = taken(PIXELS, np.arange(12) % 2, groups).split
    assert all(not set(groups[fold.train]) & set(groups[fold.validation]) for fold in split.folds)


def test_a_folder_is_read_as_the_command_reads_it(tmp_path):
    root = folder(tmp_path / "pets", names_of("cat", "dog", n=6))
    intake = taken(root)
    assert (intake.data.name, intake.data.path, intake.schema.target) == ("pets", str(root), "label")
    assert intake.data.fingerprint == take_in(str(root), config_of(AutoRecipe().get_params(), "")).data.fingerprint


def test_what_is_said_about_images_is_asked_for():
    config = config_of(AutoRecipe(image_side=64, offline=True).get_params(deep=False), "")
    assert (config.image_side, config.offline, config.weights) == (64, True, "")


@pytest.mark.parametrize("side", ["abc", 7, 5_000, 64.5])
def test_a_side_that_is_none_is_refused(side):
    with pytest.raises(UserError, match=r"image_side=.* is no whole number from 8 to 1,024"):
        config_of(AutoRecipe(image_side=side).get_params(deep=False), "")


def test_weights_that_are_not_there_are_refused():
    with pytest.raises(UserError, match=r"there is no file 'no\.h5'\nwhere: weights"):
        config_of(AutoRecipe(weights="no.h5").get_params(deep=False), "")


def test_columns_of_numbers_are_no_images():
    assert not are_images(np.zeros((4, 3)))
    assert not are_images(["red", "green"])
    assert not are_images(pd.DataFrame({"image": ["a.jpg"]}))
    assert are_images(np.zeros((4, 3, 3)))
    assert are_images(["a/b.JPG"])


def test_the_fingerprint_of_images_covers_their_labels():
    images = image_rows(np.arange(5 * 4 * 4, dtype="uint8").reshape(5, 4, 4))
    marks = [with_frame(images, images.frame.assign(target=y)).fingerprint for y in ([0, 1, 0, 1, 0], [0, 1, 0, 1, 1])]
    assert len({*marks, images.fingerprint}) == 3


def test_paths_that_are_not_utf8_are_shown_with_a_mark(tmp_path):
    for seed, name in enumerate((b"caf\xe9.png", b"tea.png")):
        (tmp_path / os.fsdecode(name)).write_bytes(png(seed))
    intake = taken([str(path) for path in sorted(tmp_path.iterdir())] * 4, np.tile(["a", "b"], 4))
    assert intake.frame["image"].tolist()[:2] == [f"{tmp_path}/caf\ufffd.png", f"{tmp_path}/tea.png"]
    assert intake.images.source.read(0) == png(0)
