"""Rows that belong together: exact duplicates and declared groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

MIN_UNITS = 6  # units; one for the test and one for each of five folds: fewer cannot be shared out
MAX_UNIT_SHARE = 0.5  # of the rows; a unit above this leaves too little for the other side; choice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Units:
    """Which rows stay on one side of every split.

    Attributes
    ----------
    codes : int64 array, shape (n_rows,)
        Unit of each row, 0 ... n_units - 1.
    note : str
        What is kept together, or why repeated rows are not; "" when every row stands alone.
    """

    codes: Ints
    note: str

    @property
    def trivial(self) -> bool:
        """Whether every row stands alone."""
        return _n_units(self.codes) == len(self.codes)


def find_units(row_hash: npt.NDArray[np.uint64], groups: Ints | None) -> Units:
    """Merge exact duplicates with declared groups.

    Duplicates give way where they would leave nothing to share out: few distinct rows, or chains of
    duplicates that tie most groups together. Such rows repeat by nature, and the note says so.
    Declared groups never give way.

    Parameters
    ----------
    row_hash : uint64 array, shape (n_rows,)
        Equal for rows whose features are equal.
    groups : int64 array, shape (n_rows,), or None
        Declared group of each row, 0 ... n_groups - 1.
    """
    repeats = codes_of(row_hash)
    if groups is None:
        return _repeats_alone(repeats)
    if _n_units(repeats) == len(repeats):
        return Units(codes=groups, note="groups on one side")
    merged = _connect(groups, repeats)
    if _n_units(merged) == _n_units(groups) or _shares_out(merged, at_least=_largest(groups)):
        return Units(codes=merged, note="groups and repeated rows on one side")
    return Units(codes=groups, note="groups on one side (repeated rows run through them)")


def codes_of(values: npt.NDArray[np.generic]) -> Ints:
    """Number the distinct values of an array 0, 1, ... in their sorted order."""
    codes: Ints = np.unique(values, return_inverse=True)[1].astype(np.int64)
    return codes


def pair_codes(first: Ints, second: Ints) -> Ints:
    """Number the distinct pairs of two codes."""
    return codes_of(first * (second.max(initial=0) + 1) + second)


def _repeats_alone(repeats: Ints) -> Units:
    alone = np.arange(len(repeats), dtype=np.int64)
    n_distinct = _n_units(repeats)
    if n_distinct == len(repeats):
        return Units(codes=alone, note="")
    if _shares_out(repeats, at_least=0):
        n_repeated = int((np.bincount(repeats)[repeats] > 1).sum())
        return Units(codes=repeats, note=f"{n_repeated:,} repeated rows on one side")
    return Units(codes=alone, note=f"repeated rows on both sides (only {n_distinct:,} distinct rows)")


def _shares_out(codes: Ints, *, at_least: int) -> bool:
    limit = max(MAX_UNIT_SHARE * len(codes), at_least)
    return _n_units(codes) >= MIN_UNITS and _largest(codes) <= limit


def _connect(first: Ints, second: Ints) -> Ints:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n_first, n_second = _n_units(first), _n_units(second)
    edges = coo_matrix((np.ones(len(first), dtype=np.int8), (first, second + n_first)), shape=(n_first + n_second,) * 2)
    labels = connected_components(edges, directed=False)[1]
    return codes_of(labels[first])


def _n_units(codes: Ints) -> int:
    return int(codes.max(initial=-1)) + 1


def _largest(codes: Ints) -> int:
    return int(np.bincount(codes).max(initial=0))
