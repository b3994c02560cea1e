"""A folder of images becomes the pixels that networks are trained on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autorecipe.beginning import begin
from autorecipe.config import Config
from autorecipe.intake import Intake, take_in
from autorecipe.preprocessing.image_spec import ImageSpec
from autorecipe.record.run import Run
from autorecipe.testing.runs import with_images

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from autorecipe.layers.normalize_images import NormalizeImages  # noqa: E402  TensorFlow may be absent
from autorecipe.preprocessing import image_arrays  # noqa: E402
from autorecipe.recipe import Recipe  # noqa: E402
from autorecipe.training.dataset import Dataset, shape_of  # noqa: E402
from autorecipe.training.prefix import set_prefix  # noqa: E402
from autorecipe.training.prepare import prepare_dataset  # noqa: E402

SIDE, N_EACH = 12, 20


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    """40 grey images of noise, of two brightnesses and two classes."""
    root, rng = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for label, base in (("dark", 0), ("light", 150)):
        (root / label).mkdir()
        for i in range(N_EACH):
            noise = rng.integers(base, base + 100, (SIDE, SIDE)).astype("uint8")
            Image.fromarray(noise).save(root / label / f"{i:02d}.png")
    return root


@pytest.fixture(scope="module")
def taken(photos) -> tuple[Intake, Run]:
    config = Config()
    intake = take_in(str(photos), config)
    return intake, begin(intake, config)


@pytest.fixture(scope="module")
def prepared(taken) -> tuple[Dataset, ImageSpec]:
    return prepare_dataset(*taken)


def test_pixels_are_those_of_the_rows_in_their_order(taken, prepared, photos):
    (intake, _), (data, spec) = taken, prepared
    assert (spec.shape, spec.fit) == ((SIDE, SIDE, 1), "stretch")  # without a profile it is chosen here
    assert data.x["pixels"].shape == (2 * N_EACH, SIDE, SIDE, 1)
    assert data.x["pixels"].dtype == np.uint8
    for row in (0, 17, 39):
        image = np.asarray(Image.open(photos / intake.frame["image"].iloc[row]))
        np.testing.assert_array_equal(data.x["pixels"][row, ..., 0], image)
    assert (data.y == (data.x["pixels"].mean(axis=(1, 2, 3)) > 100)).all()
    assert shape_of(data).image == (SIDE, SIDE, 1)


def test_the_profiles_choice_is_taken_and_is_part_of_the_fingerprint(taken, prepared):
    (intake, run), (first, _) = taken, prepared
    profiled = with_images(run, side=8, n_channels=3)
    other, spec = prepare_dataset(intake, dataclasses.replace(profiled, schema=run.schema))
    assert spec == ImageSpec(height=8, width=8, channels=3)
    assert other.x["pixels"].shape[1:] == (8, 8, 3)
    assert other.fingerprint != first.fingerprint


def test_many_pixels_are_kept_below_the_run_and_found_again(taken, prepared, tmp_path, monkeypatch):
    monkeypatch.setattr(image_arrays, "IN_MEMORY_BYTES", 0)
    intake, run = taken
    data, _ = prepare_dataset(intake, run, folder=tmp_path / "arrays")
    (kept,) = (tmp_path / "arrays").iterdir()
    monkeypatch.setattr(image_arrays, "_fill", lambda *a: pytest.fail("decoded twice"))
    again, _ = prepare_dataset(intake, run, folder=tmp_path / "arrays")
    assert isinstance(data.x["pixels"], np.memmap)
    assert kept.suffix == ".npy"
    assert again.fingerprint == data.fingerprint == prepared[0].fingerprint
    np.testing.assert_array_equal(again.x["pixels"], prepared[0].x["pixels"])


def test_the_normalization_is_that_of_the_training_rows(prepared):
    data, spec = prepared
    rows = np.flatnonzero(data.y == 0)
    inputs = keras.Input(spec.shape, dtype="uint8", name="pixels")
    network = keras.Model(inputs, NormalizeImages(name="normalize")(inputs))
    set_prefix(network, Recipe(), data.take(rows), idf=())
    normalized = np.asarray(network(data.x["pixels"][rows]))
    assert normalized.mean() == pytest.approx(0, abs=1e-3)
    assert normalized.std() == pytest.approx(1, abs=1e-3)
    assert np.asarray(network(data.x["pixels"][data.y == 1])).mean() > 3
