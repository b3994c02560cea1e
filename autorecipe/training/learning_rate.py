"""The learning-rate range test: read a rate off a sweep."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST, N_SWEEP_STEPS = 1e-6, 1.0, 100  # fastai's lr_find takes 100 steps from 1e-7 to 10; the range: choice
SMOOTHING = 0.9  # weight of the past in the moving average of the loss: noise of single batches, not the trend
DIVERGED = 4.0  # the sweep is cut where the smoothed loss exceeds 4 times its best: fastai's lr_find
PRIOR_RANGE = (0.25, 4.0)  # the choice is held within these times the default
MIN_FALL = 0.05  # the loss must fall by 5 %, else the default stands
MIN_VALLEY_SHARE = 0.1  # of the sweep; a shorter valley is noise

Floats = NDArray[np.float32]


def sweep_rates() -> Floats:
    """Return the rates of the sweep, rising exponentially."""
    return np.geomspace(LOWEST, HIGHEST, N_SWEEP_STEPS).astype("float32")


def choose_rate(rates: Floats, losses: Floats, *, default: float) -> tuple[float, NDArray[np.float64]]:
    """Return the rate that the sweep speaks for, and the smoothed losses up to where it was cut.

    The rate is the geometric mean of two readings, the middle third of the longest fall ("valley") and a tenth of
    the rate with the lowest loss, held within 0.25 to 4 times the default; the default stands when the loss never
    fell by 5 % or the fall spans less than a tenth of the sweep.

    References
    ----------
    Smith (2017), "Cyclical learning rates", arXiv 1506.01186; fastai's `lr_find` and its "valley" suggestion.
    """
    smooth = _smooth(losses)
    if len(smooth) < 2 or smooth.min() > (1 - MIN_FALL) * smooth[0]:
        return default, smooth
    start, end = _longest_fall(smooth)
    if end - start < MIN_VALLEY_SHARE * len(rates):
        return default, smooth
    third = (end - start) / 3
    valley = float(rates[int(start + third + third / 2)])
    lowest = float(rates[int(smooth.argmin())]) / 10
    reading = float(np.sqrt(valley * lowest))
    return float(np.clip(reading, PRIOR_RANGE[0] * default, PRIOR_RANGE[1] * default)), smooth


def _smooth(losses: Floats) -> NDArray[np.float64]:
    average, best, result = 0.0, np.inf, []
    for i, loss in enumerate(losses):
        if not np.isfinite(loss):
            break
        average = SMOOTHING * average + (1 - SMOOTHING) * float(loss)
        value = average / (1 - SMOOTHING ** (i + 1))
        best = min(best, value)
        if value > DIVERGED * best:
            break
        result.append(value)
    return np.array(result)


def _longest_fall(values: NDArray[np.float64]) -> tuple[int, int]:
    """Return where the longest strictly decreasing subsequence starts and ends."""
    n = len(values)
    length, previous = np.ones(n, dtype=int), np.full(n, -1)
    for i in range(1, n):
        lower = np.flatnonzero(values[:i] > values[i])
        if len(lower):
            j = lower[length[lower].argmax()]
            length[i], previous[i] = length[j] + 1, j
    end = int(length.argmax())
    start = end
    while previous[start] >= 0:
        start = int(previous[start])
    return start, end
