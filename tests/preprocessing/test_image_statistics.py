"""Means and spreads of channels, from few images and from many."""

from __future__ import annotations

import numpy as np

from autorecipe.preprocessing import image_statistics
from autorecipe.preprocessing.image_statistics import N_STATISTICS_IMAGES, channel_statistics


def images(n: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, [100, 200, 256], (n, 5, 4, 3)).astype("uint8")


def test_channels_are_measured_as_0_to_1(monkeypatch):
    monkeypatch.setattr(image_statistics, "SLICE_VALUES", 600)  # ten images at once
    pixels = images(37)
    found = channel_statistics(pixels)
    np.testing.assert_allclose(found["mean"], (pixels / 255).mean(axis=(0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found["std"], (pixels / 255).std(axis=(0, 1, 2)), rtol=1e-5)
    assert found["mean"].dtype == found["std"].dtype == np.float32


def test_of_many_images_an_even_sample_is_enough(tmp_path):
    pixels = np.lib.format.open_memmap(tmp_path / "pixels.npy", "w+", "uint8", (3 * N_STATISTICS_IMAGES, 5, 4, 3))
    pixels[:] = images(len(pixels))
    found = channel_statistics(pixels)
    np.testing.assert_allclose(found["mean"], (pixels / 255).mean(axis=(0, 1, 2)), atol=0.005)
    np.testing.assert_allclose(found["std"], (pixels / 255).std(axis=(0, 1, 2)), atol=0.005)


def test_a_channel_that_never_changes_is_not_blown_up():
    assert channel_statistics(np.full((3, 2, 2, 1), 9, "uint8"))["std"] == np.float32(1 / 255)
