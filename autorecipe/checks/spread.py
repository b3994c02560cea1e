"""How a column's numbers are spread: skew, distance from the bulk, and the scaling that suits them."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Scaling = Literal["robust", "quantile"]

MAD_TO_STD = 1.4826  # of a normal distribution
SKEW_LIMIT = 3.0  # Fisher's g1 (Data Wrangler; ydata-profiling's 20 misses exponential columns, whose skew is 2)
SKEW_MIN_ROWS = 500  # g1 is unstable below; choice
FAR_OUT = 20.0  # robust z that no common family of distributions reaches after a log; choice


def finite(numbers: Floats) -> Floats:
    """Return the numbers that are neither missing nor infinite."""
    return numbers[np.isfinite(numbers)]


def skewness(numbers: Floats) -> float:
    """Return Fisher's g1 of the finite numbers; 0 for a constant.

    >>> skewness(np.array([1.0, 2.0, 3.0]))
    0.0
    """
    values = finite(numbers)
    if len(values) < 3 or np.ptp(values) == 0:
        return 0.0
    deviation = values - values.mean()
    scale = np.abs(deviation).max()  # keeps the cube of a large number finite
    deviation = deviation / scale
    return float((deviation**3).mean() / (deviation**2).mean() ** 1.5)


def robust_z(numbers: Floats) -> Floats:
    """Return how many robust standard deviations each number is from the median, on the scale that suits it.

    The distance is measured on the numbers and on their logarithm, and the smaller one counts: the long tail
    of a lognormal column is its shape, not a set of outliers.

    Parameters
    ----------
    numbers : float ndarray, shape (n,)

    Returns
    -------
    float ndarray, shape (n,)
        At least 0; 0 for missing cells, and everywhere where more than half of the numbers are equal.
    """
    values = finite(numbers)
    found = np.zeros(len(numbers))
    if len(values) == 0:
        return found
    deviation, spread = _deviation(values)
    if MAD_TO_STD * spread == 0:
        return found
    raw = deviation / (MAD_TO_STD * spread)
    logs = np.log((values - values.min()) / spread + 1e-3)  # 1e-3: the smallest value stays within 7 units
    deviation, spread = _deviation(logs)
    by_log = deviation / (MAD_TO_STD * spread) if spread else raw
    found[np.isfinite(numbers)] = np.minimum(raw, by_log)
    return found


def _deviation(values: Floats) -> tuple[Floats, float]:
    """Return how far each value is from the median, and the median of that."""
    deviation = np.abs(values - np.median(values))
    return deviation, float(np.median(deviation))


def kolmogorov_smirnov(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> tuple[float, float]:
    """Return the largest distance of two distributions, and the probability of one as large by chance.

    The probability is the first term of the asymptotic series, exact enough where it is small. (Importing scipy.stats
    would take seconds.)

    Parameters
    ----------
    ours, theirs : float ndarray, shape (n,), (m,)

    >>> kolmogorov_smirnov(np.arange(50.0), np.arange(25.0, 75.0))[0]
    0.5
    """
    values = np.concatenate([ours, theirs])
    shares = [np.searchsorted(np.sort(part), values, side="right") / len(part) for part in (ours, theirs)]
    distance = float(np.abs(shares[0] - shares[1]).max())
    n_effective = len(ours) * len(theirs) / (len(ours) + len(theirs))
    return distance, min(1.0, 2 * math.exp(-2 * n_effective * distance**2))


def choose_scaling(numbers: Floats) -> Scaling:
    """Return the scaling that suits a numeric column.

    Parameters
    ----------
    numbers : float ndarray, shape (n,)

    Returns
    -------
    str
        "quantile" (to normal scores) for long tails: |skew| above 3 on at least 500 rows, or a value more
        than 20 robust standard deviations out; else "robust" (median, quartiles, smooth clip).
    """
    values = finite(numbers)
    long_tail = len(values) >= SKEW_MIN_ROWS and abs(skewness(values)) > SKEW_LIMIT
    far_out = bool(len(values)) and float(robust_z(values).max()) > FAR_OUT
    return "quantile" if long_tail or far_out else "robust"
