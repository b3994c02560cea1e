"""How sure is a score? Bootstrap intervals and paired differences, over rows or whole groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from autorecipe.metrics.choose import oriented
from autorecipe.metrics.metric import Array, Metric

N_RESAMPLES = 1000  # Efron and Tibshirani 1993, section 13.3: about 1000 for the ends of a 95 % interval
MIN_RESAMPLES = 200  # the same book, section 6.4: rarely more than 200 are needed for a standard error
MAX_DRAWN_ROWS = 10_000_000  # resamples x rows: some seconds of one core for all metrics of a task
BATCH_CELLS = 500_000  # resamples x rows scored in one go: 4 MB of float64, which stays in the cache
MIN_UNITS = 10  # rows, or groups; fewer give an interval that says more than is known (house value)
MIN_DEFINED_SHARE = 0.5  # of the resamples; below it the interval would describe a chosen part of them
INTERVAL = (2.5, 97.5)  # percent: a 95 % percentile interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is known of the scored rows besides their true values.

    Attributes
    ----------
    weight : array-like of shape (n_rows,) or None
        Row weights >= 0.
    groups : array-like of shape (n_rows,) or None
        Rows of one group are drawn together, since they are not independent.
    """

    weight: ArrayLike | None = None
    groups: ArrayLike | None = None


class Difference(NamedTuple):
    """What one prediction gains over another, oriented so that positive means the second is better.

    Attributes
    ----------
    value : float
    low, high : float or None
        Ends of the 95 % interval; None where it could not be drawn.
    error : float or None
        Standard error: the standard deviation over the resamples.
    n_too_few : int
        Groups that the rows fall into, where these were too few to resample and single rows were drawn; 0 elsewhere.
    """

    value: float
    low: float | None
    high: float | None
    error: float | None
    n_too_few: int = 0


def bootstrap_interval(
    metric: Metric,
    y: ArrayLike,
    prediction: ArrayLike,
    *,
    rows: Rows | None = None,
    seed: int = 0,
    n_resamples: int = N_RESAMPLES,
) -> tuple[float | None, float | None]:
    """Return the 95 % percentile interval of a metric.

    Parameters
    ----------
    metric : Metric
    y : array-like of shape (n_rows,)
    prediction : array-like
        What `metric.needs` names.
    rows : Rows, optional
        Weights and groups.
    seed : int
    n_resamples : int > 0
        At most so many; fewer on many rows, but not under 200.

    Returns
    -------
    (low, high) : floats, or (None, None)
        None with fewer than 10 rows (or groups), or when more than half of the resamples leave the metric
        undefined.
    """
    scores = resampled_scores([(metric, prediction)], y, rows=rows, seed=seed, n_resamples=n_resamples)
    weight = (rows or Rows()).weight
    value, inflation = metric.compute(y, prediction, weight), metric.inflation_of(y, prediction, weight)
    return interval_around(value, scores[0], inflation=inflation)


def bootstrap_difference(
    metric: Metric,
    y: ArrayLike,
    prediction_a: ArrayLike,
    prediction_b: ArrayLike,
    *,
    rows: Rows | None = None,
    seed: int = 0,
) -> Difference:
    """Return what b gains over a on the same rows, paired: both are scored on the same resamples.

    Parameters
    ----------
    metric : Metric
    y : array-like of shape (n_rows,)
    prediction_a, prediction_b : array-like
        What `metric.needs` names.
    rows : Rows, optional
        Weights and groups.
    seed : int
    """
    rows = rows or Rows()
    value_a, value_b = (metric.compute(y, p, rows.weight) for p in (prediction_a, prediction_b))
    value = oriented(metric, value_b) - oriented(metric, value_a)
    pairs = [(metric, prediction_a), (metric, prediction_b)]
    scores_a, scores_b = resampled_scores(pairs, y, rows=rows, seed=seed)
    gains = scores_b - scores_a if metric.direction == "max" else scores_a - scores_b
    low, high = interval_of(gains)
    known = gains[~np.isnan(gains)]
    return Difference(value, low, high, None if low is None else float(np.std(known, ddof=1)))


def difference_with_error(
    metric: Metric,
    y: ArrayLike,
    prediction_a: ArrayLike,
    prediction_b: ArrayLike,
    *,
    rows: Rows,
    seed: int = 0,
) -> Difference:
    """Return what `bootstrap_difference` does, of single rows where their groups are too few to resample.

    The error of single rows is too small then, since rows of a group are alike; without any error every gain would
    count. `n_too_few` tells it, for whoever reports the difference.
    """
    found = bootstrap_difference(metric, y, prediction_a, prediction_b, rows=rows, seed=seed)
    if found.error is not None or rows.groups is None:
        return found
    alone = Rows(weight=rows.weight)
    found = bootstrap_difference(metric, y, prediction_a, prediction_b, rows=alone, seed=seed)
    return found if found.error is None else found._replace(n_too_few=n_groups_of(rows))


def n_groups_of(rows: Rows) -> int:
    """Return how many groups rows fall into; 0 where none are known."""
    return 0 if rows.groups is None else len(np.unique(np.asarray(rows.groups)))


def resampled_scores(
    predictions: Sequence[tuple[Metric, ArrayLike]],
    y: ArrayLike,
    *,
    rows: Rows | None = None,
    seed: int = 0,
    n_resamples: int = N_RESAMPLES,
) -> list[Array]:
    """Score several predictions on the same bootstrap resamples of the rows.

    Parameters
    ----------
    predictions : sequence of (metric, prediction)
    y : array-like of shape (n_rows,)
    rows : Rows, optional
        Weights and groups.
    seed : int
    n_resamples : int > 0

    Returns
    -------
    list of ndarray of shape (n_drawn,)
        One array per prediction, NaN where undefined; empty with fewer than 10 rows or groups.
    """
    arrays = [metric.as_arrays(y, prediction) for metric, prediction in predictions]
    parts: list[list[Array]] = [[] for _ in predictions]
    for weights in _draw_weights(np.asarray(y).shape[0], rows or Rows(), seed=seed, n_resamples=n_resamples):
        for part, (metric, _), (true, guess) in zip(parts, predictions, arrays, strict=True):
            defined = metric.is_defined(true)
            part.append(metric.score_many(true, guess, weights) if defined else np.full(len(weights), np.nan))
    return [np.concatenate(part) if part else np.empty(0) for part in parts]


def interval_of(scores: Array) -> tuple[float | None, float | None]:
    """Return the 95 % percentile interval of resampled scores, Nones when over half of them are undefined."""
    known = scores[~np.isnan(scores)]
    if len(known) == 0 or len(known) < MIN_DEFINED_SHARE * len(scores):
        return None, None
    low, high = np.percentile(known, INTERVAL)
    return float(low), float(high)


def interval_around(value: float, scores: Array, *, inflation: float = 0.0) -> tuple[float | None, float | None]:
    """Return the 95 % interval of a metric's value from its resampled scores; Nones as in `interval_of`.

    A metric that noise inflates, and resampling once more, has the pivotal one (Davison and Hinkley 1997, section
    5.2), but for its lower end: there all that noise can add is taken off. It starts at zero at the lowest and holds
    the value in any case.

    Parameters
    ----------
    inflation : float
        What noise adds to the value at most; 0 for a metric without `inflation`.
    """
    low, high = interval_of(scores)
    if low is None or high is None or inflation == 0:
        return low, high
    lowest = value - inflation - (high - float(np.nanmean(scores)))
    return max(min(lowest, value), 0.0), max(2 * value - low, value)


def _draw_weights(n_rows: int, rows: Rows, *, seed: int, n_resamples: int) -> Iterator[Array]:
    units = None
    n_units = n_rows
    if rows.groups is not None:
        names, units = np.unique(np.asarray(rows.groups), return_inverse=True)
        n_units = len(names)
    if n_units < MIN_UNITS:
        return
    n_left = min(n_resamples, max(MIN_RESAMPLES, MAX_DRAWN_ROWS // n_rows))
    row_weight = None if rows.weight is None else np.asarray(rows.weight, dtype=np.float64)
    rng = np.random.default_rng(seed)
    while n_left > 0:
        n_batch = min(n_left, max(1, BATCH_CELLS // n_rows))
        n_left -= n_batch
        counts = _draw_counts(rng, n_batch, n_units)
        weights = counts if units is None else counts[:, units]
        yield weights if row_weight is None else weights * row_weight


def _draw_counts(rng: np.random.Generator, n_batch: int, n_units: int) -> Array:
    drawn = rng.integers(n_units, size=(n_batch, n_units), dtype=np.int64)
    drawn += np.arange(n_batch)[:, None] * n_units
    counts = np.bincount(drawn.ravel(), minlength=n_batch * n_units)
    return counts.reshape(n_batch, n_units).astype(np.float64)
