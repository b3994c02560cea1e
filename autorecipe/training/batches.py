"""Rows in batches of one size, and how many of them are taken in one call."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

SLICE_S = 0.5  # seconds between looks at the deadline: a running graph cannot be interrupted
SHORTEST_S = 1e-4  # seconds that a clock can tell from none
FIRST_SLICE_STEPS = 16  # steps of the first slice, from which the next ones' length is measured


def next_slice_steps(n_steps: int, seconds: float) -> int:
    """Return how many steps to take in the next call, so that it ends after about half a second.

    >>> next_slice_steps(16, 0.1)
    80
    """
    return max(1, int(n_steps * SLICE_S / max(seconds, SHORTEST_S)))


def in_batches(order: NDArray[np.integer[Any]], batch_size: int) -> NDArray[np.int32]:
    """Lay an order of rows out as batches of one size, so that compiled steps have static shapes.

    The last batch is filled up with the first rows of the order; they are written as -1 - place, and count nothing.

    >>> in_batches(np.array([2, 0, 1]), 2).tolist()
    [[2, 0], [1, -3]]
    """
    n_missing = -len(order) % batch_size
    return np.concatenate([order, -1 - np.resize(order, n_missing)]).reshape(-1, batch_size).astype("int32")


def gathered(data: tuple[Any, Any, Any], batches: Any) -> tuple[Any, Any, Any]:
    """Return x, y and weight of batches of any shape, the rows that fill a batch up with weight 0."""
    x, y, weight = data
    places = tf.where(batches < 0, -1 - batches, batches)
    x, y = tf.nest.map_structure(lambda values: tf.gather(values, places), (x, y))
    return x, y, tf.gather(weight, places) * tf.cast(batches >= 0, tf.float32)
