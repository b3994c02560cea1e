"""Columns of numbers that say nearly the same, in groups; never by looking at all pairs of very many columns."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from autorecipe.record.profile import ColumnGroup

MIN_RHO = 0.98  # |Spearman's rho|: two columns of which each explains 96 % of the other's ranks
MIN_ROWS = 30  # with a value in both columns; among fewer, ranks agree by chance
COMPARED_ROWS = 5_000
MANY_COLUMNS = 500  # beyond, only columns that fall into one bucket are compared, on fewer rows
FEWER_ROWS = 1_000
# Random hyperplanes (Charikar 2002): two columns at rho 0.98 are 11.5 degrees apart, so one plane parts them in 6.4 %
# of draws, and all of 16 leave them together in 35 %; some of 10 draws does in 98.6 %. Unrelated columns share a bucket
# once in 65,536 draws.
N_PLANES, N_DRAWS = 16, 10
N_NEIGHBOURS = 5  # of one bucket that each column is compared with: a chain joins a group as well as all pairs do
SLACK = 0.05  # of rho, below the limit, from where a pair with missing cells is measured exactly

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pair = tuple[float, int, int]  # about rho, and the places of two columns


def find_groups(numbers: dict[str, Floats], *, seed: int) -> tuple[ColumnGroup, ...]:
    """Group columns by the absolute value of Spearman's rank correlation.

    Parameters
    ----------
    numbers : dict of str to float64 ndarray, shape (n_rows,)
        NaN where missing.

    Returns
    -------
    tuple of ColumnGroup
        Whatever hangs together by pairs above MIN_RHO is one group; the largest come first.
    """
    names = [c for c, values in numbers.items() if np.isfinite(values).sum() >= MIN_ROWS]
    if len(names) < 2:
        return ()
    n_rows = len(numbers[names[0]])
    random = np.random.default_rng(seed)
    at_most = COMPARED_ROWS if len(names) <= MANY_COLUMNS else FEWER_ROWS
    chosen = np.sort(random.permutation(n_rows)[:at_most])
    values = np.stack([numbers[c][chosen] for c in names])
    ranked = np.stack([_ranks(row) for row in values])
    varies = np.flatnonzero(ranked.any(axis=1))
    least = (MIN_RHO - SLACK) * np.sqrt(np.isfinite(values).mean(axis=1))  # cells missing on one side lower the product
    few = len(varies) <= MANY_COLUMNS
    pairs = _all_pairs(ranked, least, varies) if few else _bucketed_pairs(ranked, least, varies, random)
    return _join(sorted(pairs, key=lambda pair: (-pair[0], pair[1:])), values, names)


def _ranks(values: Floats) -> NDArray[np.float32]:
    """Return centred ranks of length 1, and 0 where a value is missing; zeros for a constant."""
    known = np.isfinite(values)
    ranks = np.zeros(len(values), dtype=np.float64)
    if known.any():
        ranks[known] = _mean_ranks(values[known])
        ranks[known] -= ranks[known].mean()
    length = float(np.sqrt((ranks**2).sum()))
    return np.asarray(ranks / length if length > 0 else ranks, dtype=np.float32)


def _mean_ranks(values: Floats) -> Floats:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place])


def _all_pairs(ranked: NDArray[np.float32], least: Floats, varies: Ints) -> Iterable[Pair]:
    rho = np.abs(ranked[varies] @ ranked[varies].T)
    first, second = np.nonzero(np.triu(rho > np.outer(least[varies], least[varies]) / (MIN_RHO - SLACK), k=1))
    strength = rho[first, second].astype(np.float64).tolist()
    return zip(strength, varies[first].tolist(), varies[second].tolist(), strict=True)


def _bucketed_pairs(
    ranked: NDArray[np.float32], least: Floats, varies: Ints, random: np.random.Generator
) -> Iterable[Pair]:
    found: set[Pair] = set()
    powers = 1 << np.arange(N_PLANES)
    for _ in range(N_DRAWS):
        planes = random.normal(size=(ranked.shape[1], N_PLANES)).astype(np.float32)
        sides = np.asarray(ranked[varies] @ planes) > 0
        sides = sides ^ sides[:, :1]  # a column and its negative share a bucket
        buckets = sides @ powers
        order = np.argsort(buckets, kind="stable")
        for step in range(1, N_NEIGHBOURS + 1):
            same = np.flatnonzero(buckets[order[step:]] == buckets[order[:-step]])
            if not len(same):
                break
            left, right = varies[order[same]], varies[order[same + step]]
            rho = np.abs(np.einsum("ij,ij->i", ranked[left], ranked[right]))
            near = np.flatnonzero(rho > least[left] * least[right] / (MIN_RHO - SLACK))
            for k in near:
                first, second = sorted((int(left[k]), int(right[k])))
                found.add((round(float(rho[k]), 6), first, second))
    return found


def _rho(ours: Floats, theirs: Floats) -> float:
    """Return |Spearman's rho| over the rows where both have a value; 0 among too few of them."""
    both = np.isfinite(ours) & np.isfinite(theirs)
    if both.sum() < MIN_ROWS:
        return 0.0
    return abs(float(_ranks(ours[both]) @ _ranks(theirs[both])))


def _join(pairs: list[Pair], values: Floats, names: list[str]) -> tuple[ColumnGroup, ...]:
    """Join columns along pairs that hold, the strongest first; the last pair that a group needs is its strength."""
    group = {i: i for _, *pair in pairs for i in pair}
    members = {i: [i] for i in group}
    strength: dict[int, float] = {}
    complete = np.asarray(np.isfinite(values).all(axis=1))
    for product, i, j in pairs:
        kept, lost = group[i], group[j]
        if kept == lost:
            continue
        rho = product if complete[i] and complete[j] else _rho(values[i], values[j])
        if rho <= MIN_RHO:
            continue
        for member in members[lost]:
            group[member] = kept
        members[kept] += members.pop(lost)
        strength[kept] = min(rho, strength.get(kept, 1.0), strength.get(lost, 1.0))
    found = [(sorted(of), min(1.0, strength[root])) for root, of in members.items() if root in strength and len(of) > 1]
    found.sort(key=lambda item: (-len(item[0]), item[0]))
    return tuple(ColumnGroup(columns=tuple(names[i] for i in of), strength=rho) for of, rho in found)
