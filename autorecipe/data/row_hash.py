"""Tell exact duplicate rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from autorecipe.data.distinct import arrow_texts, encode
from autorecipe.data.side_by_side import map_columns

if TYPE_CHECKING:
    import pandas as pd


Hashes = npt.NDArray[np.uint64]

CELLS_AT_ONCE: Final = 4_000_000  # whose hashes are held: 32 MB; choice
# of hash_tuple, as pandas has them
_START: Final = 0x345678
_FACTOR: Final = 1_000_003
_FACTOR_STEP: Final = 82_520
_END: Final = 97_531


def hash_rows(frame: pd.DataFrame) -> npt.NDArray[np.uint64]:
    """Hash each row; exact duplicates get equal hashes.

    Blanks around text, the sign of zero and the way a cell is missing make no difference.

    Returns
    -------
    uint64 array, shape (n_rows,)
    """
    if not frame.shape[1]:
        return np.zeros(len(frame), dtype=np.uint64)
    columns = range(frame.shape[1])
    at_once = max(1, CELLS_AT_ONCE // max(len(frame), 1))
    blocks = (columns[i : i + at_once] for i in range(0, len(columns), at_once))
    hashes = (h for block in blocks for h in map_columns(lambda i: _hashes(frame.iloc[:, i]), block))
    return _joined(hashes, len(frame), frame.shape[1])


def is_copy(hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Mark the rows whose hash an earlier row has, shape (n_rows,).

    >>> is_copy(np.array([7, 3, 7], dtype=np.uint64)).tolist()
    [False, False, True]
    """
    marks = np.ones(len(hashes), dtype=np.bool_)
    marks[np.unique(hashes, return_index=True)[1]] = False
    return marks


def _joined(columns: Iterable[Hashes], n_rows: int, n_columns: int) -> Hashes:
    """Join hashes of columns to those of rows as pandas does, which does as Python does for tuples."""
    total = np.full(n_rows, _START, dtype=np.uint64)
    factor = _FACTOR
    for i, hashes in enumerate(columns):
        total = (total ^ hashes) * np.uint64(factor)
        factor = (factor + _FACTOR_STEP + 2 * (n_columns - i)) % 2**64
    return total + np.uint64(_END)


def _hashes(column: pd.Series) -> Hashes:
    import pandas as pd

    if isinstance(column.dtype, pd.StringDtype):
        codes, distinct = encode(arrow_texts(column))
        texts = pc.utf8_trim_whitespace(distinct).to_numpy(zero_copy_only=False)
        return np.asarray(pd.util.hash_array(texts, categorize=False), dtype=np.uint64)[codes]
    return np.asarray(pd.util.hash_pandas_object(_comparable(column), index=False), dtype=np.uint64)


def _comparable(column: pd.Series) -> pd.Series:
    import pandas as pd

    if pd.api.types.is_float_dtype(column.dtype):
        return column + 0.0
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    return column.astype("str").where(column.notna(), "").str.strip()
