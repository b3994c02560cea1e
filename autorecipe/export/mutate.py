"""Rows that no table holds, to try a model where it hurts: missing, unseen and extreme cells."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.data.cells import to_wire
from autorecipe.data.schema import Column, Schema
from autorecipe.preprocessing.columns import find_column

N_MUTATED = 20
RANGES_AWAY = 1000.0  # an extreme number lies this many of the column's ranges above its largest
LONG_TEXT = 300  # an extreme text has this many times its words: longer than any that is looked at
UNSEEN_TEXT = "never seen before \N{SNOWMAN}"
UNSEEN_CODE = 7_654_321.5  # a code that is not even whole

_MISSING, _UNSEEN, _EXTREME = 1, 2, 3


def mutate_rows(frame: pd.DataFrame, schema: Schema, *, seed: int, n: int = N_MUTATED) -> pd.DataFrame:
    """Return rows drawn from the frame with cells made missing, unseen or extreme.

    The first three rows have all cells missing, unseen and extreme; in the others every cell is left alone or
    mutated at random.

    Parameters
    ----------
    frame : DataFrame
        At least one row of raw cells.
    n : int
        Rows to return.

    Returns
    -------
    DataFrame of n rows
        The feature columns alone, float32 or text as they are sent to the model.
    """
    random = np.random.default_rng(seed)
    rows = random.integers(0, len(frame), n)
    mutations = random.integers(0, 4, (n, len(schema.features)))
    for row, mutation in zip(range(n), (_MISSING, _UNSEEN, _EXTREME), strict=False):
        mutations[row] = mutation
    mutated = {}
    for j, column in enumerate(schema.features):
        cells = to_wire(find_column(frame, column.name), column)
        drawn = cells[rows]
        for mutation in (_MISSING, _UNSEEN, _EXTREME):
            at = mutations[:, j] == mutation
            drawn[at] = _mutated(drawn[at], mutation, column, cells)
        mutated[column.name] = pd.Series(drawn, dtype="float32" if column.wire == "float32" else object)
    return pd.DataFrame(mutated)


def _mutated(
    drawn: NDArray[np.generic], mutation: int, column: Column, cells: NDArray[np.generic]
) -> NDArray[np.generic]:
    if column.wire == "float32":
        value = {_MISSING: np.nan, _UNSEEN: UNSEEN_CODE, _EXTREME: _far_away(cells)}[mutation]
        return np.full(len(drawn), value, "float32")
    if mutation == _EXTREME:
        texts = [_extreme_text(str(text), column) for text in drawn]
    else:
        texts = ["" if mutation == _MISSING else UNSEEN_TEXT] * len(drawn)
    return np.array(texts, dtype=object)


def _far_away(cells: NDArray[np.generic]) -> float:
    finite = cells[np.isfinite(cells.astype("float64"))].astype("float64")
    if not len(finite):
        return RANGES_AWAY
    return float(finite.max() + RANGES_AWAY * (finite.max() - finite.min() + 1.0))


def _extreme_text(text: str, column: Column) -> str:
    if column.kind in ("numeric", "datetime"):
        return re.sub("[0-9]", "9", text)  # keeps the way it is written: 99/99/9999 looks like a date, and is none
    return " ".join([text or "x"] * LONG_TEXT)
