"""Which rows of a sheet are titles, header, data and totals, decided on cells as text."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from autorecipe.data.cells import NULL_TOKENS
from autorecipe.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Cells = Sequence[str]
Shape = Literal["number", "date", "text", "nothing"]

NUMBER: Final = re.compile(r"[+-]?[$€£]?\s?[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?\s?%?")
DATE: Final = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([ T].*)?")
# A missing first cell says nothing about its column; what is missing in a column is decided with the schema.
NOTHING: Final = frozenset(NULL_TOKENS)
TOTAL_WORDS: Final = frozenset({"total", "totals", "sum", "grand total", "subtotal"})
FOOTER: Final = re.compile(r"(source|sources|note|notes|data from|last updated|generated)\b.*|\*.*|©.*", re.I | re.S)

SAME_SHAPE_SHARE: Final = 0.9  # of the filled cells below, for a column to be "numbers" or "dates"
DATA_LIKE_SHARE: Final = 0.5  # of the first row's filled cells that must look like data to say "no header"
TITLE_FILL: Final = 5  # a title fills at most one in five of the columns (or one cell)
MAX_TITLES: Final = 20  # rows above the header; more is not a title
MAX_FOOTERS: Final = 20  # rows below the data
# A first row of numbers can be names: 0, 1, 2 (unnamed columns written out), years, weeks, wavelengths.
RUN_FROM_ZERO: Final = 3  # cells 0, 1, 2
RUN_BY_ONE: Final = 5  # cells rising by one from anywhere
RUN_MONOTONE: Final = 8  # rising or falling cells: by chance 2 in 8! rows of data
YEARS: Final = range(1800, 2201)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the table begins and what its columns are called.

    Attributes
    ----------
    header : tuple of str or None
        The header's cells as written; None when there is no header row.
    first_row : int
        Index of the first data row among the records given.
    notes : tuple of str
        What was found, one short sentence each.
    """

    header: tuple[str, ...] | None
    first_row: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """A table as one file format gives it.

    Attributes
    ----------
    frame : pandas.DataFrame
        Raw cells under their final names.
    notes : tuple of str
        What was found and done, one short sentence each.
    first_row_line : int
        Line of the file (row of the sheet) where the data starts, from 1.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    first_row_line: int = 1


def shape_of(cell: str) -> Shape:
    """Return what the cell looks like.

    >>> [shape_of(c) for c in ("3.14", "2024-01-31", "NA", "blue")]
    ['number', 'date', 'nothing', 'text']
    """
    cell = cell.strip()
    if cell.casefold() in NOTHING:
        return "nothing"
    if NUMBER.fullmatch(cell):
        return "number"
    return "date" if DATE.fullmatch(cell) else "text"


def n_filled(record: Cells) -> int:
    """Return how many cells of the record are not blank."""
    return sum(map(bool, map(str.strip, record)))  # in a loop of C: a wide table has millions of cells


def usual_width(records: Sequence[Cells]) -> int:
    """Return the commonest number of cells in a record; the larger of two as common."""
    counts = Counter(len(record) for record in records)
    return max(counts, key=lambda width: (counts[width], width))


def n_titles(records: Sequence[Cells], *, width: int) -> int:
    """Return how many records above the header are title lines or comments.

    Parameters
    ----------
    records : sequence of sequence of str
        The first records of the sheet.
    width : int
        How many columns the table has.

    Returns
    -------
    int
        0 when the table starts at once, or when what stands above it is not clearly a title.
    """
    if width < 2:
        return 0
    limit = max(1, width // TITLE_FILL)
    for i, record in enumerate(records[: MAX_TITLES + 1]):
        comment = len(record) != width and bool(record) and record[0].lstrip().startswith("#")
        if n_filled(record) > limit and not comment:
            return i if len(record) == width else 0
    return 0


def find_layout(records: Sequence[Cells], *, has_header: bool) -> Layout:
    """Find titles and header in the first records of a sheet.

    Parameters
    ----------
    records : sequence of sequence of str
        The first records (at least one), blank ones included.
    has_header : bool
        False: there is no header row, whatever the cells look like. True: look.
    """
    width = usual_width([r for r in records if n_filled(r)] or records)
    skip = n_titles(records, width=width)
    while skip < len(records) - 1 and not n_filled(records[skip]):
        skip += 1
    titles = sum(bool(n_filled(r)) for r in records[:skip])
    notes = (f"left out {titles} title line{'s' * (titles > 1)} above the header",) if titles else ()
    below = [r for r in records[skip + 1 :] if len(r) == len(records[skip])]
    if not has_header or looks_headerless(records[skip], below):
        first, last = column_name(0), column_name(len(records[skip]) - 1)
        names = first if first == last else f"{first} .. {last}"
        said = f"no header row: columns are named {names} (--no-header says so)"
        return Layout(header=None, first_row=skip, notes=(*notes, said))
    return Layout(header=tuple(records[skip]), first_row=skip + 1, notes=notes)


def looks_headerless(first: Cells, below: Sequence[Cells]) -> bool:
    """Does the first record look like the data below it rather than like names?

    A cell votes "data" when it has the shape of a column of numbers or dates, when it comes again further
    down in its column of text, or when it stands twice in the record. A text above a column of numbers or
    dates votes "name". The record is data when nothing votes "name" and half of its filled cells vote "data";
    numbers that run like names (0, 1, 2 or years) are names.
    """
    if len(first) > 1:  # a header that is repeated further down is no data
        below = [record for record in below if list(record) != list(first)]
    if not below:
        return False
    twice = {cell for cell, n in Counter(c.strip() for c in first).items() if cell and n > 1}
    votes: list[str] = []
    for cell, column in zip(first, zip(*below, strict=True), strict=True):
        votes.append(_vote(cell, column, twice))
        if votes[-1] == "name":
            return False
    numbers = [float(c) for c in first if re.fullmatch(r"\s*\d+(\.\d+)?\s*", c)]
    return votes.count("data") >= max(1, DATA_LIKE_SHARE * n_filled(first)) and not _runs_like_names(numbers)


def column_name(index: int) -> str:
    """Return the name of a column that has none: "column_1" for index 0."""
    return f"column_{index + 1}"


def name_columns(header: Sequence[str], *, where: str) -> tuple[list[str], tuple[str, ...]]:
    """Return one name for each column, as written, and what is to be said about them.

    Raises
    ------
    UserError
        When two names are the same after trimming.
    """
    names = [cell if cell.strip() else column_name(i) for i, cell in enumerate(header)]
    check_unique(names, where=where)
    unnamed = [name for name, cell in zip(names, header, strict=True) if not cell.strip()]
    if not unnamed:
        return names, ()
    plural = "s" * (len(unnamed) > 1)
    return names, (f"{len(unnamed)} column{plural} without a name: called {', '.join(unnamed[:5])}",)


def check_unique(names: Iterable[str], *, where: str) -> None:
    """Raise UserError when two columns have the same name after trimming."""
    twice = [repr(name) for name, n in Counter(name.strip() for name in names).items() if n > 1]
    if twice:
        more = f" and {len(twice) - 5} more" if len(twice) > 5 else ""
        raise UserError(
            f"column names must differ (blanks around them do not count): {', '.join(twice[:5])}{more} "
            f"stand{'s' * (len(twice) == 1)} more than once",
            where=where,
            fix="rename them in the header; if the first row is data, say --no-header (has_header=False)",
        )


def footer_kind(record: Cells, *, width: int) -> str:
    """Return "total", "text" (a remark under the table), or "" for a row of data.

    Parameters
    ----------
    record : sequence of str
        One of the last rows; shorter than `width` when it was written without the empty cells.
    width : int
        How many columns the table has.
    """
    filled = [cell.strip() for cell in record if cell.strip()]
    if not filled or width < 2:
        return ""
    if filled[0].rstrip(":").casefold() in TOTAL_WORDS:
        return "total"
    bare = len(filled) == 1 and bool(record[0].strip())
    if bare and (FOOTER.fullmatch(filled[0]) or (len(record) == 1 and shape_of(filled[0]) == "text")):
        return "text"
    return ""


def footers(frame: pd.DataFrame) -> tuple[int, list[str]]:
    """Return how many of the last rows are totals or remarks, and the kind of each.

    A word like "total" that stands further up in the same column too is a category, not a total.
    """
    kinds: list[str] = []
    while len(kinds) < min(MAX_FOOTERS, len(frame) - 1):
        kind = footer_kind(row_of(frame, len(frame) - 1 - len(kinds)), width=frame.shape[1])
        if not kind:
            break
        kinds.insert(0, kind)
    if not kinds:
        return 0, []
    column, word = next((i, cell) for i, cell in enumerate(row_of(frame, len(frame) - len(kinds))) if cell)
    above = frame.iloc[: len(frame) - len(kinds), column]
    if any(_as_text(cell) == word for cell in above.unique()):
        return 0, []
    return len(kinds), kinds


def row_of(frame: pd.DataFrame, row: int) -> list[str]:
    """Return the cells of a row as trimmed text, "" for missing ones."""
    return [_as_text(cell) for cell in frame.iloc[row]]


def footer_note(kinds: Sequence[str], *, first_row: int) -> str:
    """Return the sentence that says which rows at the end were left out (`first_row` counts from 1)."""
    n = len(kinds)
    rows = f"row {first_row}" if n == 1 else f"rows {first_row}-{first_row + n - 1}"
    words = {"total": "total", "text": "remark"}
    what = " and ".join(word for kind, word in words.items() if kind in kinds)
    return f"left out {n} {what} row{'s' * (n > 1)} at the end ({rows})"


def _as_text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()


def _vote(cell: str, column: Sequence[str], twice: set[str]) -> Literal["data", "name", "nothing"]:
    shape = shape_of(cell)
    shapes = Counter(shape_of(c) for c in column)
    filled = len(column) - shapes["nothing"]
    if shape == "nothing" or not filled:
        return "nothing"
    usual: Shape = "number" if shapes["number"] >= shapes["date"] else "date"
    if shapes[usual] >= SAME_SHAPE_SHARE * filled:
        return "data" if shape == usual else "name"
    text = cell.strip()
    return "data" if text in twice or any(c.strip() == text for c in column) else "nothing"


def _runs_like_names(numbers: Sequence[float]) -> bool:
    steps = {b - a for a, b in itertools.pairwise(numbers)}
    rising = bool(steps) and min(steps) > 0
    if len(numbers) >= RUN_FROM_ZERO and rising and all(x in YEARS for x in numbers):
        return True
    if steps == {1.0} and len(numbers) >= (RUN_FROM_ZERO if numbers[0] == 0 else RUN_BY_ONE):
        return True
    return len(numbers) >= RUN_MONOTONE and (rising or max(steps) < 0)
