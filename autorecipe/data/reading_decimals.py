"""Numbers written with a decimal comma: 3,14 becomes 3.14, decided column by column."""

from __future__ import annotations

from typing import Final, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from autorecipe.data.reading_layout import NOTHING

# 1,248  12,500  1,000,000: digits in threes, which may be a thousands mark
THOUSANDS: Final = r"^\s*[+-]?[1-9]\d{0,2}(,\d{3})+\s*$"
# 1.234,56  1.234  12  -1.000.000,5: points that can only be thousands marks beside a decimal comma
POINT_GROUPS: Final = r"^\s*[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?\s*$"
FIRST_LOOK: Final = 1000  # rows that settle most columns before all rows are looked at

CommaKind = Literal["decimal", "unclear", "none"]


def rewrite_decimal_commas(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the frame with decimal points, and a note that names the columns.

    A column counts when each of its cells is missing or a number written with a comma (or none) and at least
    one has a comma. When all its commas stand before three digits (1,248) they may mark thousands: it is left
    alone unless another column of the file has a plain decimal comma.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns of text, from a file whose delimiter is not a comma.
    """
    arrays = [_array(frame.iloc[:, i]) for i in range(frame.shape[1])]
    kinds = [_comma_kind(array) for array in arrays]
    if "decimal" not in kinds:
        return frame, ()
    found = [i for i, kind in enumerate(kinds) if kind != "none"]
    columns = {i: frame.iloc[:, i] for i in range(frame.shape[1])}
    columns |= {i: _pandas(_with_points(arrays[i])) for i in found}
    rewritten = pd.DataFrame(columns)
    rewritten.columns = frame.columns
    names = [str(frame.columns[i]) for i in found]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return rewritten, (f"read decimal commas as points (3,14 is 3.14) in {', '.join(names[:5])}{more}",)


def _comma_kind(array: pa.Array) -> CommaKind:
    if not _all_numbers(array.slice(0, FIRST_LOOK)):
        return "none"
    commas = pc.match_substring(array, ",")
    if not pc.any(commas).as_py() or not _all_numbers(array):
        return "none"
    for look in (FIRST_LOOK, len(array)):
        with_comma = array.slice(0, look).filter(commas.slice(0, look))
        if not pc.all(pc.match_substring_regex(with_comma, THOUSANDS)).as_py():
            return "decimal"
    return "unclear"


def _all_numbers(cells: pa.Array) -> bool:
    """Is every cell missing or a number with a decimal comma?"""
    texts = pc.utf8_trim_whitespace(cells)
    missing = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(sorted(NOTHING), cells.type))
    filled = texts.filter(pc.invert(missing))
    pointed = filled.filter(pc.match_substring(filled, "."))
    if len(pointed) and not pc.all(pc.match_substring_regex(pointed, POINT_GROUPS)).as_py():
        return False
    try:
        pc.cast(_with_points(filled), pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _with_points(array: pa.Array) -> pa.Array:
    """Write numbers with a decimal point; a cell without digits, as "-" or ".", stays as it is."""
    if pc.any(pc.match_substring(array, ".")).as_py():
        numbers = pc.match_substring_regex(array, POINT_GROUPS)
        array = pc.if_else(numbers, pc.replace_substring(array, ".", ""), array)
    return pc.replace_substring(array, ",", ".")


def _array(column: pd.Series[str]) -> pa.Array:
    array = pa.array(column, type=pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _pandas(array: pa.Array) -> pd.Series[str]:
    column: pd.Series[str] = pa.table({"cells": array}).to_pandas()["cells"].astype("str")
    return column
