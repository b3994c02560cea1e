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


def find_units(
    row_hash: npt.NDArray[np.uint64],
    groups: Ints | None,
    *,
    equal: npt.NDArray[np.uint64] | None = None,
    n_given: int = 0,
) -> Units:
    """Merge exact duplicates with declared groups.

    Duplicates give way where they would leave nothing to share out: few distinct rows, more than half of
    the rows all alike (the others still stay together), or chains of duplicates that tie most groups
    together. Such rows repeat by nature, and the note says so. Declared groups never give way.

    Parameters
    ----------
    row_hash : uint64 array, shape (n_rows,)
        Equal for rows whose features are equal, or nearly.
    groups : int64 array, shape (n_rows,), or None
        Declared group of each row, 0 ... n_groups - 1.
    equal : uint64 array, shape (n_rows,), or None
        Where `row_hash` is equal for nearly equal rows: equal for equal ones, which stay together where the
        nearly equal ones give way.
    n_given : int
        Rows at the end that were given to test on: their copies among the others are on another side, so the note does
        not count them.
    """
    repeats = codes_of(row_hash)
    if groups is None:
        return _repeats_alone(repeats, equal, n_given)
    kept = _without_largest(repeats, equal)
    but, repeats = _exception(repeats, kept), kept
    if _n_units(repeats) == len(repeats):
        return Units(codes=groups, note="groups on one side")
    merged = _connect(groups, repeats)
    if _n_units(merged) == _n_units(groups) or _shares_out(merged, at_least=_largest(groups)):
        return Units(codes=merged, note=f"groups and repeated rows on one side{but}")
    return Units(codes=groups, note="groups on one side (repeated rows run through them)")


def codes_of(values: npt.NDArray[np.generic]) -> Ints:
    """Number the distinct values of an array 0, 1, ... in their sorted order."""
    codes: Ints = np.unique(values, return_inverse=True)[1].astype(np.int64)
    return codes


def pair_codes(first: Ints, second: Ints) -> Ints:
    """Number the distinct pairs of two codes."""
    return codes_of(first * (second.max(initial=0) + 1) + second)


def _repeats_alone(repeats: Ints, equal: npt.NDArray[np.uint64] | None, n_given: int) -> Units:
    alone = np.arange(len(repeats), dtype=np.int64)
    n_distinct = _n_units(repeats)
    if n_distinct == len(repeats):
        return Units(codes=alone, note="")
    if n_distinct < MIN_UNITS:
        return Units(codes=alone, note=f"repeated rows on both sides (only {n_distinct:,} distinct rows)")
    kept = _without_largest(repeats, equal)
    own, own_repeats = (codes_of(codes[: len(codes) - n_given]) for codes in (kept, repeats))
    n_repeated = int((np.bincount(own)[own] > 1).sum())
    note = f"{n_repeated:,} repeated rows on one side{_exception(own_repeats, own)}" if n_repeated else ""
    return Units(codes=kept, note=note)


def _exception(repeats: Ints, kept: Ints) -> str:
    is_broken = _n_units(kept) > _n_units(repeats)
    return f", except {_largest(repeats):,} rows that are all alike" if is_broken else ""


def _without_largest(repeats: Ints, equal: npt.NDArray[np.uint64] | None) -> Ints:
    """Break up a unit that is too large to share out: into its equal rows, or into single ones."""
    limit = MAX_UNIT_SHARE * len(repeats)
    is_apart = (np.bincount(repeats) > limit)[repeats]
    if not is_apart.any():
        return repeats
    parts = np.arange(is_apart.sum(), dtype=np.int64)
    if equal is not None and _largest(codes := codes_of(equal[is_apart])) <= limit:
        parts = codes
    broken = repeats.copy()
    broken[is_apart] = _n_units(repeats) + parts
    return codes_of(broken)


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
