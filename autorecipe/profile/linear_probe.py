"""What a linear model on cheap descriptions says of images that it has not learned from.

Ridge regression on the marks of the classes (regularized least squares, one class against the rest: Rifkin and Klautau
2004) has a closed form: the folds share their sums, so that five models cost little more than one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RIDGES = (0.01, 0.1, 1.0, 10.0)  # penalty per image, columns standardized; the best on the first fold is taken
MIN_DEVIATION = 1e-4  # of a column, below which it says nothing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def out_of_fold_scores(features: NDArray[np.float32], labels: Ints, folds: Ints, n_classes: int) -> Floats:
    """Score each image for each class by a linear model of the other folds.

    Parameters
    ----------
    features : float32 ndarray, shape (n, n_features)
    labels : int64 ndarray, shape (n,)
        From 0 to n_classes - 1.
    folds : int64 ndarray, shape (n,)
        Fold of each image.

    Returns
    -------
    ndarray of float64, shape (n, n_classes)
        About 1 for the class that an image belongs to, and 0 for the others.
    """
    x = _standardized(features)
    marks = np.eye(n_classes, dtype=np.float32)[labels]
    parts = [np.flatnonzero(folds == fold) for fold in np.unique(folds)]
    squares = [x[part].T @ x[part] for part in parts]
    products = [x[part].T @ marks[part] for part in parts]
    square, product = sum(squares[1:], squares[0]), sum(products[1:], products[0])
    scores = np.empty((len(x), n_classes), dtype=np.float64)
    ridge = 0.0
    for number, part in enumerate(parts):
        system = (square - squares[number]).astype(np.float64)
        wanted = (product - products[number]).astype(np.float64)
        n_learned = max(len(x) - len(part), 1)
        if number == 0:
            tried = {r: x[part] @ _solve(system, wanted, r * n_learned) for r in RIDGES}
            ridge = min(tried, key=lambda r: float(((tried[r] - marks[part]) ** 2).mean()))
            scores[part] = tried[ridge]
        else:
            scores[part] = x[part] @ _solve(system, wanted, ridge * n_learned)
    return scores


def _solve(system: Floats, wanted: Floats, penalty: float) -> Floats:
    from scipy.linalg import solve

    penalized = system.copy()
    penalized[np.diag_indices_from(penalized)] += penalty
    return np.asarray(solve(penalized, wanted, assume_a="pos"))


def auc(scores: Floats, is_label: NDArray[np.bool_]) -> float:
    """Return the share of pairs, one image with the label and one without, that the scores rank rightly.

    Parameters
    ----------
    scores : float ndarray, shape (n,)
    is_label : bool ndarray, shape (n,)
        Some True and some False.

    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75
    """
    rank = np.unique(scores, return_inverse=True)[1].reshape(-1)
    ours, rest = (np.bincount(rank[part], minlength=rank.max() + 1) for part in (is_label, ~is_label))
    below = np.cumsum(rest) - 0.5 * rest
    return float(ours @ below / (ours.sum() * rest.sum()))


def _standardized(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return columns of mean 0 and deviation 1, and a column of ones."""
    mean, deviation = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    useful = deviation > MIN_DEVIATION
    scaled = (features[:, useful] - mean[useful].astype(np.float32)) / deviation[useful].astype(np.float32)
    return np.concatenate([scaled, np.ones((len(features), 1), dtype=np.float32)], axis=1)
