"""Where is a regression off, and by how much? Its residuals in bins, from which no row's value can be read."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autorecipe.record.evaluation import ResidualBin, Residuals

Floats = NDArray[np.float64]

MOST_BINS = 20  # by prediction; choice: a bend shows, and a drawing stays readable
LEAST_ROWS = 30  # of a bin, whose 10th percentile then lies above three rows; choice
QUANTILES = (0.1, 0.5, 0.9)
HISTOGRAM_BINS = 30  # choice
HISTOGRAM_SHARE = 0.98  # of the residuals lies between the ends of the histogram; the rest is counted in its ends


def residual_bins(y: ArrayLike, prediction: ArrayLike, *, weight: ArrayLike | None = None) -> Residuals | None:
    """Return quantiles of (true - predicted) by the prediction, and how often each residual occurs; None without rows.

    Parameters
    ----------
    y, prediction : array-like of shape (n_rows,)
        In the target's unit; rows where either is not finite are left out.
    weight : array-like of shape (n_rows,), optional
        Row weights >= 0, for the quantiles; rows of weight 0 are left out.

    References
    ----------
    Cleveland (1979), JASA 74, reads a scatter by its local quantiles; here they are of bins of equally many rows.
    """
    true, said = np.asarray(y, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    weights = np.ones(len(true)) if weight is None else np.asarray(weight, dtype=np.float64)
    counts = np.isfinite(true) & np.isfinite(said) & (weights > 0)
    if not counts.any():
        return None
    rest, said, weights = (true - said)[counts], said[counts], weights[counts]
    ends = np.quantile(rest, [(1 - HISTOGRAM_SHARE) / 2, (1 + HISTOGRAM_SHARE) / 2])
    low, high = (ends[0], ends[1]) if ends[1] > ends[0] else (ends[0] - 0.5, ends[0] + 0.5)
    edges = np.linspace(low, high, HISTOGRAM_BINS + 1)
    found = np.histogram(np.clip(rest, edges[0], edges[-1]), bins=edges)[0]
    return Residuals(bins=_bins(rest, said, weights), edges=tuple(edges.tolist()), counts=tuple(found.tolist()))


def _bins(rest: Floats, said: Floats, weights: Floats) -> tuple[ResidualBin, ...]:
    n_bins = int(np.clip(len(rest) // LEAST_ROWS, 1, MOST_BINS))
    found = []
    for rows in np.array_split(np.argsort(said, kind="stable"), n_bins):
        low, median, high = _quantiles(rest[rows], weights[rows])
        mean = float(np.average(said[rows], weights=weights[rows]))
        found.append(ResidualBin(predicted=mean, n_rows=len(rows), low=low, median=median, high=high))
    return tuple(found)


def _quantiles(values: Floats, weights: Floats) -> list[float]:
    """Return weighted quantiles, interpolated between the middles of the weights (as Hazen's, with equal ones)."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) - 0.5 * weights[order]
    quantiles: list[float] = np.interp(QUANTILES, reached / weights.sum(), values[order]).tolist()
    return quantiles
