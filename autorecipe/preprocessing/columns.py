"""Columns by name: found in a frame, and named safely as inputs of a model."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence

import pandas as pd

from autorecipe.errors import UserError, nearest

# keywords of a SavedModel's or a Keras model's call: an input of that name could not be passed
_TAKEN = frozenset({"self", "cls", "args", "kwargs", "inputs", "training", "mask", "name"})


def input_names(columns: Sequence[str]) -> list[str]:
    """Return a safe name for each column: letters, digits and _, a letter first, unique whatever the case.

    >>> input_names(["Life expectancy ", "1st", "a/b", "A.b"])
    ['Life_expectancy', 'x1st', 'a_b', 'A_b_2']
    """
    names: list[str] = []
    seen: set[str] = set()
    for column in columns:
        stem = _safe(column)
        name, n = stem, 1
        while name.lower() in seen:
            n += 1
            name = f"{stem}_{n}"
        seen.add(name.lower())
        names.append(name)
    return names


def find_column(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of the frame; blanks around names are ignored.

    Raises
    ------
    UserError
        When there is none; the nearest name is suggested.
    """
    if column in frame.columns:
        return frame[column]
    for name in frame.columns:
        if str(name).strip() == column.strip():
            return frame[name]
    near = nearest(column, [str(name) for name in frame.columns])
    raise UserError(
        f"the rows have no column '{column.strip()}'",
        where=f"columns: {', '.join(str(name) for name in list(frame.columns)[:20])}",
        fix=f"is it '{near}'? rename that one" if near else "add the column; empty cells count as missing",
    )


def _safe(column: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_]+", "_", column.strip()).strip("_") or "x"
    if not name[0].isalpha() or name in _TAKEN or keyword.iskeyword(name):
        name = f"x{name}" if name[0].isdigit() else f"x_{name}"
    return name
