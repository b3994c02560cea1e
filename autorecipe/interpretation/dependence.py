"""Partial dependence: how the mean prediction moves when every row is given the same cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.data.cells import to_numbers
from autorecipe.data.schema import Column
from autorecipe.interpretation.record import Dependence

MOST_CELLS = 8  # a curve's bends show with so many; choice
MOST_ROWS = 300  # whose predictions are averaged; their error is then a twentieth of their spread; choice

Predict = Callable[[pd.DataFrame], NDArray[np.float64]]


def dependences(
    columns: Iterable[Column], frame: pd.DataFrame, predict: Predict, *, of: str = ""
) -> tuple[Dependence, ...]:
    """Return the partial dependence on columns; those with fewer than two cells have none.

    Parameters
    ----------
    columns : iterable of Column
        Numbers, as the network reads them, are given quantiles, other kinds their commonest cells.
    frame : DataFrame
        Raw cells of the rows to average over; evenly spaced ones are taken above `MOST_ROWS`.
    predict : callable
        Raw cells -> one number for each row; called once for all columns.
    of : str
        The class whose probability it is.

    References
    ----------
    Friedman (2001), "Greedy function approximation", Annals of Statistics 29.
    """
    some = frame.iloc[:: -(-len(frame) // MOST_ROWS)]
    columns = tuple(columns)
    cells = {column.name: _cells(frame[column.name], column) for column in columns}
    levels = {column.name for column in columns if column.kind != "numeric"}
    curves = [(column, cell) for column, own in cells.items() if len(own) > 1 for cell in own]
    if not curves:
        return ()
    copies = pd.concat([_with_cell(some, column, cell) for column, cell in curves], ignore_index=True)
    means = predict(copies).reshape(len(curves), len(some)).mean(axis=1)
    found = {
        column: [(cell, mean) for (c, cell), mean in zip(curves, means, strict=True) if c == column] for column in cells
    }
    return tuple(
        Dependence(
            column=column,
            cells=tuple(str(cell) for cell, _ in points),
            predictions=tuple(float(mean) for _, mean in points),
            of=of,
            n_rows=_counts(frame[column], [cell for cell, _ in points]) if column in levels else (),
        )
        for column, points in found.items()
        if points
    )


def _counts(cells: pd.Series, levels: list[object]) -> tuple[int, ...]:
    counts = cells.value_counts().to_dict()
    return tuple(int(counts[level]) for level in levels)


def _with_cell(frame: pd.DataFrame, column: str, cell: object) -> pd.DataFrame:
    cells = pd.Series([cell] * len(frame), index=frame.index)
    return frame.assign(**{column: cells.astype(frame[column].dtype)})


def _cells(cells: pd.Series, column: Column) -> list[object]:
    known = cells.dropna()
    if column.kind != "numeric":
        return list(known.value_counts().index[:MOST_CELLS])
    numbers = to_numbers(known, column)
    order = np.argsort(numbers, kind="stable")[: int((~np.isnan(numbers)).sum())]
    if not len(order):
        return []
    places = np.linspace(0.05, 0.95, MOST_CELLS) * (len(order) - 1)  # beyond lie outliers, of which little is known
    values = known.iloc[order[places.round().astype(int)]]
    return list(dict.fromkeys(values))
