"""The rows of a fold as training takes them, and how many of them are looked at where a row is an image."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.training.dataset import Dataset
from autorecipe.training.fit_keys import evenly
from autorecipe.training.loop import Rows
from autorecipe.training.stored_rows import as_tensor, row_bytes, taken
from autorecipe.training.target import TargetScale, to_learn

PIXELS = "pixels"
N_SCORED_TRAIN_ROWS = 10_000  # training rows that the training score is measured on
N_SCORED_IMAGES = 2_000  # likewise; an error of one point of accuracy at 80 %, for less than an epoch's passes; choice
# images that probes train on and are judged by: some sixteen batches, and errors of an accuracy of two points
N_PROBED_IMAGES = 512
MOST_PROBED_BYTES = 2**27  # of large images fewer; choice
# images whose statistics and patches first weights are made of: Keller Jordan's airbench takes the patches of 5,000
N_KNOWN_IMAGES = 5_000
MOST_KNOWN_BYTES = 2**28  # of large images fewer; choice

Ints = NDArray[np.int64]


def rows_of(data: Dataset, rows: Ints, scale: TargetScale) -> Rows:
    """Return rows with what a network learns of them, as tensors, or as `StoredRows` where they are too many bytes."""
    y = to_learn(data.y[rows], scale, data.task)
    return Rows(x=tensors_of(data, rows), y=tf.constant(y), weight=tf.constant(data.weight[rows]))


def tensors_of(data: Dataset, rows: Ints) -> dict[str, Any]:
    """Return the encoded rows by name; likewise."""
    return {name: as_tensor(values, rows) for name, values in data.x.items()}


def sampled(rows: Rows, at_most: int | None) -> Rows:
    """Return at most so many rows as tensors, evenly spaced; all of them, as they are, for None."""
    if at_most is None:
        return rows
    places = evenly(np.arange(rows.n_rows), at_most)
    x, y, weight = tf.nest.map_structure(lambda values: taken(values, places), (rows.x, rows.y, rows.weight))
    return Rows(x=x, y=y, weight=weight)


def n_scored(data: Dataset) -> int:
    """Return on how many training rows the training score is measured."""
    return N_SCORED_IMAGES if PIXELS in data.x else N_SCORED_TRAIN_ROWS


def n_probed(data: Dataset) -> int | None:
    """Return how many rows probes work with; None for all of a table's."""
    return _most(data, N_PROBED_IMAGES, MOST_PROBED_BYTES) if PIXELS in data.x else None


def known_rows(data: Dataset, rows: Ints) -> dict[str, NDArray[np.generic]]:
    """Return the encoded training rows that statistics and first weights are made of: all of a table's."""
    if PIXELS in data.x:
        rows = evenly(rows, _most(data, N_KNOWN_IMAGES, MOST_KNOWN_BYTES))
    return data.take(rows)


def _most(data: Dataset, n_images: int, n_bytes: int) -> int:
    return max(1, min(n_images, n_bytes // row_bytes(data.x[PIXELS])))
