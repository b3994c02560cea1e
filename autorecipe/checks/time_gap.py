"""What a model loses when it has the past alone to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.cheap_model import MAX_ROWS, Floats, Gap, ModelRows, compare, model_rows, predict
from autorecipe.data.names import word_set, words

if TYPE_CHECKING:
    from autorecipe.checks.rows import TrainingRows

MAX_COLUMNS = 2  # each costs nine forests
MIN_MOMENTS = 8  # different dates: two for each quarter
N_STRETCHES = 30  # of time, between which the standard error is taken; choice
SAME_ORDER = 0.99  # rank correlation of two dates of one event; choice
POINTS_LIMIT = 0.02  # of ROC AUC; choice
RISE_LIMIT = 0.05  # of the root mean squared error; choice
CHANCE = 0.025  # of one draw beyond the limit where time says nothing, all dates tried; choice
# Dates that are traits of a row, not the time at which it came about.
TRAITS = word_set("birth birthday birthdate dob born death founded built founding construction expiry expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeGap:
    """What is lost when a model has the past alone, and the standard errors that this must exceed."""

    column: str
    gap: Gap
    least_z: float

    @property
    def measured(self) -> float:
        """What is lost, in the unit of the limit."""
        return self.gap.rise if self.gap.is_regression else self.gap.loose - self.gap.strict

    @property
    def limit(self) -> float:
        """What is tolerated."""
        return RISE_LIMIT if self.gap.is_regression else POINTS_LIMIT

    @property
    def is_beyond(self) -> bool:
        """Whether it is more than chance and more than what is tolerated."""
        return self.gap.z > self.least_z and self.measured > self.limit


def strongest_date(rows: TrainingRows) -> TimeGap | None:
    """Return the date by which the score falls most, beyond the limits once and on average of two draws; else None.

    Drawing other random rows and other forests moves z on a table of noise by several units (measured: -0.7 to 2.4 on
    the same rows), which the rows' own standard error does not see.
    """
    columns = dates(rows)
    least = z_limit(max(len(columns), 1))
    tried = [TimeGap(column=c, gap=time_gap(rows, c, seed=rows.config.seed), least_z=least) for c in columns]
    for first in sorted(tried, key=lambda t: -t.gap.z):
        if first.is_beyond and _is_beyond_on_average(rows, first):
            return first
    return None


def _is_beyond_on_average(rows: TrainingRows, first: TimeGap) -> bool:
    gap = time_gap(rows, first.column, seed=rows.config.seed + 1)
    again = TimeGap(column=first.column, gap=gap, least_z=first.least_z)
    z, measured = (first.gap.z + again.gap.z) / 2, (first.measured + again.measured) / 2
    return z > first.least_z and measured > first.limit


def z_limit(n_dates: int) -> float:
    """Return the standard errors that a rise must exceed when so many dates are tried.

    The limit is a quantile of Student's t with as many degrees of freedom as there are stretches that are predicted,
    less one: few clusters have heavier tails than the normal distribution (Cameron and Miller 2015). The chance is
    shared by the dates (Bonferroni).

    >>> round(z_limit(1), 2), round(z_limit(2), 2)
    (2.08, 2.41)
    """
    from scipy.special import stdtrit

    return float(stdtrit(3 * N_STRETCHES // 4 - 1, 1 - CHANCE / n_dates))


def dates(rows: TrainingRows) -> list[str]:
    """Return the dates to look at: those that order the rows, and not in the same way as one before."""
    found: list[str] = []
    for column in rows.of_kind("datetime"):
        days = rows.features.numbers[column]
        if len(np.unique(days[np.isfinite(days)])) < MIN_MOMENTS or TRAITS.intersection(words(column)):
            continue
        if not any(_correlation(days, rows.features.numbers[other]) > SAME_ORDER for other in found):
            found.append(column)
        if len(found) == MAX_COLUMNS:  # hundreds of dates have thousands of pairs
            break
    return found


def _correlation(ours: Floats, theirs: Floats) -> float:
    import pandas as pd

    return abs(float(pd.Series(ours).rank().corr(pd.Series(theirs).rank())))


def time_gap(rows: TrainingRows, column: str, *, seed: int) -> Gap:
    """Compare learning from random rows with learning from the rows before, for the later three quarters."""
    days = rows.features.numbers[column]
    places = np.flatnonzero(np.isfinite(days))
    if len(places) > MAX_ROWS:
        places = np.sort(np.random.default_rng(seed).permutation(places)[:MAX_ROWS])
    return forward_gap(model_rows(rows, places), days[places], seed=seed)


def forward_gap(data: ModelRows, time: Floats, *, seed: int) -> Gap:
    """Compare two predictions of the later three quarters of some rows: from the past, and from as many random rows.

    The columns of `data` are chosen on all of its rows. Both predictions profit from that alike, so that their
    difference stays fair: over 40 tables of noise with the best 30 of 3,000 columns, z had a mean of 0.02 and a
    standard deviation of 1.02 (measured). Chosen on the first quarter, which is not predicted, the columns suit the
    rows that the past alone starts from too well: z then had a mean of 2.0 (measured, 9,000 columns).

    Parameters
    ----------
    time : float ndarray, shape (n,)
        Rows of the same time stay in one quarter.
    """
    random = np.random.default_rng(seed)
    quarter = np.searchsorted(np.quantile(time, (0.25, 0.5, 0.75), method="lower"), time, side="left")
    loose, strict = np.full_like(data.y, np.nan), np.full_like(data.y, np.nan)
    for late in np.unique(quarter)[1:]:
        past, now = np.flatnonzero(quarter < late), np.flatnonzero(quarter == late)
        strict[now] = predict(data, past, now, seed=seed)
        for half in np.array_split(random.permutation(now), 2):
            others = np.setdiff1d(np.arange(len(time)), half)
            drawn = random.choice(others, min(len(past), len(others)), replace=False)
            loose[half] = predict(data, drawn, half, seed=seed)
    return compare(data, loose, strict, clusters=stretches(time))


def stretches(time: Floats) -> NDArray[np.int64]:
    """Cut rows into 30 stretches of time with as many rows each, shape (n,)."""
    place = np.argsort(np.argsort(time, kind="stable"), kind="stable")
    return np.asarray(place * N_STRETCHES // len(time), dtype=np.int64)
