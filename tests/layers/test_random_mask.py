"""Masks drawn by a hash are as random as a mask has to be."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from autorecipe.layers.random_mask import random_mask  # noqa: E402  TensorFlow may be absent

ROWS = np.zeros((400, 250), "float32")


def masks(n: int, *, seed: int = 0, rate: float = 0.3) -> list[np.ndarray]:
    generator = keras.random.SeedGenerator(seed)
    return [keras.ops.convert_to_numpy(random_mask(ROWS, rate, generator)) for _ in range(n)]


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.95])
def test_a_mask_drops_its_share(rate):
    (mask,) = masks(1, rate=rate)
    assert (~mask).mean() == pytest.approx(rate, abs=0.006)  # four standard errors of 100,000 draws


def test_rows_and_columns_are_dropped_alike():
    (mask,) = masks(1)
    assert mask.mean(axis=0) == pytest.approx(np.full(250, 0.7), abs=0.12)  # five standard errors of 400
    assert mask.mean(axis=1) == pytest.approx(np.full(400, 0.7), abs=0.15)


def test_the_next_mask_is_unlike_the_last():
    first, second = (mask.ravel() - 0.7 for mask in masks(2))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.016  # five standard errors


@pytest.mark.parametrize("shift", [1, 2, 250, 1000])
def test_an_element_says_nothing_of_its_neighbours(shift):
    (mask,) = masks(1)
    flat = mask.ravel().astype(float)
    assert abs(np.corrcoef(flat[shift:], flat[:-shift])[0, 1]) < 0.016


def test_a_seed_repeats_its_masks_and_another_does_not():
    assert all((a == b).all() for a, b in zip(masks(3), masks(3), strict=True))
    assert (masks(1)[0] != masks(1, seed=1)[0]).mean() == pytest.approx(0.42, abs=0.01)
