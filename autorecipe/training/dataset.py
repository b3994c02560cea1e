"""Encoded rows with their target and split: what the training side holds and stages never see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.config import Task
from autorecipe.data.split import Fold, Split
from autorecipe.preprocessing.spec import Layout
from autorecipe.training.shape import MAX_CANDIDATES, Shape

BINARY = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """All rows after Encode, in the order of the table.

    Attributes
    ----------
    x : dict of ndarray
        "numbers" (n_rows, p) float32 with NaN, "codes" (n_rows, q) int32, "tokens_<i>" (n_rows, length) int32; of
        images "pixels" (n_rows, height, width, channels) uint8, in memory or a memory map.
    y : ndarray of shape (n_rows,)
        Class codes int32, or the raw target float64.
    weight : ndarray of shape (n_rows,), float32
    """

    x: dict[str, NDArray[np.generic]]
    y: NDArray[np.generic]
    weight: NDArray[np.float32]
    split: Split
    layout: Layout
    task: Task
    n_classes: int
    fingerprint: str

    @property
    def n_outputs(self) -> int:
        """1 for regression and for two classes, else the number of classes."""
        return 1 if self.task == "regression" or self.n_classes == BINARY else self.n_classes

    def take(self, rows: NDArray[np.int64]) -> dict[str, NDArray[np.generic]]:
        """Return the encoded rows at these positions."""
        return {name: values[rows] for name, values in self.x.items()}

    def fold(self, index: int) -> Fold:
        """Return a fold by its number.

        0 .. k - 1 are the split's folds. With one split, 1 .. b are the bag's folds of all non-test rows; with
        folds, k .. 2 k - 1 are the ones drawn anew.
        """
        further = self.split.bag if self.split.scheme == "holdout" else self.split.fresh
        return (*self.split.folds, *further)[index]


def shape_of(data: Dataset) -> Shape:
    """Return the shape that networks for this dataset have.

    Which numbers have missing cells is read from all rows that are not locked away, so that every fold has the
    same shape; it uses no label.
    """
    seen = data.split.non_test
    numbers = data.x.get("numbers")
    missing = () if numbers is None else tuple(np.flatnonzero(np.isnan(numbers[seen]).any(axis=0)).tolist())
    folds = (*data.split.folds, *data.split.bag, *data.split.fresh)
    tokens = sorted((name for name in data.x if name.startswith("tokens_")), key=lambda n: int(n.split("_")[1]))
    return Shape(
        n_numbers=0 if numbers is None else numbers.shape[1],
        with_missing=missing,
        code_sizes=tuple(data.layout.code_sizes),
        token_sizes=tuple(data.layout.token_sizes),
        token_lengths=tuple(int(data.x[name].shape[1]) for name in tokens),
        task=data.task,
        n_outputs=data.n_outputs,
        n_most_train_rows=min(max(len(fold.train) for fold in folds), MAX_CANDIDATES),
        image=tuple(data.x["pixels"].shape[1:]) if "pixels" in data.x else (),
    )
