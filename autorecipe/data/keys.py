"""Is a column an id, which tells rows apart and nothing else?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.data import names
from autorecipe.data.evidence import Evidence

if TYPE_CHECKING:
    import pandas as pd

# Choices; AutoGluon leaves out strings of which more than 99 % differ.
KEY_SHARE = 0.999  # distinct cells per cell of an id
KEY_TEXT_SHARE = 0.99  # the same for strings, which are no use to a model when nearly all differ
NUMBERING_SHARE = 0.9  # the same for an "invoice_number", which may come again
MIN_KEY_ROWS = 20  # fewer rows are unique, or in order, by chance
MIN_KEY_DENSITY = 0.5  # values per step of a rising row number; the rest were deleted
_HEX_KEY = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|[0-9a-f]{32,64}")
NUMBERED = re.compile(r"(.*\w)[_\-/.:#]\w{1,6}")  # "309_1", "P07-3": one thing, and the number of its row
_LEAST_NUMBERING = 1_000  # an episode_number starts at 1 and means its place


def why_number_key(evidence: Evidence) -> str:
    """Say why a column of integers is an id; "" when it is none."""
    n_distinct = len(evidence.numbers)
    numbered = names.is_numbering(evidence.name) and evidence.numbers.min() >= _LEAST_NUMBERING
    said = f"{n_distinct:,} distinct whole numbers in {evidence.n_present:,} rows"
    if numbered and evidence.n_present >= MIN_KEY_ROWS and n_distinct >= NUMBERING_SHARE * evidence.n_present:
        return f"{said}, and the name says the number of a thing"
    if n_distinct < KEY_SHARE * evidence.n_present:
        return ""
    if names.is_key(evidence.name):
        return f"{said}, and the name says id"
    if evidence.n_present < MIN_KEY_ROWS or not names.may_count_rows(evidence.name):
        return ""
    if not _is_row_number(evidence.plain[evidence.codes]):
        return ""
    low, high = evidence.numbers.min(), evidence.numbers.max()
    return f"whole numbers that count the rows from {low:.0f} to {high:,.0f}"


def _is_row_number(values: NDArray[np.float64]) -> bool:
    values = values[~np.isnan(values)]
    density = len(values) / (values.max() - values.min() + 1)
    steps = np.diff(values)
    in_order = bool((steps > 0).all() or (steps < 0).all())
    return density == 1.0 or (in_order and density >= MIN_KEY_DENSITY)


def before_separator(cells: pd.Series) -> pd.Series:
    """Return what stands before the last separator of each cell ("309" of "309_1").

    A cell that is written otherwise stays whole ("309_1234567", "309_1 left"), so that no two things become one.
    Missing cells are "".
    """
    import pandas as pd

    from autorecipe.data.cells import to_text

    texts = pd.Series(to_text(cells), index=cells.index, name=cells.name).str.strip()
    return texts.map(_before_number)


def _before_number(text: str) -> str:
    found = NUMBERED.fullmatch(text)
    return found[1] if found else text


def why_text_key(evidence: Evidence) -> str:
    """Say why a column of strings is an id; "" when it is none."""
    if evidence.unique_share < KEY_TEXT_SHARE or evidence.all_numbers:
        return ""
    named = names.is_key(evidence.name) or all(_HEX_KEY.fullmatch(text.lower()) for text in evidence.texts)
    if not named and evidence.n_present < MIN_KEY_ROWS:
        return ""
    said = ", and the name says id" if names.is_key(evidence.name) else ""
    return f"{len(evidence.texts):,} distinct texts in {evidence.n_present:,} rows{said}"
