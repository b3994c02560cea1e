"""What a model loses when it has the past alone to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
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
ONE_SIDED = 0.0228  # probability beyond two standard errors
# Dates that are traits of a row, not the time at which it came about.
TRAITS = word_set("birth birthday birthdate dob born death founded built founding construction expiry expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeGap:
    """What is lost when a model has the past alone."""

    column: str
    gap: Gap

    @property
    def measured(self) -> float:
        """What is lost, in the unit of the limit."""
        return self.gap.rise if self.gap.is_regression else self.gap.loose - self.gap.strict

    @property
    def limit(self) -> float:
        """What is tolerated."""
        return RISE_LIMIT if self.gap.is_regression else POINTS_LIMIT


def strongest_date(rows: TrainingRows) -> TimeGap | None:
    """Return the date beyond the limits by which the score falls most; None without any."""
    columns = dates(rows)
    if not columns:
        return None
    z_limit = NormalDist().inv_cdf(1 - ONE_SIDED / len(columns))
    tried = [TimeGap(column=column, gap=time_gap(rows, column)) for column in columns]
    beyond = [t for t in tried if t.gap.z > z_limit and t.measured > t.limit]
    return max(beyond, key=lambda t: t.gap.z, default=None)


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


def time_gap(rows: TrainingRows, column: str) -> Gap:
    """Compare learning from random rows with learning from the rows before, for the later three quarters."""
    days = rows.features.numbers[column]
    places = np.flatnonzero(np.isfinite(days))
    random = np.random.default_rng(rows.config.seed)
    if len(places) > MAX_ROWS:
        places = np.sort(random.permutation(places)[:MAX_ROWS])
    return forward_gap(model_rows(rows, places), days[places], seed=rows.config.seed)


def forward_gap(data: ModelRows, time: Floats, *, seed: int) -> Gap:
    """Compare two predictions of the later three quarters of some rows: from the past, and from as many random rows.

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
