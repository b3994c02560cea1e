"""Do probabilities say what happens? The reliability curve, with the expected calibration error."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from autorecipe.metrics import ece
from autorecipe.metrics.metric import Array
from autorecipe.metrics.sums import divide
from autorecipe.record.evaluation import Calibration, CalibrationBin, Score

NORMAL_95 = 1.959964  # standard errors on either side that hold 95 % of a normal distribution


def calibration(
    y: ArrayLike, probabilities: ArrayLike, *, weight: ArrayLike | None = None, scores: Iterable[Score] = ()
) -> Calibration | None:
    """Return the reliability curve of probabilities and their expected calibration error; None without rows.

    Nor is there one of rows of one class: they were chosen by what is predicted, so no share of them tells anything.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Class codes.
    probabilities : array-like of shape (n_rows, n_classes)
        Two columns: of the positive class. More: of the most likely one.
    weight : array-like of shape (n_rows,), optional
        Row weights >= 0.
    scores : iterable of Score
        Of the same rows: the error's interval is taken from the one called "ece".

    References
    ----------
    The curve: DeGroot and Fienberg (1983), The Statistician 32. Its intervals: `wilson_interval`.
    """
    true, shares = ece.METRIC.as_arrays(y, probabilities)
    weights = np.ones(len(true)) if weight is None else np.asarray(weight, dtype=np.float64)
    if weights.sum() <= 0 or not ece.METRIC.is_defined(true):
        return None
    confidence, happened = ece.confidences(true, shares)
    bins = ece.equal_mass_bins(confidence)
    score = next((s for s in scores if s.metric == ece.METRIC.name), None)
    return Calibration(
        ece=ece.METRIC.compute(true, shares, weights),
        low=score.low if score else None,
        high=score.high if score else None,
        chance=ece.error_of_chance(true, shares, weights),
        bins=_curve(confidence, happened, bins, weights),
    )


def wilson_interval(share: float, n: float) -> tuple[float, float]:
    """Return the 95 % interval of a share that was seen on `n` rows.

    References
    ----------
    Wilson (1927), Probable inference, JASA 22; recommended by Brown, Cai and DasGupta (2001), Statistical Science 16.

    >>> [round(end, 3) for end in wilson_interval(0.0, 10)]
    [0.0, 0.278]
    """
    square = NORMAL_95**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = NORMAL_95 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _curve(confidence: Array, happened: Array, bins: Array, weight: Array) -> tuple[CalibrationBin, ...]:
    total, counted = np.bincount(bins, weights=weight), np.bincount(bins)
    predicted, observed = (np.bincount(bins, weights=weight * v) for v in (confidence, happened))
    # weighted rows tell as much as so many equal ones: Kish (1965), Survey sampling
    n_equal = divide(total**2, np.bincount(bins, weights=weight**2), otherwise=0.0)
    found = []
    for i in np.flatnonzero(total > 0):
        share = float(min(observed[i] / total[i], 1.0))
        low, high = wilson_interval(share, float(n_equal[i]))
        mean = float(predicted[i] / total[i])
        found.append(CalibrationBin(predicted=mean, observed=share, n_rows=int(counted[i]), low=low, high=high))
    return tuple(found)
