"""Which delimiter separates the fields of a text table?"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from autorecipe.data.reading_layout import looks_headerless, n_filled, n_titles, shape_of, usual_width

USUAL_DELIMITERS: Final = (",", ";", "\t", "|")
# Tried only when no usual delimiter fits, since they also stand in ordinary text.
RARE_DELIMITERS: Final = ("^", "~", "\x01", "\x1f", ":", " ")
NO_DELIMITER: Final = "\x1f"  # the unit separator: never typed, so a file of one column stays one column

REGULAR_SHARE: Final = 0.5  # of the records that have the usual width, for a usual delimiter
RARE_REGULAR_SHARE: Final = 0.95  # the same for a rare one
RARE_MIN_COLUMNS: Final = 3  # two fields per line are a coincidence ("New York", "12:30")
SPACED_NUMBER_SHARE: Final = 0.5  # of the cells, for blanks to be delimiters
SAMPLE_RECORDS: Final = 500  # looked at for delimiter, titles and header; of a text those with a filled cell
SAMPLE_CHARS: Final = 4_000_000  # a header of 20,000 columns takes about 0.3 million


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How fields are separated.

    Attributes
    ----------
    delimiter : str
        One character.
    one_column : bool
        True when nothing separates fields.
    quoted : bool
        False when quotation marks are letters like any other.
    skip_blanks : bool
        True when blanks after a delimiter do not belong to the field.
    """

    delimiter: str
    one_column: bool = False
    quoted: bool = True
    skip_blanks: bool = False

    @property
    def delimiter_name(self) -> str:
        """How a message calls the delimiter."""
        return {"\t": "tab", " ": "blank"}.get(self.delimiter, self.delimiter)

    @property
    def shown(self) -> str:
        """How a message calls the dialect."""
        return "one column" if self.one_column else f"{self.delimiter_name}-separated"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    dialect: Dialect
    regular: float  # share of records of the usual width
    untitled: bool
    rows: Sequence[Sequence[str]]
    width: int

    @property
    def number_share(self) -> float:
        """Of the cells."""
        shapes = [shape_of(cell) for row in self.rows for cell in row]
        return shapes.count("number") / len(shapes)


def records_of(lines: io.TextIOBase | io.StringIO, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number where the record starts, its fields), blank lines included as [].

    Raises
    ------
    csv.Error
        When a field has more than 131,072 characters: a quotation mark that is never closed.
    """
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE,
        skipinitialspace=dialect.skip_blanks,
    )
    start = 1
    for record in reader:
        if dialect.delimiter == " " and len(record) > 1 and not record[-1]:
            record.pop()  # blanks at the end of the line
        yield start, record
        start = reader.line_num + 1


def sample_records(text: str, dialect: Dialect, *, whole: bool) -> list[tuple[int, list[str]]]:
    """Return the first records with their line numbers, empty ones too, up to one that cannot be read.

    Parameters
    ----------
    text : str
        The beginning of the file.
    whole : bool
        Whether `text` is the whole file; if not, its last record may be cut and is left out.
    """
    found: list[tuple[int, list[str]]] = []
    left = SAMPLE_RECORDS
    with contextlib.suppress(csv.Error):  # the reader of the rows names the line
        for numbered in records_of(io.StringIO(text, newline=""), dialect):
            left -= n_filled(numbered[1]) > 0
            if left < 0:
                return found
            found.append(numbered)
    return found if whole or len(found) < 2 else found[:-1]


def find_dialect(text: str, *, whole: bool) -> Dialect:
    """Return how the fields of the text are separated.

    The delimiter that gives the most records of one width wins; among equals the one whose cells are numbers
    more often, then the one with more columns. Without any, the file has one column.

    Parameters
    ----------
    text : str
        The beginning of the file.
    whole : bool
        Whether `text` is the whole file.
    """
    fits = [fit for d in USUAL_DELIMITERS if (fit := _fit(text, Dialect(delimiter=d), whole))]
    if not fits:
        rare = (Dialect(delimiter=d, skip_blanks=d == " ") for d in RARE_DELIMITERS)
        fits = [fit for d in rare if (fit := _fit(text, d, whole)) and _is_clear(fit, text)]
    if not fits:
        return _from_first_line(text)
    best = fits[0].dialect if len(fits) == 1 else _best(fits)
    return replace(best, skip_blanks=True) if _has_blanks_before_quotes(text, best.delimiter) else best


def _best(fits: Sequence[_Fit]) -> Dialect:
    return max(fits, key=lambda f: (round(f.regular, 2), f.untitled, round(f.number_share, 2), f.width)).dialect


def _has_blanks_before_quotes(text: str, delimiter: str) -> bool:
    """Is it a file of `1, "Smith, Al"`? In one that has `,"` too, blanks before quotes are part of cells."""
    outside = re.sub(r'^"[^"]*"', "", text, flags=re.M)  # a first cell may hold anything
    return f'{delimiter}"' not in text and re.search(re.escape(delimiter) + ' +"', outside) is not None


def _fit(text: str, dialect: Dialect, whole: bool) -> _Fit | None:
    if dialect.delimiter not in text:
        return None
    numbered = sample_records(text, dialect, whole=whole)
    records = [r for _, r in numbered if n_filled(r)]
    while len(records) > 2 and len(records[-1]) == 1:
        records.pop()  # remarks under the table
    if not records:
        return None
    width = usual_width(records)
    titles = n_titles(records, width=width)
    rows = records[titles:]
    regular = sum(len(r) == width for r in rows) / len(rows)
    if width < 2 or len(rows[0]) < 2 or regular < REGULAR_SHARE:
        return None
    if titles and not _title_is_clear(numbered, rows, regular):
        return None
    return _Fit(
        dialect=dialect,
        regular=regular,
        untitled=not titles,
        rows=rows,
        width=width,
    )


def _title_is_clear(numbered: Sequence[tuple[int, list[str]]], rows: Sequence[Sequence[str]], regular: float) -> bool:
    """A first line without the delimiter may also be the header of one column of prose."""
    width = len(rows[0])
    if regular < 1.0 or len(rows) < 2:
        return False
    above = [r for _, r in numbered[: next(i for i, (_, r) in enumerate(numbered) if r is rows[0])]]
    marked = any(not n_filled(r) or len(r) == width or r[0].lstrip().startswith("#") for r in above)
    named = any(
        shape_of(name) == "text" and all(shape_of(c) in {"number", "nothing"} for c in cells)
        for name, cells in zip(rows[0], zip(*rows[1:], strict=True), strict=False)
    )
    return marked or named or (width > 2 and not looks_headerless(rows[0], rows[1:]))


def _is_clear(fit: _Fit, text: str) -> bool:
    if fit.width < RARE_MIN_COLUMNS or fit.regular < RARE_REGULAR_SHARE:
        return False
    if fit.dialect.delimiter == " ":
        return fit.number_share >= SPACED_NUMBER_SHARE
    if fit.dialect.delimiter == ":":
        return all(shape_of(name) == "text" for name in text.split("\n", 1)[0].split(":"))
    return True


def _from_first_line(text: str) -> Dialect:
    """A ragged table is to be called ragged, not one column; prose of one column has no delimiter on top."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    widths = {}
    for delimiter in USUAL_DELIMITERS:
        record = next(csv.reader([first], delimiter=delimiter))
        widths[delimiter] = len(record) if all(c.strip() for c in record) else 1
    best = max(widths, key=lambda d: widths[d])
    if widths[best] > 1 and any(best in line for line in text.splitlines()[1:]):
        return Dialect(delimiter=best)
    return Dialect(delimiter=NO_DELIMITER, one_column=True)
