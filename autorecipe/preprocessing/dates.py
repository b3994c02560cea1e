"""What date columns become: the parts that vary, and the time between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

DatePart = Literal[
    "day",
    "year",
    "month sine",
    "month cosine",
    "weekday sine",
    "weekday cosine",
    "hour sine",
    "hour cosine",
]
DATE_PARTS: tuple[DatePart, ...] = get_args(DatePart)
# choice: all pairs of four date columns; of more, the pairs that come first in the table
MAX_ELAPSED = 6
FIRST_WEEKDAY = 3  # 1970-01-01 was a Thursday; Monday is 0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateParts:
    """What a date column becomes.

    Attributes
    ----------
    reference_day : int
        Days from 1970-01-01 to the training rows' median date: days are counted from there, so that float32
        holds them exactly.
    parts : tuple of str
        Of DATE_PARTS, in their order: the day, and of the others those that vary in the training rows.
    """

    input_name: str
    reference_day: int
    parts: tuple[DatePart, ...] = ("day",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElapsedDays:
    """The days from one date column to another, a fraction included.

    Attributes
    ----------
    start, end : str
        Their input names; the end is the one that is later in most training rows.
    """

    start: str
    end: str


def fit_date_parts(days: Floats, input_name: str) -> DateParts:
    """Learn which parts of a date vary.

    Parameters
    ----------
    days : float64 array, shape (n_rows,)
        Since 1970-01-01, the time of day as a fraction; NaN where there is no date.
    """
    days = days[np.isfinite(days)]
    reference = int(np.floor(np.median(days))) if len(days) else 0
    whole = np.floor(days)
    dates = whole.astype(np.int64).astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64)
    varying: list[DatePart] = ["day"]
    if _varies(months // 12):
        varying.append("year")
    if _varies(months % 12):
        varying += ["month sine", "month cosine"]
    if _varies((whole + FIRST_WEEKDAY) % 7):
        varying += ["weekday sine", "weekday cosine"]
    if _varies(days - whole):
        varying += ["hour sine", "hour cosine"]
    return DateParts(input_name=input_name, reference_day=reference, parts=tuple(varying))


def fit_elapsed(days: Mapping[str, Floats]) -> tuple[ElapsedDays, ...]:
    """Return the pairs of date columns whose distance varies in the training rows, six at most.

    Parameters
    ----------
    days : mapping of input name to float64 array, shape (n_rows,)
        As `fit_date_parts` takes them.
    """
    found = []
    for first, second in combinations(days, 2):
        between = days[second] - days[first]
        between = between[np.isfinite(between)]
        if _varies(between):
            start, end = (first, second) if np.median(between) >= 0 else (second, first)
            found.append(ElapsedDays(start=start, end=end))
        if len(found) == MAX_ELAPSED:  # a thousand columns of dates have half a million pairs
            break
    return tuple(found)


def elapsed_together(elapsed: Sequence[ElapsedDays]) -> tuple[str, ...]:
    """Return the input names of all columns that a distance is taken of."""
    return tuple(dict.fromkeys(name for pair in elapsed for name in (pair.start, pair.end)))


def _varies(values: NDArray[np.generic]) -> bool:
    return len(values) > 0 and bool((values != values[0]).any())
