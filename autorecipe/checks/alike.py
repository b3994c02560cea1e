"""How many rows are equal by chance, judged by how many differ in one cell alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NATURAL_SHARE = 0.1  # of the equal pairs, which chance must explain for a table to have them by nature; choice
FREQUENT = 0.05  # of all pairs of rows; choice: rows recorded twice make 1 / n_rows of them

Codes = NDArray[np.int64]


def is_natural(columns: Sequence[Codes]) -> bool:
    """Does chance make a tenth of the equal pairs of rows, or more?

    Parameters
    ----------
    columns : sequence of int64 ndarray, each of shape (n_rows,)
        Distinct values of each column, numbered from 0; -1 where missing, which is a value as any other.

    Notes
    -----
    Two people who give the same answers are no copies. Where columns have few values, and for every pair of rows that
    is equal many differ in one cell alone, the equal ones are no surprise; a row that was recorded twice has a twin
    but no such neighbours. Where any two rows are often equal the table has hardly any distinct rows.
    """
    rows = _sum_of(columns)
    n_equal = n_pairs(rows)
    if n_equal >= FREQUENT * _n_all(rows):
        return True
    return bool(n_equal) and chance_pairs(columns) >= NATURAL_SHARE * n_equal


def chance_pairs(columns: Sequence[Codes]) -> float:
    """Return how many pairs of rows are equal by chance: the near misses over the odds of a miss.

    If two rows agree in column j with the probability q_j whatever the others hold, then of pairs that are equal in all
    other columns (1 - q_j) / q_j as many differ in it as agree: the pairs that differ in exactly one column, over the
    sum of these odds, are the pairs expected to be equal. Where columns depend on each other it is too few, but far
    more than the product of all q_j, since the other columns agree already. q_j is that of the pairs which are not
    equal: a measurement that two rows share because one is a copy would else seem to repeat by itself.

    >>> twice = np.array([0, 1, 2, 3, 0])
    >>> chance_pairs([twice, twice])
    0.0
    """
    rows = _sum_of(columns)
    n_equal = n_pairs(rows)
    n_others = _n_all(rows) - n_equal
    near, odds = 0.0, 0.0
    for place, codes in enumerate(columns):
        n_agreeing = n_pairs(codes) - n_equal
        if n_agreeing <= 0:
            return 0.0
        odds += n_others / n_agreeing - 1
        near += n_pairs(rows - _marks(codes, place)) - n_equal
    return near / odds if odds else 0.0


def n_pairs(keys: NDArray[np.uint64] | Codes) -> float:
    """Return how many pairs of keys are equal.

    >>> n_pairs(np.array([7, 7, 7, 8], dtype=np.uint64))
    3.0
    """
    counts = np.unique(keys, return_counts=True)[1].astype(np.float64)
    return float((counts * (counts - 1) / 2).sum())


def _n_all(keys: NDArray[np.uint64]) -> float:
    return len(keys) * (len(keys) - 1) / 2


def _sum_of(columns: Sequence[Codes]) -> NDArray[np.uint64]:
    """Return one key for each row; a column is taken out of it by subtraction."""
    total = np.zeros(len(columns[0]) if columns else 0, dtype=np.uint64)
    for place, codes in enumerate(columns):
        total += _marks(codes, place)
    return total


def _marks(codes: Codes, place: int) -> NDArray[np.uint64]:
    """Return a random 64-bit number for each value of a column, always the same for its place."""
    marks = np.random.default_rng(place).integers(0, 2**64, size=int(codes.max(initial=-1)) + 2, dtype=np.uint64)
    return np.asarray(marks[codes + 1])
