"""Which columns of new rows mean nothing to a model, though their cells are filled?"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.checks.wording import name, names, number, percent
from autorecipe.data.cells import to_categories, to_days, to_levels, to_numbers
from autorecipe.data.patterns import Texts
from autorecipe.listing import some_of
from autorecipe.preprocessing.number_marks import marks_of
from autorecipe.preprocessing.spec import MAX_LEVELS, EncodeSpec, InputSpec, fewest_rows
from autorecipe.record.profile import ColumnProfile, Profile

MIN_CELLS = 10  # filled cells of a column, or rows; fewer say nothing of how a column is written; choice
MIN_SHARE = 0.5  # of the filled cells; choice: below, the column still tells most rows apart
NATURAL_FACTOR = 2.0  # times the share of training cells whose level is too rare to be learned; choice, as of D016
N_COLUMNS = 5  # told in a line each; the others are named
N_LEVELS = 3  # learned levels that are named
EXAMPLE_TEXT = 40  # characters of a cell


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cells:
    """One column of new rows, and what was learned of it."""

    cells: pd.Series
    column: InputSpec
    before: ColumnProfile
    levels: tuple[str, ...]
    n_learned: float


def unknown_notes(rows: pd.DataFrame, spec: EncodeSpec, profile: Profile | None) -> tuple[str, ...]:
    """Say of which columns a model can make nothing in most of these rows, a sentence each.

    Told are levels and units that were not learned, cells that are not read as numbers or dates, numbers that lie
    beyond those of training by more than their whole range, and columns without any cell that had some in training. A
    few such cells are nothing out of the ordinary, and columns that show new levels for ever are left alone.

    Parameters
    ----------
    rows : DataFrame of shape (n_rows, n_columns)
        Raw cells, each feature under its name in the schema.
    spec : EncodeSpec
        Of the model.
    profile : Profile or None
        Of its training rows; nothing is told without one.
    """
    if profile is None or len(rows) < MIN_CELLS:
        return ()
    before = {column.name: column for column in profile.columns}
    levels = {c.input_name: c.levels for c in spec.categories} | {m.input_name: m.marks for m in spec.marks}
    found = {}
    for i in spec.inputs:
        if i.column not in before:
            continue
        n_learned = (1 - before[i.column].missing_share) * profile.n_rows
        known = _Cells(
            cells=rows[i.column],
            column=i,
            before=before[i.column],
            levels=levels.get(i.input_name, ()),
            n_learned=n_learned,
        )
        if said := next(_said(known), ""):
            found[i.column] = f"{name(i.column.strip())}: {said}"
    more = tuple(found)[N_COLUMNS:]
    rest = (f"{len(more):,} more columns are no better known: {names(more)}",) if more else ()
    return (*tuple(found.values())[:N_COLUMNS], *rest)


def _said(known: _Cells) -> Iterator[str]:
    n_rows = len(known.cells)
    if known.column.use == "category":
        n_filled = yield from _of_levels(known)
    elif known.column.use == "number":
        n_filled = yield from _of_numbers(known)
    else:
        texts = to_categories(known.cells, known.column.as_column())
        n_filled = int((texts != "").sum())
        if known.column.use == "date" and n_filled:
            days = to_days(known.cells, known.column.as_column())
            yield from _unread(texts, np.isnan(days), "a date")
    if not n_filled and known.before.missing_share <= MIN_SHARE:
        yield f"all {n_rows:,} cells are empty, while {percent(1 - known.before.missing_share)} were filled in training"


def _of_levels(known: _Cells) -> Generator[str, None, int]:
    """Tell levels that the model has not learned; return how many cells are filled."""
    places, texts = to_levels(known.cells, known.column.as_column())
    counts = np.where(texts == "", 0, np.bincount(places, minlength=len(texts)))
    is_new = ~np.isin(texts, np.array(["", *known.levels], dtype=object))
    n_filled, n_new = int(counts.sum()), int(counts[is_new].sum())
    if n_filled >= MIN_CELLS and n_new > max(MIN_SHARE, NATURAL_FACTOR * _natural_share(known)) * n_filled:
        example = texts[is_new][counts[is_new].argmax()]
        learned = some_of([f"'{level[:EXAMPLE_TEXT]}'" for level in known.levels], N_LEVELS)
        yield (
            f"{n_new:,} of {n_filled:,} cells hold levels that were not learned, as '{example[:EXAMPLE_TEXT]}' "
            f"(learned: {learned or 'none'}); is it spelled otherwise?"
        )
    return n_filled


def _natural_share(known: _Cells) -> float:
    """Return the largest share of training cells whose level can have been too rare to be learned.

    New rows are not expected to hold more: by Good and Turing's estimate (Good 1953) as many cells have a level that no
    training row has as had one of their own in training.
    """
    if len(known.levels) == MAX_LEVELS:
        return 1.0
    n_rare = known.before.n_distinct - len(known.levels)
    return max(n_rare, 0) * (fewest_rows(round(known.n_learned)) - 1) / max(known.n_learned, 1.0)


def _of_numbers(known: _Cells) -> Generator[str, None, int]:
    """Tell cells that are no numbers, and numbers far from those of training; return how many cells are filled."""
    column = known.column.as_column()
    numbers = to_numbers(known.cells, column)
    is_number = np.isfinite(numbers)
    n_filled = int(is_number.sum())
    if column.wire == "string":
        texts = to_categories(known.cells, column)
        n_filled = int((texts != "").sum())
        marks = marks_of(texts, column.number_rule)
        is_learned = np.isin(marks, np.array(known.levels, dtype=object))
        yield from _unread(texts, ~is_number & ~is_learned, "a number")
        if known.levels:
            yield from _new_unit(texts, np.where(is_learned, "", marks), known.levels)
    yield from _far(numbers[is_number], known.before)
    return n_filled


def _unread(texts: Texts, is_unread: NDArray[np.bool_], what: str) -> Iterator[str]:
    is_unread = is_unread & (texts != "")
    n_filled, n_unread = int((texts != "").sum()), int(is_unread.sum())
    if n_filled >= MIN_CELLS and n_unread > MIN_SHARE * n_filled:
        example = str(texts[is_unread][0])[:EXAMPLE_TEXT]
        yield f"{n_unread:,} of {n_filled:,} cells are not read as {what}, as '{example}'; they count as missing"


def _new_unit(texts: Texts, new_marks: Texts, learned: tuple[str, ...]) -> Iterator[str]:
    """Tell one unit or word that most cells hold and hardly any had in training."""
    n_filled, (found, counts) = int((texts != "").sum()), np.unique(new_marks[new_marks != ""], return_counts=True)
    if n_filled >= MIN_CELLS and len(found) and counts.max() > MIN_SHARE * n_filled:
        unit, known = str(found[counts.argmax()]), some_of([f"'{mark[:EXAMPLE_TEXT]}'" for mark in learned], N_LEVELS)
        example = str(texts[new_marks == unit][0])[:EXAMPLE_TEXT]
        yield (
            f"{counts.max():,} of {n_filled:,} cells hold the unit or word '{unit[:EXAMPLE_TEXT]}', as '{example}', "
            f"which was not learned (learned: {known})"
        )


def _far(numbers: NDArray[np.float64], before: ColumnProfile) -> Iterator[str]:
    low, high = before.minimum, before.maximum
    if low is None or high is None or not low < high or len(numbers) < MIN_CELLS:
        return
    is_far = (numbers < low - (high - low)) | (numbers > high + (high - low))
    if is_far.sum() > MIN_SHARE * len(numbers):
        middle, learned = number(float(np.median(numbers))), number(before.median or 0.0)
        yield (
            f"{int(is_far.sum()):,} of {len(numbers):,} numbers lie far outside those of training, from {number(low)} "
            f"to {number(high)} (median {middle}, in training {learned}); is it another unit?"
        )
