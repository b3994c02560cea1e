"""What a cell of a number column says besides its number: a unit, a word in a number's place, a second number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.data.cells import to_categories, to_levels
from autorecipe.data.number_rules import SECOND_NUMBER, mark_steps, number_rule
from autorecipe.data.parse_texts import parse_numbers
from autorecipe.data.patterns import Texts, apply_steps, full_match, lower
from autorecipe.data.schema import Column

SECOND_SHARE = 0.5  # of the present cells must hold a second number for it to be read; choice
MIN_MARKS = 2  # a unit that every cell carries says nothing
MAX_MARKS = 20  # as many as units may differ in a column of measures
BARE_NUMBER = "number"  # the mark of a number with nothing beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberMarks:
    """What the cells of a number column say besides their number.

    Attributes
    ----------
    has_second : bool
        Whether a second number is read ("190Nm@ 2000rpm").
    marks : tuple of str
        The marks that have a code of their own, most frequent first: a unit, "number" where there is none, a word
        that stands in a number's place. Empty where they all are alike.
    """

    input_name: str
    has_second: bool = False
    marks: tuple[str, ...] = ()


def fit_number_marks(cells: pd.Series, column: Column, input_name: str, *, fewest: int) -> NumberMarks:
    """Learn what stands beside the numbers of a column on the string wire.

    Parameters
    ----------
    fewest : int
        Rows that a mark must have for a code of its own.
    """
    codes, distinct = pd.factorize(to_categories(cells, column))
    texts = np.asarray(distinct, object)
    counts = np.bincount(codes, minlength=len(texts))
    present = texts != ""
    seconds = ~np.isnan(parse_numbers(texts, SECOND_NUMBER)) & present
    n_present = max(1, int(counts[present].sum()))
    return NumberMarks(
        input_name=input_name,
        has_second=bool(counts[seconds].sum() >= SECOND_SHARE * n_present) and _vary(texts[seconds]),
        marks=_frequent(marks_of(texts, column.number_rule), counts, fewest=fewest),
    )


def marks_of(texts: Texts, rule_name: str) -> Texts:
    """Return the mark of each cleaned cell; "" where it is missing."""
    is_number = full_match(texts, number_rule(rule_name).pattern)
    units = lower(apply_steps(texts, mark_steps(rule_name)))
    units = np.where(units == "", BARE_NUMBER, units)
    return np.where(texts == "", "", np.where(is_number, units, lower(texts)))


def beside_numbers(cells: pd.Series, column: Column) -> tuple[NDArray[np.int64], Texts]:
    """Return what each cell says besides its number, its mark and a second number, as places among few texts.

    Returns
    -------
    codes : int64 array, shape (n_rows,)
    texts : object array of str, shape (n_texts,)
        A text may stand there twice.
    """
    codes, cleaned = to_levels(cells, column)
    seconds = parse_numbers(cleaned, SECOND_NUMBER)
    ends = np.array(["" if np.isnan(second) else f" {second:.12g}" for second in seconds], dtype=object)
    return codes, np.asarray(marks_of(cleaned, column.number_rule) + ends, object)


def units_of(texts: Texts, rule_name: str) -> Texts:
    """Return the unit of each cleaned cell as it is written; "number" where there is none, "" where there is no number.

    >>> units_of(np.array(["74 kW", "74", "low"], dtype=object), "unit").tolist()
    ['kW', 'number', '']
    """
    is_number = full_match(texts, number_rule(rule_name).pattern)
    units = apply_steps(texts, mark_steps(rule_name))
    return np.where(is_number, np.where(units == "", BARE_NUMBER, units), "")


def _vary(texts: Texts) -> bool:
    return len(np.unique(parse_numbers(texts, SECOND_NUMBER))) > 1


def _frequent(marks: Texts, counts: NDArray[np.int64], *, fewest: int) -> tuple[str, ...]:
    rows: dict[str, int] = {}
    for mark, n in zip(marks, counts, strict=True):
        rows[mark] = rows.get(mark, 0) + int(n)
    found: Sequence[tuple[int, str]] = sorted((-n, mark) for mark, n in rows.items() if mark != "" and n >= fewest)
    return tuple(mark for _, mark in found[:MAX_MARKS]) if len(found) >= MIN_MARKS else ()
