"""The distinct texts of a column and which one each cell holds: what a column means is found on few cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from autorecipe.data.patterns import strip

Longs = NDArray[np.int64]


def arrow_texts(values: pd.Series[str]) -> pa.Array:
    """Return the cells of a column of texts as one Arrow array, "" where the cell is missing."""
    cells = pa.array(values, type=pa.large_string(), from_pandas=True)
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    return pc.fill_null(cells, "") if cells.null_count else cells


def encode(cells: pa.Array) -> tuple[Longs, pa.Array]:
    """Number the distinct texts as they appear.

    Returns
    -------
    codes : int64 array, shape (n,)
        Which of the distinct texts each cell is.
    distinct : Arrow array of texts, shape (n_distinct,)
    """
    encoded = cells.dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary


def merge_stripped(codes: Longs, distinct: pa.Array) -> tuple[Longs, pa.Array]:
    """Strip distinct texts; those that are then the same get one number, in the order in which they appear."""
    stripped = strip(distinct)
    if stripped.equals(distinct):
        return codes, distinct
    merged, distinct = encode(stripped)
    return merged[codes], distinct


def without(codes: Longs, distinct: pa.Array, out: NDArray[np.bool_]) -> tuple[Longs, pa.Array]:
    """Leave out the distinct texts that a mask names, with the cells that hold them."""
    if not out.any():
        return codes, distinct
    number = np.cumsum(~out) - 1
    return number[codes[~out[codes]]], distinct.filter(pa.array(~out))
