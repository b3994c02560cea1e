"""Which rows a profile looks at where a table is too long to look at all of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from autorecipe.data.tables import Table

Rows = NDArray[np.int64]

MOST_CELLS: Final = 20_000_000  # looked at whole; choice: twice 100,000 rows x 100 columns
SAMPLED_CELLS: Final = 10_000_000  # of a longer table; choice: as many as 100,000 rows x 100 columns
MAX_ROWS: Final = 200_000  # in a sample; choice: a share of 1 % is then known to 0.02 points
MIN_ROWS: Final = 20_000  # as many as single features are scored on
READ_WHOLE: Final = (
    "the file was read whole before the sample was drawn: in part only Parquet is read, and regular CSV that is not"
    " compressed"
)
END_ROWS: Final = 40  # the last rows are always read: totals and remarks stand there, and are left out


def sample_size(n_rows: int, n_columns: int) -> int:
    """Return how many rows of a table a profile looks at.

    >>> sample_size(100_000, 100), sample_size(5_000_000, 50), sample_size(2_000, 10_000)
    (100000, 200000, 2000)
    """
    if n_rows * n_columns <= MOST_CELLS:
        return n_rows
    return min(n_rows, max(MIN_ROWS, min(MAX_ROWS, SAMPLED_CELLS // max(n_columns, 1))))


def draw_rows(n_rows: int, size: int, *, seed: int) -> Rows:
    """Draw rows without replacement from the whole table, the last END_ROWS among them.

    Returns
    -------
    int64 array, shape (size,)
        From 0, ascending.
    """
    end = min(END_ROWS, size, n_rows)
    random = np.random.default_rng(seed % 2**32)
    drawn = random.choice(n_rows - end, size - end, replace=False, shuffle=False)
    return np.concatenate([np.sort(drawn), np.arange(n_rows - end, n_rows)]).astype(np.int64)


def sampled(table: Table, *, seed: int) -> Table:
    """Return a table with a sample of its rows where it is too long; else, and with images, the table itself."""
    from autorecipe.data.tables import fingerprint_of, row_numbers_of

    n_rows = len(table.frame)
    size = sample_size(n_rows, table.frame.shape[1])
    if size == n_rows or table.images is not None or table.sampled_from:
        return table
    rows = draw_rows(n_rows, size, seed=seed)
    frame = table.frame.iloc[rows].reset_index(drop=True)
    return dataclasses.replace(
        table,
        frame=frame,
        notes=(*table.notes, sample_note(size, n_rows)),
        fingerprint=fingerprint_of(frame),
        row_numbers=row_numbers_of(table)[rows],
        sampled_from=n_rows,
    )


def sample_note(size: int, n_rows: int) -> str:
    """Say that a profile looks at a sample.

    >>> sample_note(200_000, 5_000_000)
    'a sample of 200,000 of 5,000,000 rows, drawn from the whole table; fit learns from all of them'
    """
    return f"a sample of {size:,} of {n_rows:,} rows, drawn from the whole table; fit learns from all of them"
