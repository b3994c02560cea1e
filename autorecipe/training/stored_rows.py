"""Rows that stay where they are, in an array or a memory map, and become tensors part by part."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

# bytes of a fold's rows that are held as one tensor: with the array that it is made of, its copy on the way and
# TensorFlow itself it is some 2 GiB, half of what a small machine has; choice
MOST_IN_MEMORY = 2**29
MOST_AT_ONCE = 2**28  # bytes of the rows that become a tensor for one slice of steps; choice

Ints = NDArray[np.integer[Any]]


class StoredRows:
    """Rows of an array that are too many bytes for one tensor.

    Parameters
    ----------
    values : ndarray of shape (n, ...)
        In memory or a memory map.
    rows : ndarray of shape (n_rows,)
        Which of them, in this order.

    Attributes
    ----------
    shape : tuple of int
        (n_rows, ...).
    row_bytes : int
        Of one row.
    """

    def __init__(self, values: NDArray[Any], rows: Ints) -> None:
        self._values, self._rows = values, np.asarray(rows, "int64")
        self.shape, self.row_bytes = (len(self._rows), *values.shape[1:]), row_bytes(values)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __getitem__(self, places: slice) -> Any:
        """Return a slice of the rows as a tensor."""
        return _tensor(self._values, self._rows[places])

    def at(self, places: Ints) -> Any:
        """Return the rows at these places as a tensor, in this order."""
        return _tensor(self._values, self._rows[np.asarray(places, "int64")])


def as_tensor(values: NDArray[Any], rows: Ints, *, most_bytes: int = MOST_IN_MEMORY) -> Any:
    """Return rows of an array as one tensor, or as `StoredRows` where they are more than `most_bytes`."""
    if len(rows) * row_bytes(values) > most_bytes:
        return StoredRows(values, rows)
    return tf.constant(values[rows])


def row_bytes(values: NDArray[Any]) -> int:
    """Return how many bytes a row has."""
    return int(np.prod(values.shape[1:], dtype="int64")) * values.dtype.itemsize


def is_stored(x: Any) -> bool:
    """Tell whether some of a structure's rows are no tensors."""
    return any(isinstance(values, StoredRows) for values in tf.nest.flatten(x))


def rows_of_slice(x: Any, y: Any, weight: Any, batches: NDArray[np.int32]) -> tuple[Any, Any, Any, NDArray[np.int32]]:
    """Return the rows that batches name as tensors, and the batches with the rows' new places.

    Where all rows are tensors already they are returned as they are.

    Parameters
    ----------
    x, y : tensor, StoredRows or nested structure of them
    weight : tensor of shape (n_rows,)
    batches : ndarray of shape (n_steps, batch_size)
        Places of rows, -1 - place where a row counts nothing.
    """
    if not is_stored((x, y)):
        return x, y, weight, batches
    places = np.where(batches < 0, -1 - batches, batches)
    needed, own = np.unique(places, return_inverse=True)
    own = own.reshape(places.shape)
    x, y, weight = tf.nest.map_structure(lambda values: taken(values, needed), (x, y, weight))
    return x, y, weight, np.where(batches < 0, -1 - own, own).astype("int32")


def taken(values: Any, places: Ints) -> Any:
    """Return the rows at these places as a tensor, of a tensor or of stored rows."""
    return values.at(places) if isinstance(values, StoredRows) else tf.gather(values, np.asarray(places, "int32"))


def most_steps(x: Any, batch_size: int) -> int:
    """Return how many steps a slice may have, so that the rows that it needs have room; many where all are tensors.

    Parameters
    ----------
    x : tensor, StoredRows or nested structure of them
    """
    step_bytes = batch_size * sum(v.row_bytes for v in tf.nest.flatten(x) if isinstance(v, StoredRows))
    return max(1, MOST_AT_ONCE // step_bytes) if step_bytes else int(np.iinfo("int32").max)


def _tensor(values: NDArray[Any], rows: Ints) -> Any:
    order = np.argsort(rows, kind="stable")  # a memory map is read fastest from front to back
    found = np.empty((len(rows), *values.shape[1:]), values.dtype)
    found[order] = values[rows[order]]
    return tf.constant(found)
