"""Cells of special characters alone, and texts of an odd length.

What it looks for: cells of a category or text without a letter or digit of any alphabet ("--", "***"); and
cells of another length than nearly all others of their column, where these have one length (codes of 5 digits),
or more than 4 times as long as 97 % of them.

Why it matters: "--" mostly means that nothing is known. A code that lost its leading zero, or a note in the
place of a name, is a slip of the source.

How to read it: nothing is changed; look at the rows named, and empty the cells that mean "missing".

Limits: 0.1 % of the rows for special characters (deepchecks SpecialCharacters), at most 30 % (then they are a
level like others), and not where "+" and "-" stand beside each other: these are results. One length means 99 %
of at least 100 cells with over 20 different values; 97 % and the factor 4 are deepchecks'
StringLengthOutOfBounds, of which at most 1 % may be odd.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.prevalence import MAX_PREVALENCE
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import names, percent, plural
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D009"
TITLE = "Odd texts"
MIN_SHARE = 0.001  # of the rows
MAX_ODD = 0.01  # of the cells, for lengths
MIN_CELLS = 100
MIN_LEVELS = 20
MIN_LENGTH = 4  # characters of codes whose length says something
LONG_FACTOR, LONG_QUANTILE = 4.0, 0.97
MIN_LONGER = 20  # characters above the quantile: four times a short word is no odd text
N_ROWS_SHOWN = 10
N_VALUES = 20  # of a fix


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding for special characters and one for lengths.

    Raises
    ------
    NotApplicable
        Without texts.
    """
    columns = [c for c in rows.of_kind("categorical", "text") if rows.schema.column(c).wire == "string"]
    if not columns:
        raise NotApplicable("no columns of text")
    levels = {c: _levels(rows, c) for c in columns}
    return (*_special(rows, levels), *_lengths(rows, levels))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Levels:
    """The distinct texts of a column, their codes, and how many rows hold each."""

    texts: NDArray[np.object_]
    codes: NDArray[np.int64]
    counts: NDArray[np.int64]


def _levels(rows: TrainingRows, column: str) -> _Levels:
    codes, first, counts = np.unique(rows.codes[column], return_index=True, return_counts=True)
    known = codes >= 0
    texts = rows.features.categories[column][first[known]]
    return _Levels(texts=texts, codes=codes[known], counts=counts[known])


def _holding(rows: TrainingRows, column: str, codes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.flatnonzero(np.isin(rows.codes[column], codes))


def _special(rows: TrainingRows, levels: dict[str, _Levels]) -> tuple[Finding, ...]:
    found: dict[str, tuple[str, ...]] = {}
    shares: dict[str, float] = {}
    places = []
    for column, of in levels.items():
        special = np.array([not any(map(str.isalnum, text)) for text in of.texts], dtype=bool)
        share = float(of.counts[special].sum() / rows.n_rows)
        values = tuple(str(text) for text in of.texts[special])
        if MIN_SHARE < share <= MAX_PREVALENCE and not {"+", "-"} <= set(values):
            found[column], shares[column] = values, share
            places.append(_holding(rows, column, of.codes[special]))
    if not found:
        return ()
    columns = tuple(sorted(found, key=lambda c: -shares[c]))
    notes = [f"{found[c][0]!r} in {percent(shares[c])}" for c in columns]
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"cells of special characters alone: {names(columns, notes)}; limit {percent(MIN_SHARE)}",
            columns=columns,
            measured=shares[columns[0]],
            limit=MIN_SHARE,
            action="ask",
            remedy="kept as they are; empty these cells in the file if they mean missing",
            rows=_numbers(rows, places),
            fixes=tuple(Fix(kind="mask values", columns=(c,), values=found[c][:N_VALUES]) for c in columns),
            quoted=tuple(repr(found[c][0]) for c in columns),
        ),
    )


def _lengths(rows: TrainingRows, levels: dict[str, _Levels]) -> tuple[Finding, ...]:
    notes: dict[str, str] = {}
    shares: dict[str, float] = {}
    places = []
    for column, of in levels.items():
        if of.counts.sum() < MIN_CELLS or len(of.texts) <= MIN_LEVELS:
            continue
        odd, usual = odd_lengths(np.array(list(map(len, of.texts))), of.counts)
        n_odd = int(of.counts[odd].sum())
        if n_odd:
            shares[column] = n_odd / float(of.counts.sum())
            notes[column] = f"{plural(n_odd, 'row')}, most have {usual}"
            places.append(_holding(rows, column, of.codes[odd]))
    if not notes:
        return ()
    columns = tuple(sorted(notes, key=lambda c: -shares[c]))
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"texts of an odd length: {names(columns, [notes[c] for c in columns])};"
            f" looked at up to {percent(MAX_ODD)} of the cells",
            columns=columns,
            measured=shares[columns[0]],
            limit=MAX_ODD,
            remedy="kept as they are; look at the rows named",
            rows=_numbers(rows, places),
        ),
    )


def odd_lengths(lengths: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[NDArray[np.bool_], str]:
    """Mark distinct texts of an odd length, and say what is usual; none where more than MAX_ODD of the cells are odd.

    Parameters
    ----------
    lengths, counts : int64 ndarray, shape (n_levels,)
        Characters of each distinct text, and how many cells hold it.
    """
    by_length = np.bincount(lengths, weights=counts)
    mode, n_cells = int(by_length.argmax()), float(counts.sum())
    if mode >= MIN_LENGTH and by_length[mode] >= (1 - MAX_ODD) * n_cells:
        return lengths != mode, f"{mode} characters"
    order = np.argsort(lengths, kind="stable")
    place = np.searchsorted(np.cumsum(counts[order]), LONG_QUANTILE * n_cells)
    high = int(lengths[order[min(int(place), len(order) - 1)]])
    odd = lengths > max(LONG_FACTOR * high, high + MIN_LONGER)
    is_few = counts[odd].sum() <= MAX_ODD * n_cells
    return (odd if is_few else np.zeros_like(odd)), f"at most {high} characters"


def _numbers(rows: TrainingRows, places: list[NDArray[np.int64]]) -> tuple[int, ...]:
    shown = np.unique(np.concatenate(places))[:N_ROWS_SHOWN]
    return tuple(int(r) for r in rows.row_numbers[shown])


CHECK = Check(code=CODE, title=TITLE, question="Are cells special characters alone, or of an odd length?", run=find)
