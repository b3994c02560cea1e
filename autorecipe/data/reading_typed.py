"""Tables whose cells have types already: Parquet, JSON lines, Excel."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pa_parquet

from autorecipe.data import reading_layout as layout
from autorecipe.data.reading_bytes import to_utf8
from autorecipe.data.reading_dialect import SAMPLE_RECORDS
from autorecipe.data.reading_layout import Sheet
from autorecipe.errors import UserError

# ParseError, of damaged XML, is a SyntaxError
BROKEN_WORKBOOK: Final = (zipfile.BadZipFile, SyntaxError, KeyError, ValueError, OSError)


def read_parquet(data: bytes, *, where: str) -> Sheet:
    """Read a Parquet file; an index that pandas stored is a column if it has a name, else left out.

    Raises
    ------
    UserError
        When the file is damaged.
    """
    try:
        table = pa_parquet.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as err:
        raise UserError(f"damaged Parquet file: {err}", where=where, fix="write or download it again") from err
    return parquet_sheet(table, where=where)


def parquet_sheet(table: pa.Table, *, where: str) -> Sheet:
    """Return rows of a Parquet file as a sheet.

    Raises
    ------
    UserError
        When two columns have one name.
    """
    layout.check_unique(table.column_names, where=where)
    frame: pd.DataFrame = table.to_pandas()
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    return Sheet(frame=frame.reset_index(level=named) if named else frame)


def read_json(data: bytes, *, where: str) -> Sheet:
    """Read JSON lines (one object per line) or one list of objects.

    Raises
    ------
    UserError
        When a line is no JSON object; the line is named.
    """
    text, encoding = to_utf8(data, where=where)
    records = _json_list(text, where) if text.lstrip().startswith(b"[") else _json_lines(text, where)
    notes = () if encoding == "UTF-8" else (f"read as {encoding}",)
    return Sheet(frame=pd.DataFrame.from_records(records), notes=notes)


def read_excel(data: bytes, *, where: str, has_header: bool) -> Sheet:
    """Read the first sheet that holds cells, as the workbook shows them: values of formulas, dates as dates.

    Raises
    ------
    UserError
        When openpyxl is not installed, the file is damaged, every sheet is empty or only a header is there.
    """
    title, n_sheets, first_line, rows = _first_sheet(data, where)
    sample = [tuple(_cell_text(cell) for cell in row) for row in rows[:SAMPLE_RECORDS]]
    found = layout.find_layout(sample, has_header=has_header)
    body = rows[found.first_row :]
    if not body:
        raise UserError("a header without rows below it; at least one row is expected", where=f"{where}, sheet {title}")
    header = found.header or tuple(layout.column_name(i) for i in range(len(body[0])))
    names, notes = layout.name_columns(header, where=f"{where}, sheet {title}")
    frame = pd.DataFrame.from_records(body, columns=names)
    n_end, kinds = layout.footers(frame)
    if n_end:
        notes += (layout.footer_note(kinds, first_row=len(frame) - n_end + 1),)
        # Types are found again: a total row turns a column of numbers into one of mixed cells.
        frame = pd.DataFrame.from_records(body[:-n_end], columns=names)
    if n_sheets > 1:
        notes = (f"read sheet {title!r}, the first with cells of {n_sheets}", *notes)
    return Sheet(frame=frame, notes=(*found.notes, *notes), first_row_line=first_line + found.first_row)


def _json_lines(text: bytes, where: str) -> list[dict[str, object]]:
    records: list[dict[str, object]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as err:
            raise _bad_json(f"line {number} is not JSON: {err}", f"{where}, line {number}") from err
        if not isinstance(record, dict):
            raise _bad_json(f"line {number} is a {type(record).__name__}", f"{where}, line {number}")
        records.append(record)
    return records


def _json_list(text: bytes, where: str) -> list[dict[str, object]]:
    try:
        records: list[dict[str, object]] = json.loads(text)
    except ValueError as err:
        raise _bad_json(f"not JSON: {err}", where) from err
    odd = next((i for i, record in enumerate(records, start=1) if not isinstance(record, dict)), 0)
    if odd:
        raise _bad_json(f"element {odd} of the list is a {type(records[odd - 1]).__name__}", where)
    return records


def _bad_json(what: str, where: str) -> UserError:
    return UserError(
        f"{what}; an object with one value per column is expected",
        where=where,
        fix='write one object per line, {"age": 31, "city": "Oslo"}, or one list of such objects',
    )


def _first_sheet(data: bytes, where: str) -> tuple[str, int, int, list[tuple[object, ...]]]:
    """Return the sheet's name, the number of sheets, its first filled line, its rows without empty edges."""
    try:
        import openpyxl
    except ModuleNotFoundError as err:
        raise UserError(
            "an Excel file, and openpyxl is not installed", where=where, fix='pip install "autorecipe[excel]"'
        ) from err
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            first_line, rows = _without_empty_edges(list(sheet.iter_rows(values_only=True)))
            if rows:
                return str(sheet.title), len(book.worksheets), first_line, rows
    except BROKEN_WORKBOOK as err:
        raise UserError(f"damaged Excel file: {err}", where=where, fix="save it again, or as CSV") from err
    raise UserError("every sheet of the workbook is empty", where=where)


def _without_empty_edges(rows: list[tuple[object, ...]]) -> tuple[int, list[tuple[object, ...]]]:
    filled_rows = [i for i, row in enumerate(rows) if any(_cell_text(cell) for cell in row)]
    if not filled_rows:
        return 1, []
    top, bottom = filled_rows[0], filled_rows[-1]
    columns = [j for j in range(max(map(len, rows))) if any(j < len(row) and _cell_text(row[j]) for row in rows)]
    left, right = columns[0], columns[-1] + 1
    padded = (row + (None,) * (right - len(row)) for row in rows[top : bottom + 1])
    return top + 1, [row[left:right] for row in padded]


def _cell_text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
