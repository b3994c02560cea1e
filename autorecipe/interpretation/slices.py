"""Where is the model worse than elsewhere, and which rows is it most wrong about?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.data.cells import to_categories, to_numbers
from autorecipe.data.schema import Column
from autorecipe.interpretation.record import WeakSlice

MOST_SLICES = 5
LEAST_ROWS = 30  # of a slice; fewer say little about a mean (rule of thumb for the central limit)
MOST_LEVELS = 20  # of a column; rarer ones are not looked at
QUARTERS = 4

Floats = NDArray[np.float64]


def weak_slices(frame: pd.DataFrame, losses: Floats, columns: Iterable[Column]) -> tuple[WeakSlice, ...]:
    """Return the slices of single columns whose rows cost most beyond what chance would give, worst first.

    A slice must lie above the other rows by more errors than the largest of so many would by chance, sqrt(2 ln m)
    and two more (the expected maximum of m normal variables; choice of the two).

    Parameters
    ----------
    frame : DataFrame
        Raw cells of the rows.
    losses : ndarray of shape (n_rows,)
    columns : iterable of Column
        The columns to look at; their cells mean what they mean to the network.
    """
    tried = [found for column in columns for found in _slices_of(frame[column.name], losses, column)]
    limit = 2.0 + math.sqrt(2.0 * math.log(max(len(tried), 2)))
    weak = [s for s in tried if s.error > 0 and (s.loss - s.elsewhere) / s.error > limit]
    return tuple(sorted(weak, key=lambda s: s.elsewhere - s.loss)[:MOST_SLICES])


def _slices_of(cells: pd.Series, losses: Floats, column: Column) -> Iterator[WeakSlice]:
    if column.kind == "numeric":
        numbers = to_numbers(cells, column)
        yield from _slice(column.name, f"{column.name} is missing", np.isnan(numbers), losses)
        yield from _quarters(column.name, numbers, losses)
        return
    texts = pd.Series(to_categories(cells, column))
    yield from _slice(column.name, f"{column.name} is missing", (texts == "").to_numpy(), losses)
    for level in texts[texts != ""].value_counts().index[:MOST_LEVELS]:
        yield from _slice(column.name, f"{column.name} is '{level}'", (texts == level).to_numpy(), losses)


def _quarters(column: str, numbers: Floats, losses: Floats) -> Iterator[WeakSlice]:
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return
    edges = np.unique(np.quantile(known, np.linspace(0.0, 1.0, QUARTERS + 1)))
    for i, (low, high) in enumerate(pairwise(edges)):
        inside = (numbers >= low if i == 0 else numbers > low) & (numbers <= high)
        yield from _slice(column, f"{column} from {low:g} to {high:g}", inside, losses)


def _slice(column: str, rows: str, inside: NDArray[np.bool_], losses: Floats) -> Iterator[WeakSlice]:
    here, elsewhere = losses[inside], losses[~inside]
    if len(here) < LEAST_ROWS or len(elsewhere) < LEAST_ROWS:
        return
    error = math.sqrt(np.var(here, ddof=1) / len(here) + np.var(elsewhere, ddof=1) / len(elsewhere))
    yield WeakSlice(
        column=column,
        rows=rows,
        n_rows=len(here),
        loss=float(here.mean()),
        elsewhere=float(elsewhere.mean()),
        error=error,
    )
