"""Rows that are equal in every feature and differ in the target, and the loss that they make unavoidable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conflicts:
    """Equal rows with different targets.

    Attributes
    ----------
    conflicting : bool ndarray, shape (n_rows,)
        Rows that have such a twin.
    floor : float
        The smallest mean loss on the training rows: log loss in nats, or the mean squared error of the
        standardized target.
    best_accuracy : float
        The largest accuracy on the training rows; 1 for a regression.
    n_distinct : int
        Distinct rows, the target not looked at.
    """

    conflicting: NDArray[np.bool_]
    floor: float
    best_accuracy: float
    n_distinct: int


def find_conflicts(
    row_hashes: NDArray[np.uint64], target: NDArray[np.int64] | NDArray[np.float64], *, is_regression: bool
) -> Conflicts:
    """Group equal rows and compare their targets.

    Parameters
    ----------
    row_hashes : uint64 ndarray, shape (n_rows,)
        Equal for rows that are equal in every feature.
    target : ndarray, shape (n_rows,)
        Class numbers, or the numbers to predict.
    """
    twin = np.unique(row_hashes, return_inverse=True)[1]
    value = np.unique(target, return_inverse=True)[1]
    n_values = int(value.max(initial=0)) + 1
    pairs, cell, sizes = np.unique(twin * n_values + value, return_inverse=True, return_counts=True)
    owner, group_rows = pairs // n_values, np.bincount(twin)
    conflicting = np.bincount(owner)[twin] > 1
    if is_regression:
        means = (np.bincount(twin, weights=target) / group_rows)[twin]
        variance = float(np.var(target))
        residual = np.where(conflicting, target - means, 0.0)
        floor = float(np.mean(residual**2) / variance) if variance > 0 else 0.0
        best = 1.0
    else:
        floor = abs(float(np.mean(np.log(sizes[cell] / group_rows[twin]))))
        largest = np.zeros(len(group_rows), dtype=np.int64)
        np.maximum.at(largest, owner, sizes)
        best = float(largest.sum() / len(target))
    return Conflicts(conflicting=conflicting, floor=floor, best_accuracy=best, n_distinct=len(group_rows))
