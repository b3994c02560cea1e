"""How far off may a prediction be? Conformal intervals from out-of-fold residuals, and what they cover."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from autorecipe.errors import UserError
from autorecipe.record.evaluation import Coverage, Intervals
from autorecipe.record.run import Run
from autorecipe.row_words import said_of

LOWEST, HIGHEST = 0.5, 0.99  # the intervals that are kept: narrower ones say little, wider ones need many rows
STEP = 0.005  # between the kept coverages; one in between takes the next wider
MEASURED = (0.8, 0.9, 0.95)  # coverages that are measured on untouched rows
SHOWN = 0.9  # the one that the report writes out
SURE_ERRORS = 2.0  # standard errors: a share further off is no accident, nineteen times out of twenty
ROWS_OF_A_GROUP = 2  # on average; fewer are as good as single rows: duplicates that were kept together (choice)
ROUNDING = 1e-9  # of sums of weights against whole numbers of rows

Floats = NDArray[np.float64]


def intervals_of(y: NDArray[np.generic], prediction: Floats, weight: NDArray[np.generic]) -> Intervals:
    """Return the half-widths of intervals around predictions, from rows that the predictors had not learned from.

    The half-width for coverage c is the smallest absolute residual that c (n + 1) of the n rows reach, the row to come
    counted as one of them: the ceil(c (n + 1))-th smallest. A weighted row counts as its weight, in means of all
    weights. It covers a new, exchangeable row with probability c at least where each residual is of the predictor that
    is used; a mean of the folds' predictors, which is used here, misses less than each and covers more.

    Parameters
    ----------
    y, prediction, weight : ndarray of shape (n_rows,)
        Of rows out of fold; rows of weight 0, and rows without a finite prediction, do not count.

    References
    ----------
    Lei et al. (2018), "Distribution-free predictive inference for regression", JASA 113: split conformal intervals.
    Barber et al. (2021), "Predictive inference with the jackknife+", Annals of Statistics 49: residuals out of fold.
    """
    misses, shares = np.abs(y.astype("float64") - prediction), np.asarray(weight, dtype="float64")
    counts = (shares > 0) & np.isfinite(misses)
    misses, shares = misses[counts], shares[counts]
    n_rows, floor = len(misses), 0.0 if counts.any() and y[counts].min() >= 0 else None
    order = np.argsort(misses, kind="stable")
    reached = np.cumsum(shares[order]) / shares.mean() if n_rows else np.zeros(0)
    places = np.searchsorted(reached, levels() * (n_rows + 1) - ROUNDING * (n_rows + 1))
    widths = misses[order][places[places < n_rows]]
    return Intervals(n_rows=n_rows, half_widths=tuple(widths.tolist()), floor=floor)


def levels() -> Floats:
    """Return the coverages whose half-widths are kept, in rising order."""
    return np.round(np.arange(round(LOWEST / STEP), round(HIGHEST / STEP) + 1) * STEP, 6)


def by_coverage(intervals: Intervals) -> dict[str, float]:
    """Return the half-widths by the share that they cover, written as "0.9".

    >>> by_coverage(Intervals(n_rows=2, half_widths=(1.0, 2.0)))
    {'0.5': 1.0, '0.505': 2.0}
    """
    known = levels()[: len(intervals.half_widths)]
    return {f"{level:g}": width for level, width in zip(known, intervals.half_widths, strict=True)}


def half_width(intervals: Intervals | None, coverage: float) -> float:
    """Return the half-width of the interval that covers a new row with this probability, or a little more.

    Raises
    ------
    UserError
        When the coverage is not between 0.5 and 0.99, or too few rows are known to promise it.
    """
    where = f"interval={coverage:g}"
    if not LOWEST <= coverage <= HIGHEST:
        fix = f"a share from {LOWEST:g} to {HIGHEST:g}, such as {SHOWN:g}"
        raise UserError(f"an interval cannot be asked to cover {coverage:g} of the rows", where=where, fix=fix)
    if intervals is None:
        raise UserError("the run knows no intervals", where=where, fix="finish it: run the same fit command again")
    place = math.ceil((coverage - LOWEST) / STEP - ROUNDING)
    if place >= len(intervals.half_widths):
        most = f"at most {levels()[len(intervals.half_widths) - 1]:g}" if intervals.half_widths else "fit on more rows"
        needed, n = math.ceil(coverage / (1.0 - coverage) - ROUNDING), intervals.n_rows
        what = f"{100 * coverage:g} % intervals need {needed} rows out of fold, and there are {n}"
        raise UserError(what, where=where, fix=most)
    return intervals.half_widths[place]


def around(prediction: NDArray[np.generic], intervals: Intervals | None, coverage: float) -> Floats:
    """Return (n_rows, 3): lower end, prediction, upper end.

    An interval that would begin below 0 begins there where no target that was seen is negative.

    Raises
    ------
    UserError
        As `half_width`.
    """
    values, width = prediction.astype("float64"), half_width(intervals, coverage)
    floor = -math.inf if intervals is None or intervals.floor is None else intervals.floor
    return np.stack([np.maximum(values - width, floor), values, values + width], axis=1)


def with_coverage(
    intervals: Intervals, y: NDArray[np.generic], prediction: Floats, weight: NDArray[np.generic]
) -> Intervals:
    """Return the intervals with the share of these rows that 80, 90 and 95 % intervals cover.

    Parameters
    ----------
    y, prediction, weight : ndarray of shape (n_rows,)
        Rows with their truth and what the final model says of them.
    """
    known = levels()[: len(intervals.half_widths)]
    measured = [c for c in MEASURED if len(known) and c <= known[-1] + ROUNDING]
    misses, shares = np.abs(y.astype("float64") - prediction), np.asarray(weight, dtype="float64")
    if not shares.sum() > 0:
        return dataclasses.replace(intervals, coverages=())
    # as many rows of one weight would be as sure: Kish (1965), Survey Sampling
    n_even = shares.sum() ** 2 / np.square(shares).sum()
    found = []
    for coverage in measured:
        width = half_width(intervals, coverage)
        covered = float(np.average((misses <= width).astype("float64"), weights=shares))
        error = math.sqrt(coverage * (1.0 - coverage) / n_even)
        found.append(Coverage(level=coverage, half_width=width, covered=covered, error=error))
    return dataclasses.replace(intervals, coverages=tuple(found))


def check_interval(run: Run, coverage: float | None) -> None:
    """Refuse an interval that the run cannot give, before anything is predicted; None asks for none.

    Raises
    ------
    UserError
        For classes, which have probabilities instead; and as `half_width`.
    """
    if coverage is None:
        return
    if not isinstance(coverage, (int, float)):
        raise UserError(
            f"interval={coverage!r} is no share of the rows to come", where="interval", fix="give a number, as 0.9"
        )
    if run.schema.task != "regression":
        raise UserError(
            "intervals are for numbers, and this run predicts classes",
            where=f"interval={coverage:g}",
            fix="leave it out: probabilities say how sure each class is",
        )
    half_width(run.evaluation.intervals if run.evaluation else None, coverage)


def with_interval(run: Run, prediction: NDArray[np.generic], coverage: float) -> Floats:
    """Return a regression's predictions with their intervals: (n_rows, 3) of lower end, prediction and upper end.

    Raises
    ------
    UserError
        As `check_interval`.
    """
    check_interval(run, coverage)
    return around(prediction, run.evaluation.intervals if run.evaluation else None, coverage)


def doubts(run: Run, intervals: Intervals, *, has_test: bool, n_groups: int) -> tuple[str, ...]:
    """Say why the intervals may cover another share than they promise, a sentence each.

    Parameters
    ----------
    intervals : Intervals
        With their coverages.
    has_test : bool
        Whether these were measured on rows that did not set the widths.
    n_groups : int
        Groups of the rows that set the widths; 0 without groups.
    """
    said = []
    if not has_test:
        said.append("no rows were locked away: this is the share of the rows that set the widths")
    over = next((c for c in intervals.coverages if c.covered - c.level > SURE_ERRORS * c.error), None)
    if has_test and over is not None and _n_networks(run) > 1:
        said.append("more than promised: a mean of networks misses less than each of them, whose misses set the widths")
    if run.config.split_by_time:
        said.append("the rows were split by time: the promise holds as far as what comes is like the rows held out")
    if 0 < n_groups * ROWS_OF_A_GROUP <= intervals.n_rows:
        said.append(f"rows of a group miss alike: what the promise counts is the {n_groups:,} groups, not their rows")
    return tuple(said_of(run.schema.modality, text) for text in said)


def _n_networks(run: Run) -> int:
    squeeze = run.stage("squeeze")
    if squeeze is not None and squeeze.ensemble is not None:
        return sum(len(part.keys) for part in squeeze.ensemble.parts)
    if squeeze is not None and squeeze.members:
        return len(squeeze.members)
    return len(run.best.fits) if run.best else 0
