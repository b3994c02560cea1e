"""Delimited text of any kind into a frame of text cells."""

from __future__ import annotations

import io
import itertools
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

import numpy as np
import pandas as pd

from autorecipe.data import reading_layout as layout
from autorecipe.data.reading_bytes import to_utf8
from autorecipe.data.reading_decimals import rewrite_decimal_commas
from autorecipe.data.reading_dialect import SAMPLE_CHARS, Dialect, find_dialect, sample_records
from autorecipe.data.reading_layout import Sheet
from autorecipe.data.reading_rows import Body, read_rows, refuse_open_quote
from autorecipe.errors import UserError

SEP_LINE: Final = "sep="  # a first line by which Excel is told the delimiter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Located:
    """Where the rows of a text are, and how their fields are separated.

    Attributes
    ----------
    header : tuple of str or None
        The header's cells; None without a header row.
    notes : tuple of str
        What was found above the rows.
    """

    body: Body
    dialect: Dialect
    header: tuple[str, ...] | None
    notes: tuple[str, ...]


def read_delimited(data: bytes, *, where: str, has_header: bool) -> Sheet:
    """Read delimited text: find encoding, delimiter, titles, header and totals, then the cells.

    Parameters
    ----------
    data : bytes
        The whole file.
    where : str
        Its path, for messages.
    has_header : bool
        False: there is no header row. True: look whether there is one.

    Raises
    ------
    UserError
        When a row has more or fewer fields than the header (its line is named), a quotation mark is never
        closed, two columns have one name, there are no rows below the header, or the file is binary.
    """
    data, encoding = to_utf8(data, where=where)
    if not data or data.isspace():
        raise UserError("the file is empty; a header and at least one row are expected", where=where)
    return read_located(locate(data, where=where, has_header=has_header), encoding=encoding)


def read_located(located: Located, *, encoding: str) -> Sheet:
    """Read the rows of a text whose header is known.

    Parameters
    ----------
    encoding : str
        What a note says of it.

    Raises
    ------
    UserError
        As `read_delimited`.
    """
    body, where = located.body, located.body.where
    header, title_notes = located.header, located.notes
    frame, dialect, remarks = read_rows(body, located.dialect)
    frame, name_notes = _name_columns(frame, header, where)
    frame, end_notes = _without_footers(frame, remarks)
    if not len(frame):
        _refuse_no_rows(header or (), where)
    frame, comma_notes = rewrite_decimal_commas(frame) if dialect.delimiter != "," else (frame, ())
    notes = (*_how_read(dialect, encoding), *title_notes, *name_notes, *end_notes, *comma_notes)
    return Sheet(frame=frame, notes=notes, first_row_line=body.first_line)


def locate(data: bytes, *, where: str, has_header: bool) -> Located:
    """Find the part below the header, how fields are separated, and the header if there is one.

    Parameters
    ----------
    data : bytes
        UTF-8; the whole file, or its beginning with at least SAMPLE_CHARS.

    Raises
    ------
    UserError
        When there are no rows below the header, or a quotation mark is never closed.
    """
    sample = data[:SAMPLE_CHARS].decode("utf-8", errors="ignore")
    said_delimiter, sep_line = _sep_line(sample)
    text = sample[len(sep_line) :]
    whole = len(data) <= SAMPLE_CHARS
    dialect = Dialect(delimiter=said_delimiter) if said_delimiter else find_dialect(text, whole=whole)
    numbered = sample_records(text, dialect, whole=whole)
    if not numbered:
        refuse_open_quote(1, where)
    records = [record for _, record in numbered]
    found = layout.find_layout(records, has_header=has_header)
    first = next((i for i in range(found.first_row, len(records)) if layout.n_filled(records[i])), None)
    if first is None:
        unread = list(io.StringIO(text, newline=""))[numbered[-1][0] :]
        if any(ln.strip(dialect.delimiter + string.whitespace) for ln in unread):
            refuse_open_quote(numbered[-1][0] + 1, where)
        _refuse_no_rows(records[found.first_row - 1], where, n_empty=len(records) - found.first_row, whole=whole)
    header = _header_for(found.header, records[first:])
    line = numbered[first][0]
    above = sep_line + "".join(itertools.islice(io.StringIO(text, newline=""), line - 1))
    body = Body(
        data=data[len(above.encode()) :],
        first_line=line + bool(sep_line),
        width=len(records[first]) if header is None else len(header),
        header_line=0 if header is None else numbered[found.first_row - 1][0] + bool(sep_line),
        where=where,
    )
    return Located(body=body, dialect=dialect, header=header, notes=found.notes)


def _sep_line(sample: str) -> tuple[str, str]:
    """Return the delimiter that the file declares in its first line, and that line; or two empty texts."""
    first = io.StringIO(sample, newline="").readline()
    said = first.strip("\r\n").strip('"')
    declares = said[: len(SEP_LINE)].lower() == SEP_LINE and len(said) == len(SEP_LINE) + 1
    return (said[-1], first) if declares else ("", "")


def _header_for(header: tuple[str, ...] | None, records: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """Rows that all end in a delimiter have an empty last field that the header may lack."""
    if header is None:
        return None
    rows = [r for r in records if layout.n_filled(r)]
    return (*header, "") if all(len(r) == len(header) + 1 and not r[-1].strip() for r in rows) else header


def _how_read(dialect: Dialect, encoding: str) -> tuple[str, ...]:
    plain = dialect.delimiter == "," and encoding == "UTF-8"
    notes = () if plain else (f"read as {dialect.shown}, {encoding}",)
    return notes if dialect.quoted else (*notes, "quotation marks are kept as letters, they do not pair")


def _name_columns(
    frame: pd.DataFrame, header: tuple[str, ...] | None, where: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    if header is None:
        frame.columns = pd.Index([layout.column_name(i) for i in range(frame.shape[1])])
        return frame, ()
    keep = len(header)
    while keep > 1 and not header[keep - 1].strip() and bool((frame.iloc[:, keep - 1].str.strip() == "").all()):
        keep -= 1
    dropped = len(header) - keep
    names, notes = layout.name_columns(header[:keep], where=where)
    frame = frame.iloc[:, :keep]
    frame.columns = pd.Index(names)
    if dropped:
        notes = (f"left out {dropped} empty column{'s' * (dropped > 1)} without a name at the right", *notes)
    return frame, notes


def _without_footers(frame: pd.DataFrame, remarks: list[list[str]]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out empty rows, totals and remarks below the data; `remarks` are out already, and are said."""
    frame, n_empty = _without_empty_end(frame)
    n_end, words = layout.footers(frame)
    words += [layout.footer_kind(record, width=frame.shape[1]) for record in remarks]
    notes: tuple[str, ...] = ()
    if words:
        notes = (layout.footer_note(words, first_row=len(frame) - n_end + 1),)
    frame, n_more = _without_empty_end(frame.iloc[: len(frame) - n_end])
    n_empty += n_more
    if n_empty:
        notes += (f"left out {n_empty} empty row{'s' * (n_empty > 1)} at the end",)
    return frame, notes


def _without_empty_end(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    if not len(frame) or any(str(cell).strip() for cell in frame.iloc[-1]):
        return frame, 0
    filled = np.zeros(len(frame), dtype=bool)
    for i in range(frame.shape[1]):
        filled |= (frame.iloc[:, i].str.strip() != "").to_numpy()
    keep = int(np.flatnonzero(filled).max(initial=-1)) + 1
    return frame.iloc[:keep], len(frame) - keep


def _refuse_no_rows(header: Sequence[str], where: str, *, n_empty: int = 0, whole: bool = True) -> NoReturn:
    if n_empty:
        within = f" in its first {SAMPLE_CHARS:,} characters"
        n = f"{n_empty:,} empty row{'s' * (n_empty > 1)} below it" if whole else f"empty rows below it{within}"
        raise UserError(f"a header with nothing but {n}; at least one row with a value is expected", where=where)
    n_data = sum(layout.shape_of(cell) in {"number", "date"} for cell in header)
    like_data = n_data > 0 and n_data >= layout.DATA_LIKE_SHARE * layout.n_filled(header)
    fix = "if its one line is data, say --no-header (has_header=False)" if like_data else ""
    raise UserError("a header without rows below it; at least one row is expected", where=where, fix=fix)
