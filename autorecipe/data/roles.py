"""What the columns with a role hold: the target, the weights, the time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.data.cells import are_numbers, to_categories, to_days, to_numbers, to_text
from autorecipe.data.number_rules import number_rule
from autorecipe.data.patterns import Texts, as_objects, full_match, strip
from autorecipe.data.schema import Column, Role, Schema
from autorecipe.errors import UserError, nearest
from autorecipe.listing import some_of

N_CLASSES = 5  # named in a message
CELL_TEXT = 40  # characters of a cell


def column_of(schema: Schema, role: Role) -> Column | None:
    """Return the column that has a role; None without one."""
    return next((c for c in schema.columns if c.role == role), None)


def target_values(
    frame: pd.DataFrame, schema: Schema, *, row_numbers: NDArray[np.int64] | None = None
) -> NDArray[np.generic]:
    """Return the target as class codes int64, or as values float64.

    Parameters
    ----------
    row_numbers : ndarray of shape (n_rows,), optional
        What messages call the rows; 1, 2, ... when not given.

    Raises
    ------
    UserError
        When a cell is not one of the classes, or not a number: its row is named.
    """
    cells, column = frame[schema.target], schema.column(schema.target)
    if schema.task == "regression":
        values = to_numbers(cells, column)
        _raise_at(~np.isfinite(values), cells, expected="a number", row_numbers=row_numbers)
        return values
    codes = {label: i for i, label in enumerate(schema.classes)}
    found = np.array([codes.get(text, -1) for text in _class_texts(cells, column)], dtype="int64")
    if (found < 0).any():
        place = int(np.flatnonzero(found < 0)[0])
        row = place + 1 if row_numbers is None else int(row_numbers[place])
        raise _no_class(str(cells.iloc[place]).strip()[:CELL_TEXT], row, schema)
    return found


def _class_texts(cells: pd.Series, column: Column) -> Texts:
    """Return the label of each cell; where classes are written as numbers a cell that is none stays as it is."""
    if column.wire == "string" or are_numbers(cells, column):
        return to_categories(cells, column)
    texts = as_objects(strip(to_text(cells)))
    is_number = full_match(texts, number_rule("plain").pattern)
    return np.where(is_number, to_categories(cells.where(is_number), column), texts)


def _no_class(cell: str, row: int, schema: Schema) -> UserError:
    classes = schema.classes
    named = some_of([f"'{label}'" for label in classes], N_CLASSES, between=" and " if len(classes) == 2 else ", ")
    others = "neither" if len(classes) == 2 else "none of them"
    near = nearest(cell, classes)
    return UserError(
        f"the classes of '{schema.target.strip()}' are {named}, and '{cell}' in row {row} is {others}",
        where=f"column '{schema.target.strip()}', row {row}",
        fix=f"did you mean '{near}'? write the classes as in training" if near else "write the classes as in training",
    )


def weights_of(
    frame: pd.DataFrame, schema: Schema, *, row_numbers: NDArray[np.int64] | None = None
) -> NDArray[np.float32]:
    """Return the rows' weights, scaled to a mean of 1; ones where there is no weight column.

    Parameters
    ----------
    row_numbers : ndarray of shape (n_rows,), optional
        What messages call the rows; 1, 2, ... when not given.

    Raises
    ------
    UserError
        When a weight is missing, negative or not a number.
    """
    column = column_of(schema, "weight")
    if column is None:
        return np.ones(len(frame), "float32")
    values = to_numbers(frame[column.name], column)
    bad = ~(np.isfinite(values) & (values >= 0))
    _raise_at(bad, frame[column.name], expected="a weight >= 0", row_numbers=row_numbers)
    if values.sum() == 0:
        raise UserError(f"all weights in '{column.name}' are 0", where="--weight", fix="name another column")
    scaled: NDArray[np.float32] = (values / values.mean()).astype("float32")
    return scaled


def times_of(frame: pd.DataFrame, column: Column, row_numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what orders the rows in time: days since 1970 of a column of dates, else its numbers, shape (n_rows,).

    Parameters
    ----------
    row_numbers : ndarray of shape (n_rows,)
        What messages call the rows.

    Raises
    ------
    UserError
        When a cell is neither a date nor a number: its row is named.
    """
    read = to_days if column.kind == "datetime" else to_numbers
    days = read(frame[column.name], column)
    _raise_at(~np.isfinite(days), frame[column.name], expected="a date or a number", row_numbers=row_numbers)
    return days


def _raise_at(
    bad: NDArray[np.bool_], cells: pd.Series, *, expected: str, row_numbers: NDArray[np.int64] | None
) -> None:
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        row = place + 1 if row_numbers is None else int(row_numbers[place])
        raise UserError(
            f"column '{cells.name}' holds {str(cells.iloc[place])[:40]!r} in row {row}; expected {expected}",
            where=f"column '{cells.name}', row {row}",
            fix="mend the cell or leave the row out",
        )
