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
LOG_CHANCE = math.log(1e6)  # one such gap in a million tails; choice


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
    numbers is exponential with the tail's own mean (Renyi 1953), which Hill (1975) estimates from the numbers that
    remain; lighter tails have smaller gaps. A gap is no accident when it has a chance below one in a million.

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
    rest = ordered[k + 1 :]
    n_tail = max(MIN_TAIL, int(TAIL_SHARE * len(rest)))
    mean_excess = float((rest[:n_tail] - rest[n_tail]).mean())
    return float(ordered[k]) if surprise[k] > LOG_CHANCE * mean_excess else math.inf
