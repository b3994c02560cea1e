"""Areas under curves of a ranking, ties included, for many weightings at once."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array
from autorecipe.metrics.sums import divide


def roc_area(positive: Array, score: Array, weights: Array) -> Array:
    """Return the share of (positive, negative) pairs ranked rightly, a tie counting half.

    Parameters
    ----------
    positive : ndarray of shape (n_rows,), bool
    score : ndarray of shape (n_rows,)
        Larger means more likely positive.
    weights : ndarray of shape (n_weightings, n_rows)

    Returns
    -------
    ndarray of shape (n_weightings,)
        NaN where one side has no weight.

    References
    ----------
    The Mann-Whitney statistic; equals the trapezoidal area under the ROC curve (Hanley and McNeil 1982).
    """
    up, down = _weight_per_score(positive, score, weights)
    below = np.cumsum(down, axis=1)
    pairs = up.sum(axis=1) * below[:, -1]
    below -= 0.5 * down
    return divide(np.einsum("ij,ij->i", up, below), pairs)


def average_precision(positive: Array, score: Array, weights: Array) -> Array:
    """Return the precision averaged over the steps of recall: sum of (R_k - R_(k-1)) P_k.

    Parameters
    ----------
    positive : ndarray of shape (n_rows,), bool
    score : ndarray of shape (n_rows,)
    weights : ndarray of shape (n_weightings, n_rows)

    Returns
    -------
    ndarray of shape (n_weightings,)
        NaN where no positive row has weight.

    References
    ----------
    The step-wise sum of `sklearn.metrics.average_precision_score`; no interpolation, which flatters
    (Davis and Goadrich 2006).
    """
    up, down = _weight_per_score(positive, -score, weights)
    found = np.cumsum(up, axis=1)
    called = found + np.cumsum(down, axis=1)
    precision = divide(found, called, otherwise=0.0)
    return divide(np.einsum("ij,ij->i", up, precision), found[:, -1])


def counts_from_the_top(positive: Array, score: Array, weight: Array) -> tuple[Array, Array]:
    """Return the weight of positive and of negative rows at or above each distinct score, the highest score first.

    Parameters
    ----------
    positive : ndarray of shape (n_rows,), bool
    score, weight : ndarray of shape (n_rows,)

    Returns
    -------
    found, wrong : ndarray of shape (n_distinct,), float64
    """
    up, down = _weight_per_score(positive, -score, weight[None, :])
    return np.cumsum(up[0]), np.cumsum(down[0])


def _weight_per_score(positive: Array, score: Array, weights: Array) -> tuple[Array, Array]:
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    is_positive = positive[order]
    weights = weights[:, order]
    up, down = weights * is_positive, weights * ~is_positive
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    if len(starts) == len(ranked):
        return up, down
    return np.add.reduceat(up, starts, axis=1), np.add.reduceat(down, starts, axis=1)
