"""Reading a sample of a table file that is too long to look at whole, without ever holding the whole of it."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet

from autorecipe.data.delimited import Located, locate, read_located
from autorecipe.data.reading_bytes import GZIP_MAGIC, file_kind, to_utf8
from autorecipe.data.reading_dialect import RARE_DELIMITERS, SAMPLE_CHARS, USUAL_DELIMITERS
from autorecipe.data.reading_layout import Sheet
from autorecipe.data.reading_typed import parquet_sheet
from autorecipe.data.records import ReadBytes, Records, find_records, read_records
from autorecipe.data.sampling import END_ROWS, MOST_CELLS, Rows, draw_rows, sample_size
from autorecipe.errors import UserError

LONGEST_RECORD: Final = 1 << 20  # bytes; a longer one comes of a quotation mark that is never closed; choice
MOST_LOOKED_AT: Final = 10_000  # lines that end in a blank; choice: a fraction of a second
MAYBE_SHARE: Final = 0.7  # of the most cells; the file's beginning tells how many there are to about this; choice
BATCH_ROWS: Final = 65_536  # of a Parquet file, read at a time
WHOLE_STARTS: Final = (GZIP_MAGIC, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # of files that are read whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampledSheet:
    """Some rows of a table file.

    Attributes
    ----------
    rows : int64 array, shape (n,)
        Which rows of the file they are, from 0, ascending.
    n_rows : int
        Of the whole file.
    """

    sheet: Sheet
    rows: Rows
    n_rows: int


def read_sample(path: Path, *, has_header: bool, seed: int) -> SampledSheet | None:
    """Read a sample of a CSV or Parquet file; None where the file must be read whole.

    It must where the table is short enough, where the file is compressed, UTF-16, JSON or Excel, and where its
    quotation marks, line ends or widths are not regular: reading the whole then says what is wrong, and where.

    Parameters
    ----------
    has_header : bool
        As in `autorecipe.data.tables.read_table`.
    """
    try:
        with path.open("rb") as file:
            n_bytes = os.fstat(file.fileno()).st_size
            head = file.read(2 * SAMPLE_CHARS)
            if head.startswith(b"PAR1"):
                return _of_parquet(path, seed=seed)
            n_cells = n_bytes * _n_cells(head) / max(len(head), 1)
            if n_cells < MAYBE_SHARE * MOST_CELLS or head.startswith(WHOLE_STARTS) or file_kind(head, path) != "text":
                return None
            return _of_text(partial(_between, file), path, n_bytes, has_header, seed)
    except (OSError, UserError, pa.ArrowException):
        return None


def _between(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


def _n_cells(head: bytes) -> int:
    """Return how many cells a text has at most: one for each line end and each of the commonest delimiter."""
    return head.count(b"\n") + max(
        head.count(delimiter.encode()) for delimiter in (*USUAL_DELIMITERS, *RARE_DELIMITERS)
    )


def _of_parquet(path: Path, *, seed: int) -> SampledSheet | None:
    file = pa_parquet.ParquetFile(path)
    n_rows = file.metadata.num_rows
    size = sample_size(n_rows, len(file.schema_arrow))
    if size == n_rows:
        return None
    rows = draw_rows(n_rows, size, seed=seed)
    parts, first = [], 0
    for batch in file.iter_batches(batch_size=BATCH_ROWS):
        low, high = np.searchsorted(rows, (first, first + len(batch)))
        parts.append(pa.Table.from_batches([batch]).take(pa.array(rows[low:high] - first)))
        first += len(batch)
    sheet = parquet_sheet(pa.concat_tables(parts), where=str(path))
    return SampledSheet(sheet=sheet, rows=rows, n_rows=n_rows)


def _of_text(read: ReadBytes, path: Path, n_bytes: int, has_header: bool, seed: int) -> SampledSheet | None:
    head = read(0, min(2 * SAMPLE_CHARS, n_bytes))
    head = head[: head.rfind(b"\n") + 1]
    if re.search(rb"\r(?!\n)", head):  # lines that end as on old Macs
        return None
    located = locate(to_utf8(head, where=str(path))[0], where=str(path), has_header=has_header)
    lines_above = head.split(b"\n", located.body.first_line - 1)[:-1]
    records = find_records(read, sum(len(line) + 1 for line in lines_above), n_bytes)
    n_rows = len(records.starts)
    size = sample_size(n_rows, located.body.width)
    if size == n_rows or not _is_regular(records, located, read):
        return None
    rows = draw_rows(n_rows, size, seed=seed)
    data, encoding = to_utf8(read_records(read, records, rows), where=str(path))
    said = encoding.partition(" ")[0]  # the line that is not UTF-8 would be one of the sample
    sheet = read_located(replace(located, body=replace(located.body, data=data)), encoding=said)
    n_out = size - len(sheet.frame)  # totals and remarks at the end
    if not 0 <= n_out <= END_ROWS:
        return None
    return SampledSheet(sheet=sheet, rows=rows[: size - n_out], n_rows=n_rows - n_out)


def _is_regular(records: Records, located: Located, read: ReadBytes) -> bool:
    """Is every record a row, as far as its length tells, and the longest one of them for certain?"""
    length = records.ends - records.starts
    width, longest = located.body.width, records.longest
    if not records.closed or length[longest] > LONGEST_RECORD or located.dialect.one_column:
        return False
    if (length[:-END_ROWS] < width).any() or _has_lines_of_blanks(records, read):  # a row has width - 1 delimiters
        return False
    if not records.n_inside:
        return True
    text = to_utf8(read_records(read, records, np.array([longest])), where="")[0].decode()
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=located.dialect.delimiter, strict=True)
    try:
        return [len(row) for row in rows] == [width]
    except csv.Error:
        return False


def _has_lines_of_blanks(records: Records, read: ReadBytes) -> bool:
    """Are there lines that look empty, or so many that may that all cannot be looked at?"""
    suspects = np.flatnonzero(records.end_in_blank)
    if len(suspects) > MOST_LOOKED_AT:
        return True
    return any(read_records(read, records, np.array([i])).isspace() for i in suspects)
