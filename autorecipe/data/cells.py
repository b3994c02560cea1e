"""What a raw cell means: its text, number, category or date. The exported graph computes the same."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import numbers

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from autorecipe.data.date_formats import date_format
from autorecipe.data.distinct import arrow_texts, encode
from autorecipe.data.number_rules import DECIMAL_COMMA, number_rule
from autorecipe.data.parse_texts import parse_days, parse_numbers, plain_numbers
from autorecipe.data.patterns import (
    Texts,
    as_objects,
    as_texts,
    full_match,
    is_in,
    lower,
    strip,
    taken,
)
from autorecipe.data.schema import Column
from autorecipe.errors import UserError

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

# stripped, lower-cased; missing in every column
ALWAYS_NULL: tuple[str, ...] = ("", "?", "na", "n/a", "nan", "null", "#n/a", "<na>", "nat")
# missing where numbers or dates are expected; elsewhere they may be a level ("none" of a garage type)
NULL_TOKENS: tuple[str, ...] = (
    *ALWAYS_NULL,
    *("none", "-", "--", "---", ".", "unknown", "missing", "not available", "n.a.", "nil"),
    *("#value!", "#div/0!", "#ref!", "#num!"),
)
FLOAT32_WHOLE = 2**24  # every integer up to here is a float32 of its own

_SECONDS_PER_DAY = 86_400
_LARGEST_LEVEL = 2.0**62  # what int64, in which the graph writes a level, holds with room to spare


def to_text(values: pd.Series) -> Texts:
    """Return the text of each cell.

    Parameters
    ----------
    values : Series of any dtype
        Texts are left as they are, whole numbers have no decimal point ("3"), booleans are "True" and
        "False", dates "YYYY-MM-DD HH:MM:SS" (in UTC where they carry a zone).

    Returns
    -------
    object array of str, shape (n,)
        "" where the cell is missing.

    Raises
    ------
    UserError
        When a cell is a list or another container.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        texts = np.append(to_text(pd.Series(values.cat.categories)), "")
        return np.asarray(texts[values.cat.codes.to_numpy()], object)
    if isinstance(dtype, pd.StringDtype):
        return as_objects(arrow_texts(values))
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return _datetime_texts(values)
    if pd.api.types.is_bool_dtype(dtype) or pd.api.types.is_numeric_dtype(dtype):
        codes, distinct = pd.factorize(values)
        texts = as_texts([*(_cell_text(value) for value in distinct), ""])
        return np.asarray(texts[codes], object)
    return as_texts([_checked_text(value, values.name, row) for row, value in enumerate(values, start=1)])


def to_distinct(values: pd.Series) -> tuple[Longs, pa.Array]:
    """Return the distinct texts of the cells, as `to_text` gives them.

    Returns
    -------
    codes : int64 array, shape (n,)
        Which of the distinct texts each cell is.
    distinct : Arrow array of texts, shape (n_distinct,)
        In order of appearance; "" where cells are missing.

    Raises
    ------
    UserError
        When a cell is a list or another container.
    """
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_numeric_dtype(values.dtype):
        codes, found = pd.factorize(values, use_na_sentinel=False)
        return np.asarray(codes, np.int64), pa.array([_cell_text(value) for value in found], pa.large_string())
    return encode(_arrow_cells(values))


def to_wire(values: pd.Series, column: Column) -> NDArray[np.float32] | Texts:
    """Return the cells as they are sent to the exported model.

    Returns
    -------
    float32 array (NaN is missing) or object array of str ("" is missing), shape (n,)

    Raises
    ------
    UserError
        When the wire is float32 and a cell is not a number.
    """
    if column.wire == "string":
        return as_objects(_wire_cells(values, column))
    with np.errstate(over="ignore"):
        return _wire_numbers(values, column).astype(np.float32)


def to_numbers(values: pd.Series, column: Column) -> Floats:
    """Return the numbers of a column; the graph computes them in float32.

    Returns
    -------
    float64 array, shape (n,)
        NaN where the cell is missing or, on the string wire, not a number under the column's rule.
    """
    if column.wire == "float32":
        return _wire_numbers(values, column)
    rule = number_rule(column.number_rule)
    codes, distinct = encode(_wire_cells(values, column))
    return parse_numbers(_without_nulls(strip(distinct), column), rule)[codes]


def to_categories(values: pd.Series, column: Column) -> Texts:
    """Return the level of each cell, as the vocabulary knows it.

    Returns
    -------
    object array of str, shape (n,)
        The stripped text, lower-cased in a boolean column; on the float32 wire the integer's text, "?" for a
        number that is not whole. "" where the cell is missing.
    """
    codes, levels = to_levels(values, column)
    return np.asarray(levels[codes], object)


def to_levels(values: pd.Series, column: Column) -> tuple[Longs, Texts]:
    """Return what `to_categories` does as places among fewer texts.

    Returns
    -------
    codes : int64 array, shape (n,)
    levels : object array of str, shape (n_levels,)
        In order of appearance; several may be the same text.
    """
    if column.wire == "float32":
        codes, found = pd.factorize(to_wire(values, column).astype(np.float64), use_na_sentinel=False)
        return np.asarray(codes, np.int64), as_texts(["" if np.isnan(x) else _level(x) for x in found])
    places, distinct = encode(_wire_cells(values, column))
    texts = _without_nulls(strip(distinct), column)
    return places, as_objects(lower(texts) if column.kind == "boolean" else texts)


def to_days(values: pd.Series, column: Column) -> Floats:
    """Return days since 1970-01-01, the time of day as a fraction.

    Returns
    -------
    float64 array, shape (n,)
        NaN where the cell is missing or not a date under the column's format.
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        stamps = _in_utc(values)
        days = stamps.astype(np.int64) / _SECONDS_PER_DAY
        return np.where(np.isnat(stamps), np.nan, days)
    codes, distinct = to_distinct(values)
    return parse_days(_without_nulls(strip(distinct), column), date_format(column.date_format))[codes]


def are_numbers(values: pd.Series, column: Column) -> bool:
    """Is every cell a plain number or missing, so that the column may be sent as float32?"""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return True
    cells = strip(_arrow_cells(values))
    if plain_numbers(cells) is not None:
        return True
    others = taken(cells, ~full_match(cells, number_rule("plain").pattern))
    return bool(is_in(lower(others), ("", *column.null_tokens)).all())


def _arrow_cells(values: pd.Series) -> pa.Array:
    """Return what `to_text` does, as an Arrow array; a column of texts is not turned into Python's."""
    if isinstance(values.dtype, pd.StringDtype):
        return arrow_texts(values)
    return pa.array(to_text(values), pa.large_string())


def _wire_cells(values: pd.Series, column: Column) -> pa.Array:
    cells = _arrow_cells(values)
    if column.number_rule == DECIMAL_COMMA and pd.api.types.is_numeric_dtype(values.dtype):
        return pc.replace_substring(cells, ".", ",")
    return cells


def _wire_numbers(values: pd.Series, column: Column) -> Floats:
    if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan), np.float64)
    cells = _arrow_cells(values)
    if (plain := plain_numbers(strip(cells))) is not None:
        return plain
    codes, distinct = encode(cells)
    texts = _without_nulls(strip(distinct), column)
    found = parse_numbers(texts, number_rule("plain"))
    wrong = np.isnan(found) & (as_objects(texts) != "")
    if wrong.any():
        row = int(np.flatnonzero(wrong[codes])[0])
        raise _no_number(column, distinct[int(codes[row])].as_py(), row + 1)
    return found[codes]


def _no_number(column: Column, cell: str, row: int) -> UserError:
    what, fix = "numbers", "write a number there, or leave the cell empty"
    if column.kind in ("categorical", "boolean"):
        what = "levels that are numbers"
        fix = "write the level as in training, or leave the cell empty; a number never seen there is an unknown level"
    return UserError(
        f"column '{column.name}' holds {what}, but '{cell}' is none",
        where=f"column '{column.name}', row {row} (the header not counted)",
        fix=fix,
    )


def _without_nulls(cells: pa.Array, column: Column) -> pa.Array:
    missing = is_in(lower(cells), ("", *column.null_tokens))
    return pc.if_else(pa.array(missing), pa.scalar("", cells.type), cells) if missing.any() else cells


def _level(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < _LARGEST_LEVEL else "?"


def _datetime_texts(values: pd.Series) -> Texts:
    stamps = _in_utc(values)
    texts = np.char.replace(np.datetime_as_string(stamps), "T", " ").astype(object)
    texts[np.isnat(stamps)] = ""
    return np.asarray(texts, object)


def _in_utc(values: pd.Series) -> NDArray[np.datetime64]:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    return np.asarray(values.to_numpy(dtype="datetime64[s]"))


def _checked_text(value: object, name: object, row: int) -> str:
    try:
        return _cell_text(value)
    except TypeError as error:
        raise UserError(
            f"column '{name}' holds a {type(value).__name__}; a cell is a text, number, boolean or date",
            where=f"column '{name}', row {row}",
            fix=f"spread it over columns of its own, or leave it out: --drop '{name}'",
        ) from error


def _cell_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (numbers.Integral, decimal.Decimal)):
        return str(value)
    if isinstance(value, (float, np.floating)):
        if math.isnan(value):
            return ""
        return str(int(value)) if float(value).is_integer() else str(value)
    if isinstance(value, (dt.datetime, dt.date, np.datetime64)):
        return str(_datetime_texts(pd.Series([pd.Timestamp(value)]))[0])
    raise TypeError(type(value).__name__)
