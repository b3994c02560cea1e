"""Raw cells to numbers, labels and marks of what is missing, by the rules that the schema recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.cells import to_categories, to_days, to_levels, to_numbers
from autorecipe.data.schema import Column, Schema
from autorecipe.data.side_by_side import map_columns
from autorecipe.preprocessing.number_marks import beside_numbers

if TYPE_CHECKING:
    import pandas as pd

Placed = tuple[NDArray[np.int64], NDArray[np.object_]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParsedFeatures:
    """The features of some rows, parsed once.

    Attributes
    ----------
    numbers : dict of str to ndarray of float64, shape (n_rows,)
        Numeric features, and datetime features in days; NaN where there is no number.
    categories : dict of str to object ndarray of str, shape (n_rows,)
        All other features; "" where the cell is missing.
    missing : dict of str to bool ndarray, shape (n_rows,)
        Cells that are empty or a null token.
    unparsed : dict of str to bool ndarray, shape (n_rows,)
        Cells of `numbers` that hold something else than a number (or a date).
    levels : dict of str to (ndarray of int64, shape (n_rows,), object ndarray of str, shape (n_levels,))
        What `categories` holds as places among few texts, where that is known; a text may stand there twice.
    beside : dict of str to (ndarray of int64, shape (n_rows,), object ndarray of str, shape (n_texts,))
        What cells of `numbers` that are sent as texts say besides their number, as places among few texts.
    """

    numbers: dict[str, NDArray[np.float64]]
    categories: dict[str, NDArray[np.object_]]
    missing: dict[str, NDArray[np.bool_]]
    unparsed: dict[str, NDArray[np.bool_]]
    levels: dict[str, Placed] = field(default_factory=dict)
    beside: dict[str, Placed] = field(default_factory=dict)


def parse_features(frame: pd.DataFrame, schema: Schema) -> ParsedFeatures:
    """Parse every feature column of a raw table.

    Parameters
    ----------
    frame : DataFrame
        Raw cells, with every feature column of the schema.
    """
    numbers = [column for column in schema.features if column.kind in ("numeric", "datetime")]
    others = [column for column in schema.features if column.kind not in ("numeric", "datetime")]
    read = dict(zip(_names(numbers), map_columns(lambda c: _read_numbers(frame[c.name], c), numbers), strict=True))
    levels = dict(zip(_names(others), map_columns(lambda c: to_levels(frame[c.name], c), others), strict=True))
    written = [column for column in numbers if column.kind == "numeric" and column.wire == "string"]
    beside = map_columns(lambda c: beside_numbers(frame[c.name], c), written)
    missing = {name: marks for name, (_, marks) in read.items()}
    missing |= {name: np.asarray((texts == "")[codes], dtype=bool) for name, (codes, texts) in levels.items()}
    return ParsedFeatures(
        numbers={name: values for name, (values, _) in read.items()},
        categories={name: texts[codes] for name, (codes, texts) in levels.items()},
        missing={column.name: missing[column.name] for column in schema.features},
        unparsed={name: np.isnan(values) & ~marks for name, (values, marks) in read.items()},
        levels=levels,
        beside=dict(zip(_names(written), beside, strict=True)),
    )


def _names(columns: list[Column]) -> list[str]:
    return [column.name for column in columns]


def _read_numbers(series: pd.Series, column: Column) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the numbers (or days) of a column, and which cells are missing."""
    values = to_days(series, column) if column.kind == "datetime" else to_numbers(series, column)
    return values, np.asarray(_is_missing(series, column, np.isnan(values)), dtype=bool)


def _is_missing(series: pd.Series, column: Column, no_number: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if column.wire == "float32" or not no_number.any():
        return no_number
    missing = np.zeros(len(series), dtype=bool)
    missing[no_number] = to_categories(series[no_number], column) == ""
    return missing


def level_codes(features: ParsedFeatures, name: str) -> NDArray[np.int64]:
    """Number the distinct texts of a feature of `categories` as they appear, shape (n_rows,)."""
    import pandas as pd

    codes, levels = levels_of(features, name)
    return np.asarray(pd.factorize(levels)[0][codes], dtype=np.int64)


def levels_of(features: ParsedFeatures, name: str) -> Placed:
    """Return a feature of `categories` as places among few texts, in order of appearance; a text may stand twice."""
    import pandas as pd

    if name in features.levels:
        return features.levels[name]
    codes, levels = pd.factorize(features.categories[name])
    return np.asarray(codes, dtype=np.int64), np.asarray(levels, dtype=object)


def hash_rows(features: ParsedFeatures, n_rows: int) -> NDArray[np.uint64]:
    """Hash each row of parsed features; 74 bhp and 74 kW differ.

    Returns
    -------
    ndarray of uint64, shape (n_rows,)
    """
    from pandas.util import hash_array

    total = np.zeros(n_rows, dtype=np.uint64)
    for values in features.numbers.values():
        total = total * np.uint64(1_000_003) + hash_array(values + 0.0)  # + 0.0 makes -0.0 equal 0.0
    for name in features.categories:
        codes, levels = levels_of(features, name)
        total = total * np.uint64(1_000_003) + hash_array(levels, categorize=False)[codes]
    for codes, texts in features.beside.values():
        total = total * np.uint64(1_000_003) + hash_array(texts, categorize=False)[codes]
    return total
