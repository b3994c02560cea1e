"""Statistics of a member's prefix, fitted on a fold's training rows and set as weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float32]

MIN_ROWS_PER_QUANTILE = 10  # a knot for fewer rows would follow noise
HIGHEST_SCORE = 3.0  # normal scores are cut at this many standard deviations
LARGEST_INVERSE = float(np.finfo("float32").max)  # of a width; infinity would make a number at its edge NaN


def robust_scale(numbers: FloatArray) -> dict[str, FloatArray]:
    """Return `center` and `inverse_spread` of each column.

    Parameters
    ----------
    numbers : ndarray of shape (n_rows, n_columns), float32
        May hold NaN.

    Notes
    -----
    inverse spread = 1 / (q75 - q25); where the quartiles meet 2 / (max - min); 0 for a constant column
    (arXiv 2407.04491, section 3).
    """
    center = _columnwise(np.nanmedian, numbers)
    low, high = (_columnwise(lambda c, q=q: np.nanquantile(c, q), numbers) for q in (0.25, 0.75))
    lowest, highest = _columnwise(np.nanmin, numbers), _columnwise(np.nanmax, numbers)
    between, whole = high - low, highest - lowest
    with np.errstate(divide="ignore"):
        inverse = np.where(between > 0, 1.0 / between, np.where(whole > 0, 2.0 / whole, 0.0))
    inverse = np.minimum(inverse, LARGEST_INVERSE)
    return {"center": center.astype("float32"), "inverse_spread": inverse.astype("float32")}


def quantile_scale(numbers: FloatArray, *, n_quantiles: int) -> dict[str, FloatArray]:
    """Return `start`, `left`, `inverse_width` and `step` of each column's map to normal scores.

    Equal quantiles (a value that many rows share) get the middle of their scores.
    """
    n = numbers.shape[1]
    left, inverse, step = (np.zeros((n, n_quantiles - 1), "float32") for _ in range(3))
    start = np.zeros(n, "float32")
    for j in range(n):
        values = numbers[:, j][np.isfinite(numbers[:, j])]
        n_knots = int(np.clip(len(values) // MIN_ROWS_PER_QUANTILE, 2, n_quantiles))
        if len(values) < 2:
            continue
        shares = np.linspace(0.0, 1.0, n_knots)
        knots, scores = _distinct(np.quantile(values, shares), shares)
        if len(knots) < 2:
            continue
        m = len(knots) - 1
        left[j, :m], inverse[j, :m], step[j, :m] = knots[:-1], _inverse(np.diff(knots)), np.diff(scores)
        start[j] = scores[0]
    return {"start": start, "left": left, "inverse_width": inverse, "step": step}


def _distinct(knots: NDArray[np.float64], shares: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    distinct = np.unique(knots)
    mean_share = np.array([shares[knots == k].mean() for k in distinct])
    return distinct, np.clip(ndtri(np.clip(mean_share, 1e-3, 1 - 1e-3)), -HIGHEST_SCORE, HIGHEST_SCORE)


def piecewise_bins(scaled: FloatArray, *, n_bins: int) -> dict[str, FloatArray]:
    """Return `left`, `inverse_width`, `low` and `high` of each column's quantile bins.

    Parameters
    ----------
    scaled : ndarray of shape (n_rows, n_columns), float32
        What the scaling layer returns: finite.

    Notes
    -----
    Edges are the distinct quantiles at linspace(0, 1, n_bins + 1). The last bin of a column stands in the last
    slot, so that every column ends unclipped; slots left over have inverse width 0 (arXiv 2203.05556).
    """
    n = scaled.shape[1]
    left, inverse = np.zeros((n, n_bins), "float32"), np.zeros((n, n_bins), "float32")
    low, high = np.zeros((n, n_bins), "float32"), np.ones((n, n_bins), "float32")
    for j in range(n):
        edges = np.unique(np.quantile(scaled[:, j], np.linspace(0.0, 1.0, n_bins + 1)).astype("float32"))
        m = len(edges) - 1
        if m < 1:
            continue
        slots = [*range(m - 1), n_bins - 1]
        left[j, slots], inverse[j, slots] = edges[:-1], _inverse(np.diff(edges.astype("float64")))
        low[j, slots[0]], high[j, slots[-1]] = -np.inf, np.inf
    return {"left": left, "inverse_width": inverse, "low": low, "high": high}


def _inverse(widths: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(1.0 / widths, LARGEST_INVERSE)


def _columnwise(statistic: object, numbers: FloatArray) -> NDArray[np.float64]:
    """Apply a NaN-aware statistic to each column, in float64; 0 for a column without a finite value."""
    result = np.zeros(numbers.shape[1])
    for j in range(numbers.shape[1]):
        values = numbers[:, j][np.isfinite(numbers[:, j])].astype("float64")
        if len(values):
            result[j] = statistic(values)  # type: ignore[operator]  # a NumPy reduction
    return result
