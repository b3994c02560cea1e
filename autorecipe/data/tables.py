"""Reading a table, from a file or from memory, into raw cells."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pa_compute
from numpy.typing import NDArray

from autorecipe.data.delimited import read_delimited
from autorecipe.data.file_names import shown
from autorecipe.data.image_source import ReadImages
from autorecipe.data.reading_bytes import file_kind, load_bytes
from autorecipe.data.reading_layout import Sheet, check_unique
from autorecipe.data.reading_sample import read_sample
from autorecipe.data.reading_typed import read_excel, read_json, read_parquet
from autorecipe.data.sampling import READ_WHOLE, sample_note, sampled
from autorecipe.errors import UserError

FINGERPRINT_BYTES: Final = 8  # 16 hex digits: two tables agree by chance once in 2^64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """Raw cells and where they come from.

    Attributes
    ----------
    frame : pandas.DataFrame
        From text files every column holds text exactly as written (quotes removed, "" for an empty cell;
        decimal commas become points, and `notes` say so); from Parquet, JSON lines, Excel or memory the typed
        values.
        The index counts the rows from 0.
    name : str
        The file's name, or "data".
    path : str
        "" for a table in memory.
    notes : tuple of str
        What was found and done in reading, one short sentence each.
    fingerprint : str
        16 hex digits, a hash of names and cells: the same for a file and its gzipped copy.
    first_row_line : int
        The line of the file (row of the sheet) where the first data row starts, from 1, to name lines by.
    images : ReadImages or None
        The images of the rows, where a column names some.
    image_column : str
        That column; "" for none.
    test : Table or None
        Test rows that were given beside these, as they were read.
    row_numbers : int64 array, shape (n_rows,), or None
        Rows of the file, from 1, where some of them were left out; None: 1, 2, ...
    sampled_from : int
        Rows of the whole table, where these are a sample of them; else 0.
    """

    frame: pd.DataFrame
    name: str
    path: str
    notes: tuple[str, ...]
    fingerprint: str
    first_row_line: int
    images: ReadImages | None = None
    image_column: str = ""
    test: Table | None = None
    row_numbers: NDArray[np.int64] | None = None
    sampled_from: int = 0


def read_table(path: str | os.PathLike[str], *, has_header: bool = True) -> Table:
    """Read a table file: delimited text, Parquet, JSON lines or Excel, gzipped or not.

    Delimiter, encoding, decimal comma, titles above and totals below the table and a missing header row are
    found from the content; `Table.notes` say what was found.

    Parameters
    ----------
    path : str or path-like
        The file.
    has_header : bool
        False: the first row is data. True: look whether it is.

    Raises
    ------
    UserError
        When there is no such file, it is no table, is ragged, has no rows, or two columns have one name.
    """
    file = Path(path).expanduser()
    sheet = _read_sheet(file, has_header=has_header)
    return _table(sheet, name=file.name, path=str(file))


def read_sampled(path: str | os.PathLike[str], *, has_header: bool = True, seed: int = 0) -> Table:
    """Read a table file as `read_table` does; of a table that is too long to look at whole, a sample of its rows.

    The rows are drawn from the whole file, keep their order and their numbers, and a note says how many there are.

    Parameters
    ----------
    seed : int
        The same seed draws the same rows.

    Raises
    ------
    UserError
        As `read_table`.
    """
    file = Path(path).expanduser()
    found = read_sample(file, has_header=has_header, seed=seed)
    if found is None:
        table = sampled(read_table(path, has_header=has_header), seed=seed)
        return replace(table, notes=(*table.notes, READ_WHOLE)) if table.sampled_from else table
    table = _table(found.sheet, name=file.name, path=str(file))
    note = sample_note(len(found.rows), found.n_rows)
    return replace(table, notes=(*table.notes, note), row_numbers=found.rows + 1, sampled_from=found.n_rows)


def from_frame(data: pd.DataFrame | np.ndarray, *, name: str = "data") -> Table:
    """Take a table from memory.

    Parameters
    ----------
    data : pandas.DataFrame or numpy.ndarray
        Rows by columns. The index is left out; the columns of an array are called x0, x1 ...
    name : str
        How messages call it.

    Raises
    ------
    UserError
        When `data` has not two dimensions, has no rows or columns, two columns have one name, or a cell is a
        list, a dict, a set or an array.
    """
    if isinstance(data, pd.DataFrame):
        return _table(Sheet(frame=data), name=name, path="")
    if not isinstance(data, np.ndarray) or data.ndim != 2:
        got = f"an array of shape {data.shape}" if isinstance(data, np.ndarray) else f"a {type(data).__name__}"
        raise UserError(
            f"{got}; a DataFrame or an array of rows by columns is expected",
            where=name,
            fix="X.reshape(-1, 1) for a single column",
        )
    columns = [f"x{i}" for i in range(data.shape[1])]
    return _table(Sheet(frame=pd.DataFrame(data, columns=columns)), name=name, path="")


def require_rows(table: Table, *, at_least: int) -> None:
    """Raise UserError when the table has fewer than `at_least` rows."""
    n = len(table.frame)
    if n < at_least:
        raise UserError(f"{n} row{'s' * (n != 1)}; at least {at_least} needed", where=table.path or table.name)


def row_numbers_of(table: Table) -> NDArray[np.int64]:
    """Return the rows' numbers in their file, from 1."""
    return np.arange(1, len(table.frame) + 1) if table.row_numbers is None else table.row_numbers


def _read_sheet(file: Path, *, has_header: bool) -> Sheet:
    data = load_bytes(file)
    kind = file_kind(data, file)
    if kind == "parquet":
        return read_parquet(data, where=str(file))
    if kind == "json":
        return read_json(data, where=str(file))
    if kind == "excel":
        return read_excel(data, where=str(file), has_header=has_header)
    return read_delimited(data, where=str(file), has_header=has_header)


def _table(sheet: Sheet, *, name: str, path: str) -> Table:
    where = path or name
    frame = sheet.frame.reset_index(drop=True)
    frame.columns = pd.Index([str(column) for column in frame.columns], dtype="str")
    if not len(frame) or not frame.shape[1]:
        raise UserError(f"{len(frame)} rows x {frame.shape[1]} columns; at least one of each is expected", where=where)
    check_unique(frame.columns, where=where)
    _check_cells(frame, where)
    return Table(
        frame=frame,
        name=name,
        path=path,
        notes=sheet.notes,
        fingerprint=fingerprint_of(frame),
        first_row_line=sheet.first_row_line,
    )


def _check_cells(frame: pd.DataFrame, where: str) -> None:
    for name, column in frame.items():
        if column.dtype != object:
            continue
        row = next(
            (i for i, cell in enumerate(column) if isinstance(cell, list | dict | set | tuple | np.ndarray)),
            -1,
        )
        if row >= 0:
            raise UserError(
                f"column {name!r}, row {row + 1} is a {type(column.iloc[row]).__name__}; "
                "one number or text is expected",
                where=where,
                fix="spread it over several columns, or join it into one text",
            )


def fingerprint_of(frame: pd.DataFrame) -> str:
    """Return 16 hex digits, a hash of the columns' names and cells."""
    digest = hashlib.blake2b(json.dumps(list(frame.columns)).encode(), digest_size=FINGERPRINT_BYTES)
    digest.update(len(frame).to_bytes(8, "little"))
    for i in range(frame.shape[1]):
        column = frame.iloc[:, i]
        if isinstance(column.dtype, pd.StringDtype):
            _add_text(digest, column)
        else:
            digest.update(str(column.dtype).encode())
            digest.update(_cell_hashes(column).tobytes())
    return digest.hexdigest()


def _cell_hashes(column: pd.Series) -> NDArray[np.generic]:
    try:
        return pd.util.hash_pandas_object(column, index=False).to_numpy()
    except UnicodeEncodeError:  # names of files that are not UTF-8 cannot be hashed as they are
        cells = [shown(cell) if isinstance(cell, str) else cell for cell in column]
        return pd.util.hash_pandas_object(pd.Series(cells, dtype=object), index=False).to_numpy()


def _add_text(digest: hashlib.blake2b, column: pd.Series[str]) -> None:
    """Lengths and letters tell all columns of text apart, far faster than hashing cell by cell."""
    array = pa.array(column, type=pa.large_string(), from_pandas=True)
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    for chunk in chunks:
        lengths = pa_compute.binary_length(chunk)
        digest.update((pa_compute.fill_null(lengths, -1) if chunk.null_count else lengths).to_numpy())
    for chunk in chunks:
        filled = pa_compute.fill_null(chunk, "") if chunk.null_count else chunk
        _, offsets, letters = filled.buffers()
        bounds = np.frombuffer(offsets, dtype=np.int64)[filled.offset : filled.offset + len(filled) + 1]
        if letters is not None:
            digest.update(memoryview(letters)[bounds[0] : bounds[-1]])
