"""How well a linear model tells marked rows from the others, out of fold, and how well by chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

N_FOLDS = 5
RIDGE = 0.1  # penalty per row on standardized columns: choice, between the 0.01 and 1 that linear probes try
N_LEVELS = 10  # most frequent ones that get a mark of their own
MIN_LEVEL_SHARE = 0.01  # of the rows
N_DEVIATIONS = 3.0  # normal scores are cut there

Floats = NDArray[np.float64]
Described = NDArray[np.float32]


def describe_numbers(numbers: Floats) -> Described:
    """Return the normal score of each number's rank, its square, and a mark where it is missing.

    Parameters
    ----------
    numbers : float ndarray, shape (n,)

    Returns
    -------
    float32 ndarray, shape (n, 3)
        0 where the number is missing.
    """
    from scipy.special import ndtri

    known = np.isfinite(numbers)
    described = np.zeros((len(numbers), 3), dtype=np.float32)
    values, place, counts = np.unique(numbers[known], return_inverse=True, return_counts=True)
    if len(values) > 1:
        middle = (np.cumsum(counts) - counts / 2) / counts.sum()
        score = np.clip(ndtri(middle), -N_DEVIATIONS, N_DEVIATIONS)[place]
        described[known, 0] = score
        described[known, 1] = score**2 - float((score**2).mean())
    described[:, 2] = ~known
    return described


def describe_levels(levels: NDArray[np.object_]) -> Described:
    """Return a mark for each of the most frequent levels, shape (n, n_marked); "" (missing) is a level.

    Parameters
    ----------
    levels : object ndarray of str, shape (n,)
    """
    import pandas as pd

    codes = pd.factorize(levels)[0]
    counts = np.bincount(codes)
    marked = np.argsort(-counts, kind="stable")[:N_LEVELS]
    marked = marked[counts[marked] >= MIN_LEVEL_SHARE * len(levels)]
    return np.asarray(codes[:, None] == marked, dtype=np.float32)


def permuted_aucs(features: Described, marked: NDArray[np.bool_], *, n_permutations: int, seed: int) -> Floats:
    """Return the out-of-fold ROC AUC of ridge regression on the marks, and on permutations of them.

    The folds' sums of squares are the same whatever is marked, so that all permutations are solved at once.

    Parameters
    ----------
    features : float32 ndarray, shape (n, n_features)
    marked : bool ndarray, shape (n,)
        Some True and some False.

    Returns
    -------
    float ndarray, shape (1 + n_permutations,)
        The first is that of `marked` itself.
    """
    from scipy.linalg import solve

    from autorecipe.profile.linear_probe import auc

    random = np.random.default_rng(seed)
    permuted = [random.permutation(marked) for _ in range(n_permutations)]
    marks = np.stack([marked, *permuted], axis=1).astype(np.float32)
    x = _standardized(features)
    folds = random.permutation(len(x)) % N_FOLDS
    square, product = x.T @ x, x.T @ marks
    scores = np.empty(marks.shape)
    for fold in range(N_FOLDS):
        part = folds == fold
        system = (square - x[part].T @ x[part]).astype(np.float64)
        system[np.diag_indices_from(system)] += RIDGE * (~part).sum()
        weights = solve(system, (product - x[part].T @ marks[part]).astype(np.float64), assume_a="pos")
        scores[part] = x[part] @ weights.astype(np.float32)
    return np.array([auc(scores[:, i], marks[:, i] > 0) for i in range(marks.shape[1])])


def _standardized(features: Described) -> Described:
    deviation = features.std(axis=0)
    useful = deviation > 0
    scaled = (features[:, useful] - features[:, useful].mean(axis=0)) / deviation[useful]
    return np.concatenate([scaled, np.ones((len(features), 1), dtype=np.float32)], axis=1)
