"""Expected calibration error: how far probabilities lie from what happens, in bins of equally many rows."""

from __future__ import annotations

import math

import numpy as np

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.sums import divide, sum_by_code

N_BINS = 15  # Guo et al. (2017), On calibration of modern neural networks, arXiv 1706.04599
MIN_BIN_ROWS = 10  # rows; a share of fewer has a standard error above 0.15 in the middle; choice


def confidences(y: Array, probabilities: Array) -> tuple[Array, Array]:
    """Return, per row, a probability and whether what it speaks of happened.

    With two classes it is the positive one's probability, with more that of the most likely class (top label).

    Parameters
    ----------
    y : ndarray of shape (n_rows,), int
    probabilities : ndarray of shape (n_rows, n_classes)

    Returns
    -------
    confidence : ndarray of shape (n_rows,), float64
    happened : ndarray of shape (n_rows,), bool
    """
    if probabilities.shape[1] == 2:
        return probabilities[:, 1], y == 1
    top = probabilities.argmax(axis=1)
    return probabilities[np.arange(len(y)), top], y == top


def equal_mass_bins(confidence: Array) -> Array:
    """Return the bin of each row, (n_rows,) int64 from 0: 15 bins of equally many rows, fewer below 150 rows.

    Rows with the same probability share a bin, so the order of rows does not matter and bins may be uneven.

    References
    ----------
    Equal mass instead of equal width: Nixon et al. (2019), Measuring calibration in deep learning, arXiv 1904.01685.
    """
    n_bins = int(np.clip(len(confidence) // MIN_BIN_ROWS, 1, N_BINS))
    edges = np.quantile(confidence, np.arange(1, n_bins) / n_bins)
    codes = np.searchsorted(edges, confidence, side="right")
    bins: Array = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    return bins


def error_of_chance(y: Array, probabilities: Array, weight: Array) -> float:
    """Return about what the error of probabilities that are exactly right would be on as many rows.

    A bin's gap is then normal around zero, and its mean size sqrt(2 / pi) of its standard deviation. Noise raises the
    error of no probabilities by more.

    Parameters
    ----------
    y : ndarray of shape (n_rows,), int
    probabilities : ndarray of shape (n_rows, n_classes)
    weight : ndarray of shape (n_rows,)
    """
    confidence, _ = confidences(y, probabilities)
    variance = np.bincount(equal_mass_bins(confidence), weights=weight**2 * confidence * (1 - confidence))
    return float(math.sqrt(2 / math.pi) * np.sqrt(np.maximum(variance, 0.0)).sum() / weight.sum())


def _score_many(y: Array, probabilities: Array, weights: Array) -> Array:
    confidence, happened = confidences(y, probabilities)
    bins = equal_mass_bins(confidence)
    gaps = sum_by_code(bins, weights * (confidence - happened), n_classes=int(bins.max()) + 1)
    return divide(np.abs(gaps).sum(axis=1), weights.sum(axis=1))


METRIC = Metric(
    name="ece",
    title="calibration error",
    tasks=("binary", "multiclass"),
    direction="min",
    is_defined=varies,  # rows of one class were chosen by what is predicted
    is_smooth=False,  # it sees bins, and is best for a model that says the prior of every row: it decides nothing
    needs="probabilities",
    meaning="how far a probability lies from the share of rows it comes true for, on average",
    saying="its probabilities are off by {points} percentage points on average",
    score_many=_score_many,
    inflation=error_of_chance,
)
