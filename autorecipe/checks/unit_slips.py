"""A few numbers that look as if they were written in another unit than the rest of their column."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.spread import Floats

MIN_ROWS = 100  # with a number; fewer do not show how long a tail is; choice
MAX_SHARE = 0.01  # of the rows
FEW = 3  # rows that are few in any table
MIN_GAP = math.log(10.0)  # to the rest: a whole decade, as a slip of the comma is no smaller
TAIL_SHARE = 0.1  # of the rest, which show how long its tail is
MIN_TAIL = 20
MAX_CHANCE = 1e-4  # of a tail that falls as a power law; choice, measured: 7 of 106,000 columns of such numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slip:
    """Numbers beyond a gap.

    Attributes
    ----------
    marked : bool ndarray, shape (n,)
    power : int
        By what power of ten they differ from the rest: 3 for a thousand times as large, -3 for a thousandth.
    """

    marked: NDArray[np.bool_]
    power: int


def find_slip(numbers: Floats) -> Slip | None:
    """Find at most 1 % of the numbers that a power of ten would bring back among the others.

    A long tail has gaps of its own. Where it falls as a power law, k times the logarithmic gap below its k largest
    numbers is exponential with the tail's own mean (Renyi 1953), which Hill (1975) estimates from the gaps further
    down; lighter tails have smaller gaps. A gap is no accident when its chance is below one in ten thousand, shared
    out over the gaps that are looked at.

    Parameters
    ----------
    numbers : float ndarray, shape (n,)
        Not negative; missing cells and zeros are not looked at. Where some are zero, tiny numbers are not either.

    Returns
    -------
    Slip or None
        None also where some numbers are negative, as units then do not show.
    """
    is_read = np.isfinite(numbers) & (numbers > 0)
    if is_read.sum() < MIN_ROWS or (numbers < 0).any():
        return None
    logs = np.log(np.where(is_read, numbers, 1.0))
    for sign in (1,) if (numbers == 0).any() else (1, -1):  # beside zeros a tiny number is nearly none, no other unit
        marked = is_read & (sign * logs >= _edge(sign * logs[is_read]))
        power = _power_back(logs[marked], logs[is_read & ~marked]) if marked.any() else 0
        if power:
            return Slip(marked=marked, power=power)
    return None


def _power_back(far: Floats, rest: Floats) -> int:
    """Return by what power of ten the far numbers differ, if without it they lie among the rest; else 0."""
    power = round(float(np.median(far) - np.median(rest)) / math.log(10))
    back = far - power * math.log(10)
    return power if rest.min() <= back.min() and back.max() <= rest.max() else 0


def _edge(logs: Floats) -> float:
    """Return where the numbers beyond the least likely gap of the upper tail begin; infinity where none is unlikely."""
    ordered = np.sort(logs)[::-1]
    n_most = max(FEW, int(MAX_SHARE * len(ordered)))
    gaps = ordered[:n_most] - ordered[1 : n_most + 1]
    surprise = np.where(gaps >= MIN_GAP, np.arange(1, n_most + 1) * gaps, 0.0)
    k = int(surprise.argmax())
    is_unlikely = surprise[k] > 0 and gap_chance(ordered, k + 1) * n_most < MAX_CHANCE
    return float(ordered[k]) if is_unlikely else math.inf


def gap_chance(ordered: Floats, n_above: int) -> float:
    """Return the chance of a gap as large in a tail that falls as a power law does.

    A gap times its rank is exponential, and the mean of m of them an estimate with 2 m degrees of freedom: their ratio
    is distributed as F with 2 and 2 m (Renyi 1953), whose upper tail is (1 + ratio / m)^-m.

    Parameters
    ----------
    ordered : float ndarray, shape (n,)
        Logarithms, the largest first.
    n_above : int
        Numbers above the gap.

    >>> round(gap_chance(np.log(1 / np.arange(1, 101)), 1), 3)
    0.485
    """
    n_tail = max(MIN_TAIL, int(TAIL_SHARE * (len(ordered) - n_above)))
    ranks = np.arange(n_above, n_above + n_tail + 1)
    spacings = ranks * (ordered[ranks - 1] - ordered[ranks])
    total = float(spacings[1:].sum())
    return (1 + float(spacings[0]) / total) ** -n_tail if total else 0.0
