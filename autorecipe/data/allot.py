"""Share rows out over parts, in proportion in every stratum, units in one piece."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from autorecipe.data.units import Ints

Floats = npt.NDArray[np.float64]

MAX_STRATA = 10  # bins of a regression target; choice (deciles)
ROWS_PER_STRATUM = 10  # at least so many rows per bin, so that every fold can have some; choice
# Units placed one by one, largest first; more are so many and small that chance balances them; choice.
PLACED_UNITS = 2000


def allot(units: Ints, strata: Ints, *, shares: tuple[float, ...], rng: np.random.Generator) -> Ints:
    """Share rows out at random over parts.

    Every part gets its share of the rows of every stratum: to a row where rows stand alone, as near as whole
    units allow where they do not. No part stays empty while there are as many units as parts.

    Parameters
    ----------
    units, strata : int64 arrays, shape (n_rows,)
        Rows of one unit come to one part.
    shares : tuple of float
        Of the parts; sum 1.

    Returns
    -------
    int64 array, shape (n_rows,)
        The part of each row, 0 ... n_parts - 1.
    """
    _, first_row, unit_of_row, sizes = np.unique(units, return_index=True, return_inverse=True, return_counts=True)
    wanted = np.outer(shares, np.bincount(strata))
    part_of_unit = np.full(len(sizes), -1, dtype=np.int64)
    placed = _units_to_place(sizes, rng)
    counts = _count_strata(unit_of_row, strata, of=placed, n_strata=wanted.shape[1])
    part_of_unit[placed] = _place(counts, wanted)
    missing = wanted.copy()
    np.subtract.at(missing, part_of_unit[placed], counts)
    rest = np.flatnonzero(part_of_unit < 0)
    part_of_unit[rest] = _deal(sizes[rest], strata[first_row[rest]], missing=missing, rng=rng)
    _fill_empty(part_of_unit, sizes, n_parts=len(shares), rng=rng)
    parts: Ints = part_of_unit[unit_of_row]
    return parts


def bin_target(target: npt.NDArray[np.floating]) -> Ints:
    """Cut a numeric target at its quantiles into strata of about equal size."""
    n_bins = max(1, min(MAX_STRATA, len(target) // ROWS_PER_STRATUM))
    levels = np.linspace(0, 1, n_bins + 1)[1:-1]
    cuts = np.unique(np.quantile(target, levels, method="inverted_cdf")) if n_bins > 1 else np.empty(0)
    strata: Ints = np.unique(np.digitize(target, cuts), return_inverse=True)[1].astype(np.int64)
    return strata


def _units_to_place(sizes: npt.NDArray[np.intp], rng: np.random.Generator) -> Ints:
    # jittered, so that another seed places units in another order
    order = np.argsort(-sizes * rng.uniform(0.5, 1.0, len(sizes)), kind="stable")
    large = order[sizes[order] > 1]
    return large[:PLACED_UNITS].astype(np.int64)


def _count_strata(unit_of_row: npt.NDArray[np.intp], strata: Ints, *, of: Ints, n_strata: int) -> Floats:
    position = np.full(unit_of_row.max(initial=-1) + 1, -1, dtype=np.int64)
    position[of] = np.arange(len(of))
    where = position[unit_of_row]
    rows = where >= 0
    counts = np.bincount(where[rows] * n_strata + strata[rows], minlength=len(of) * n_strata)
    return counts.reshape(len(of), n_strata).astype(float)


def _place(counts: Floats, wanted: Floats) -> Ints:
    """Place each unit where the sum of (filled - wanted)^2 / wanted grows least."""
    # all rows together as one more stratum: strata that do not meet would else fill the same part
    counts = np.column_stack([counts, counts.sum(axis=1)])
    wanted = np.column_stack([wanted, wanted.sum(axis=1)])
    filled = np.zeros_like(wanted)
    safe = np.maximum(wanted, 1e-9)
    chosen = np.empty(len(counts), dtype=np.int64)
    for i, unit in enumerate(counts):
        growth = (unit * (2 * (filled - wanted) + unit) / safe).sum(axis=1)
        chosen[i] = growth.argmin()
        filled[chosen[i]] += unit
    return chosen


def _deal(sizes: npt.NDArray[np.intp], strata: Ints, *, missing: Floats, rng: np.random.Generator) -> Ints:
    """Deal shuffled units stratum by stratum, so many rows to each part as it misses."""
    parts = np.empty(len(sizes), dtype=np.int64)
    carry = np.zeros(len(missing))
    order = rng.permutation(len(sizes))
    order = order[np.argsort(strata[order], kind="stable")]
    ends = np.searchsorted(strata[order], np.arange(missing.shape[1]), side="right")
    for stratum, (start, end) in enumerate(zip(np.concatenate([[0], ends[:-1]]), ends, strict=True)):
        members = order[start:end]
        n_rows = int(sizes[members].sum())
        quota, carry = _quota(missing[:, stratum], n_rows=n_rows, carry=carry)
        middle = np.cumsum(sizes[members]) - sizes[members] / 2
        part = np.searchsorted(np.cumsum(quota), middle, side="right")
        parts[members] = np.minimum(part, len(quota) - 1)
    return parts


def _fill_empty(part_of_unit: Ints, sizes: npt.NDArray[np.intp], *, n_parts: int, rng: np.random.Generator) -> None:
    if len(sizes) < n_parts:
        return
    for part in range(n_parts):
        n_units = np.bincount(part_of_unit, minlength=n_parts)
        if n_units[part] == 0:
            donors = np.flatnonzero(part_of_unit == n_units.argmax())
            smallest = donors[sizes[donors] == sizes[donors].min()]
            part_of_unit[rng.choice(smallest)] = part


def _quota(missing: Floats, *, n_rows: int, carry: Floats) -> tuple[Ints, Floats]:
    """Whole rows for each part; what rounding took is carried on, so that totals come out."""
    positive = np.maximum(missing, 0.0)
    total = positive.sum()
    ideal = n_rows * (positive / total if total > 0 else np.full(len(missing), 1 / len(missing)))
    quota = np.floor(ideal + 1e-9).astype(np.int64)
    n_left = n_rows - int(quota.sum())
    quota[np.argsort(-(ideal - quota + carry), kind="stable")[:n_left]] += 1
    return quota, carry + ideal - quota
