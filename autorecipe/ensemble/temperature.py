"""How sure should a network be? The temperature that its logits are divided by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from autorecipe.ensemble.held_out import HeldOut, Ints, evenly_spaced
from autorecipe.metrics.log_loss import row_log_losses

# bisection of the logarithm of the inverse temperature: pytabkit's range and number of steps
LARGEST_LOG_BETA = 16.0
N_STEPS = 30
MAX_CELLS = 50_000  # rows x classes; 25,000 rows of two classes fix a temperature to a hundredth (choice)
SMALLEST_PROBABILITY = 1e-15  # logits of doubles; its logarithm is -34.5

Floats = NDArray[np.float64]


def fit_temperature(y: NDArray[Any], probabilities: Floats, *, weight: NDArray[Any] | None = None) -> float:
    """Return the temperature with the smallest log loss.

    The derivative of the mean log loss of softmax(beta z) by beta, mean(sum_c z_c softmax(beta z)_c - z_y), rises with
    beta, so its zero is bisected in ln beta. The truth is mixed with a uniform share of 1 / (n_rows + 1), as Laplace
    would: rows that are all predicted rightly make no network surer than they can show.

    Parameters
    ----------
    y : ndarray of shape (n_rows,), int
    probabilities : ndarray of shape (n_rows, n_classes)
    weight : ndarray of shape (n_rows,), optional

    Returns
    -------
    float > 0
        1 when every class is as likely in every row, or there is no row.

    References
    ----------
    Guo et al. (2017), arXiv 1706.04599. The bisection and the mixing: pytabkit's "ts-mix"; there the prediction
    is mixed, here the truth, so that one number serves.
    """
    rows = evenly_spaced(np.arange(len(y)), max(1, MAX_CELLS // probabilities.shape[1]))
    z = _logits(probabilities[rows])
    weights = np.ones(len(rows)) if weight is None else np.asarray(weight, dtype=np.float64)[rows]
    if not z.any() or not weights.sum() > 0:
        return 1.0
    uniform = 1.0 / (np.count_nonzero(weights) + 1)
    of_truth = (1.0 - uniform) * z[np.arange(len(rows)), np.asarray(y)[rows].astype(np.int64)] + uniform * z.mean(1)
    low, high = -LARGEST_LOG_BETA, LARGEST_LOG_BETA
    for _ in range(N_STEPS):
        middle = (low + high) / 2
        is_past = float(np.average(_expected(z, float(np.exp(middle))) - of_truth, weights=weights)) > 0
        low, high = (low, middle) if is_past else (middle, high)
    return float(np.exp(-(low + high) / 2))


def tempered(probabilities: NDArray[Any], temperature: float) -> Floats:
    """Return the probabilities whose logits are those of `probabilities` divided by the temperature.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_classes), or (n_rows,) predictions of a number
        The latter stay as they are.
    temperature : float > 0
    """
    if temperature == 1.0 or probabilities.ndim == 1:
        return np.asarray(probabilities, dtype=np.float64)
    powers = np.exp(_logits(probabilities) / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def crossfit_temperatures(
    rows: HeldOut, probabilities: Floats, parts: Sequence[tuple[Ints, Ints]]
) -> tuple[float, tuple[float, ...]]:
    """Return the temperature of all rows, and for each part that of the rows that it is not measured on.

    All are 1 unless the log loss falls on the rows that the temperatures were not fitted on.
    """
    nothing = (1.0, (1.0,) * len(parts))
    if probabilities.ndim == 1 or not parts:
        return nothing
    own = tuple(fit_temperature(rows.y[a], probabilities[a], weight=rows.weight[a]) for a, _ in parts)
    fall = 0.0
    for (_, b), temperature in zip(parts, own, strict=True):
        before = row_log_losses(rows.y[b], probabilities[b])
        after = row_log_losses(rows.y[b], tempered(probabilities[b], temperature))
        fall += float(np.dot(rows.weight[b], before - after))
    if not fall > 0:
        return nothing
    return fit_temperature(rows.y, probabilities, weight=rows.weight), own


def _logits(probabilities: NDArray[Any]) -> Floats:
    z = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), SMALLEST_PROBABILITY))
    return np.asarray(z - z.max(axis=1, keepdims=True))


def _expected(z: Floats, beta: float) -> Floats:
    """The mean of z under softmax(beta z), row by row."""
    if z.shape[1] == 2:
        first = expit(beta * (z[:, 0] - z[:, 1]))
        return np.asarray(first * z[:, 0] + (1.0 - first) * z[:, 1])
    powers = np.exp(beta * z)  # z <= 0
    return np.asarray((powers * z).sum(axis=1) / powers.sum(axis=1))
