"""Tell exact duplicate rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd


def hash_rows(frame: pd.DataFrame) -> npt.NDArray[np.uint64]:
    """Hash each row; exact duplicates get equal hashes.

    Blanks around text, the sign of zero and the way a cell is missing make no difference.

    Returns
    -------
    uint64 array, shape (n_rows,)
    """
    import pandas as pd

    plain = {i: _comparable(frame.iloc[:, i]) for i in range(frame.shape[1])}
    if not plain:
        return np.zeros(len(frame), dtype=np.uint64)
    hashes = pd.util.hash_pandas_object(pd.DataFrame(plain), index=False)
    return np.asarray(hashes, dtype=np.uint64)


def _comparable(column: pd.Series) -> pd.Series:
    import pandas as pd

    if pd.api.types.is_float_dtype(column.dtype):
        return column + 0.0
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    return column.astype("str").where(column.notna(), "").str.strip()
