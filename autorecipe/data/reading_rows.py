"""The rows below the header of a delimited text, as columns of text."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from autorecipe.data import reading_layout as layout
from autorecipe.data.reading_dialect import Dialect, records_of
from autorecipe.errors import UserError

if TYPE_CHECKING:
    from pyarrow.csv import InvalidRow

BLOCK_BYTES: Final = 1 << 24  # 16 MiB, pyarrow's unit of parsing; one record must fit into a block
CHUNK_RECORDS: Final = 20_000  # records turned into columns at a time where pyarrow does not know the dialect
SHOWN_CHARS: Final = 60  # of a ragged row, in the message


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The part of the file below the header.

    Attributes
    ----------
    data : bytes
        UTF-8.
    first_line : int
        The line of the file where it starts, from 1.
    width : int
        How many fields a row has.
    header_line : int
        The header's line, 0 without header.
    where : str
        The file, for messages.
    """

    data: bytes
    first_line: int
    width: int
    header_line: int
    where: str


def read_rows(body: Body, dialect: Dialect) -> tuple[pd.DataFrame, Dialect, list[list[str]]]:
    """Read the rows.

    Returns
    -------
    tuple of (pandas.DataFrame, Dialect, list of list of str)
        The cells in columns "0", "1" ...; the dialect that fitted in the end (quotation marks that do not
        come in pairs are letters); the records below the table that have fewer fields and are totals or
        remarks.

    Raises
    ------
    UserError
        When a row has more or fewer fields than the header, or a quotation mark is never closed.
    """
    frame, n_odd = _by_pyarrow(body, dialect)
    n_lines = body.data.count(b"\n")
    swallowed = frame is None or n_odd > 0 or len(frame) < n_lines
    if swallowed and b'"' in body.data and not (dialect.skip_blanks or dialect.one_column):
        plain = replace(dialect, quoted=False)
        unquoted, n_plain_odd = _by_pyarrow(body, plain)
        # A stray quotation mark swallows line ends; if all lines are regular without quoting, it is a letter.
        more = unquoted is not None and not n_plain_odd and (frame is None or len(unquoted) > len(frame))
        if unquoted is not None and more and not _quotes_pair(body, dialect):
            return unquoted, plain, []
    if frame is None or n_odd:
        remarks = _remarks_or_refuse(body, dialect)
        return (_by_csv(body, dialect) if frame is None else frame), dialect, remarks
    if len(frame) and "\n" in str(frame.iat[-1, -1]) and not body.data.rstrip().endswith(b'"'):
        refuse_open_quote(_last_line(body, dialect), body.where)
    return frame, dialect, []


def _by_pyarrow(body: Body, dialect: Dialect) -> tuple[pd.DataFrame | None, int]:
    """Return the regular rows and how many are irregular; (None, 0) when pyarrow cannot read them."""
    n_odd = 0

    def count(row: InvalidRow) -> str:
        nonlocal n_odd
        n_odd += bool(row.text.strip())
        return "skip"

    if dialect.skip_blanks:
        return None, 0
    names = [str(i) for i in range(body.width)]
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(body.data),
            read_options=pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=BLOCK_BYTES),
            parse_options=pa_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char='"' if dialect.quoted else False,
                newlines_in_values=dialect.quoted,
                ignore_empty_lines=not dialect.one_column,
                invalid_row_handler=count,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None, 0
    return _text_frame(table), n_odd


def _by_csv(body: Body, dialect: Dialect) -> pd.DataFrame:
    """Read record by record: ten times slower than pyarrow, for the dialects that it does not know."""
    chunks: list[list[pa.Array]] = [[] for _ in range(body.width)]
    rows = (record for _, record in _records(body, dialect) if len(record) == body.width)
    while chunk := list(itertools.islice(rows, CHUNK_RECORDS)):
        for column, cells in zip(chunks, zip(*chunk, strict=True), strict=True):
            column.append(pa.array(cells, pa.large_string()))
    arrays = [pa.chunked_array(column, type=pa.large_string()) for column in chunks]
    return _text_frame(pa.Table.from_arrays(arrays, names=[str(i) for i in range(body.width)]))


def _text_frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame.astype("str")


def _records(body: Body, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields) of every record that is not a blank line."""
    lines = io.TextIOWrapper(io.BytesIO(body.data), encoding="utf-8", newline="")
    for line, record in records_of(lines, dialect):
        if layout.n_filled(record) or len(record) == body.width > 1:
            yield line + body.first_line - 1, record


def _remarks_or_refuse(body: Body, dialect: Dialect) -> list[list[str]]:
    """Return the irregular records below the table, or refuse the first ragged one."""
    odd: list[tuple[int, list[str]]] = []
    n_rows, line = 0, body.first_line
    try:
        for line, record in _records(body, dialect):
            if len(record) != body.width:
                odd.append((line, record))
            elif not odd:
                n_rows += 1
            below = layout.n_filled(record) == 0 or bool(layout.footer_kind(record, width=body.width))
            if odd and (len(odd) > layout.MAX_FOOTERS or not below or len(record) > body.width):
                _refuse_ragged(odd[0], n_rows + 1, body, dialect)
    except csv.Error:
        refuse_open_quote(line, body.where)
    if odd and not n_rows:  # nothing but remarks below: the header is not of this table
        _refuse_ragged(odd[0], 1, body, dialect)
    return [record for _, record in odd]


def _quotes_pair(body: Body, dialect: Dialect) -> bool:
    """Is every quotation mark that opens a cell closed at the end of a cell?"""
    lines = io.TextIOWrapper(io.BytesIO(body.data), encoding="utf-8", newline="")
    try:
        return all(True for _ in csv.reader(lines, delimiter=dialect.delimiter, strict=True))
    except csv.Error:
        return False


def _last_line(body: Body, dialect: Dialect) -> int:
    return max((line for line, _ in _records(body, dialect)), default=body.first_line)


def _refuse_ragged(odd: tuple[int, list[str]], row: int, body: Body, dialect: Dialect) -> NoReturn:
    line, record = odd
    if dialect.quoted and any("\n" in cell for cell in record):
        refuse_open_quote(line, body.where)
    against = f"the header (line {body.header_line})" if body.header_line else "the first row"
    fields = f"{len(record)} field{'s' * (len(record) != 1)}"
    shown = dialect.delimiter.join(record)[:SHOWN_CHARS]
    fix = f"quote the cells that hold a {dialect.delimiter_name}, or complete the row: {shown}"
    if len(record) == body.width + 1 and row == 1 and body.header_line:
        fix = f"if the rows start with a name or number of their own, give it a name in the header; else {fix}"
    raise UserError(
        f"ragged table: line {line} (row {row}) has {fields}, but {against} has {body.width}",
        where=f"{body.where}, line {line}",
        fix=fix,
    )


def refuse_open_quote(line: int, where: str) -> NoReturn:
    """Raise UserError for a quotation mark in `line` that swallows what follows."""
    raise UserError(
        f"the quotation mark opened in line {line} is never closed, or more than 131,072 characters below: "
        'a cell that starts with " must end with "',
        where=f"{where}, line {line}",
        fix='close it, or write a quotation mark that belongs to a quoted cell twice: ""',
    )
