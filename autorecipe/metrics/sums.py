"""Weighted sums over rows, for many weightings at once: what the metrics are made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autorecipe.metrics.metric import Array


def divide(numerator: Array, denominator: Array, *, otherwise: float = np.nan) -> Array:
    """Return the quotient, or `otherwise` where the denominator is zero."""
    quotient = np.full(np.broadcast(numerator, denominator).shape, otherwise)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient


def mean_over_rows(loss: Array, weights: Array) -> Array:
    """Return the weighted mean of a number per row.

    Parameters
    ----------
    loss : ndarray of shape (n_rows,)
    weights : ndarray of shape (n_weightings, n_rows)

    Returns
    -------
    ndarray of shape (n_weightings,)
        NaN where all weights are zero.
    """
    return divide(weights @ loss, weights.sum(axis=1))


class ClassCounts(NamedTuple):
    """Weighted rows per class, each of shape (n_weightings, n_classes)."""

    hits: Array
    true: Array
    predicted: Array


def class_counts(y: Array, labels: Array, weights: Array) -> ClassCounts:
    """Count, for each class, the rows predicted rightly, the rows that are of it and those called it.

    Parameters
    ----------
    y, labels : ndarray of shape (n_rows,), int
        True and predicted class codes.
    weights : ndarray of shape (n_weightings, n_rows)
    """
    n_classes = max(2, int(max(y.max(), labels.max())) + 1)
    true = sum_by_code(y, weights, n_classes=n_classes)
    predicted = sum_by_code(labels, weights, n_classes=n_classes)
    is_hit = y == labels
    hits = sum_by_code(y[is_hit], weights[:, is_hit], n_classes=n_classes)
    return ClassCounts(hits, true, predicted)


def sum_by_code(codes: Array, weights: Array, *, n_classes: int) -> Array:
    """Return the weight of each code, of shape (n_weightings, n_classes)."""
    rows = np.arange(len(weights))[:, None] * n_classes
    flat = np.bincount((rows + codes).ravel(), weights=weights.ravel(), minlength=len(weights) * n_classes)
    return flat.reshape(len(weights), n_classes)


def f1_per_class(counts: ClassCounts) -> Array:
    """Return 2 TP / (2 TP + FP + FN) per class: 0 for a class neither predicted nor present."""
    return divide(2 * counts.hits, counts.true + counts.predicted, otherwise=0.0)
