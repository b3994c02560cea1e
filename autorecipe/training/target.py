"""The target as the network learns it, and its outputs as predictions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from autorecipe.choices import TargetTransform
from autorecipe.config import Task
from autorecipe.errors import UserError
from autorecipe.metrics.metric import Metric

PRIOR_FLOOR = 1e-6  # a class absent from the training rows gets this share, so that its log-odds are finite
# metrics that the mean of a row's distribution is best for; the others ask for its median or a value below it, which
# a logarithm and back leaves alone
MEAN_METRICS = ("rmse", "r2")
LOG1P_ABOVE = -1.0  # log(1 + y) exists above it


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetScale:
    """How a fold's target is standardized: statistics of its training rows (0, 1 for classes).

    Attributes
    ----------
    mean, std : float
        Of the target as it is learned: of log(1 + y) with "log1p".
    lowest, highest : float
        Range of the plain target.
    smearing : float > 0
        With "log1p", what exp(output) is multiplied by for the mean, which lies above the exponential of the mean
        logarithm; 1 for none.
    """

    mean: float = 0.0
    std: float = 1.0
    lowest: float = float("-inf")
    highest: float = float("inf")
    transform: TargetTransform = "none"
    smearing: float = 1.0


def fit_scale(
    y: NDArray[np.generic], weight: NDArray[np.float32], task: Task, *, transform: TargetTransform = "none"
) -> TargetScale:
    """Return the scale of the training rows' target; mean and std are weighted.

    Raises
    ------
    UserError
        When the logarithm of a target at or below -1 is asked for.
    """
    if task != "regression":
        return TargetScale()
    plain = y.astype("float64")
    lowest, highest = float(plain.min()), float(plain.max())
    if transform == "log1p" and lowest <= LOG1P_ABOVE:
        raise UserError(
            f"log(1 + target) needs targets above {LOG1P_ABOVE:g}, and there is {lowest:g}",
            where="target_transform: log1p",
            fix="target_transform: none",
        )
    values = np.log1p(plain) if transform == "log1p" else plain
    mean = float(np.average(values, weights=weight))
    return TargetScale(
        mean=mean,
        std=float(np.sqrt(np.average((values - mean) ** 2, weights=weight))) or 1.0,
        lowest=lowest,
        highest=highest,
        transform=transform,
    )


def to_learn(y: NDArray[np.generic], scale: TargetScale, task: Task) -> NDArray[np.generic]:
    """Return class codes int32, or the standardized target float32.

    Under a logarithm, targets of held-out rows below the training range count as its lowest one: there may be none.
    """
    if task != "regression":
        return y.astype("int32")
    values = y.astype("float64")
    if scale.transform == "log1p":
        values = np.log1p(np.maximum(values, scale.lowest))
    return ((values - scale.mean) / scale.std).astype("float32")


def to_prediction(outputs: NDArray[np.float32], scale: TargetScale, task: Task) -> NDArray[np.float64]:
    """Return probabilities (n_rows, n_classes), or predictions (n_rows,) in the target's unit."""
    logits = outputs.astype("float64")
    if task == "regression":
        return _in_unit(logits[:, 0], scale)
    if logits.shape[1] == 1:
        positive = expit(logits[:, 0])
        return np.stack([1.0 - positive, positive], axis=1)
    return np.asarray(softmax(logits, axis=1))


def smearing_factor(
    outputs: NDArray[np.float32],
    y: NDArray[np.generic],
    weight: NDArray[np.float32],
    *,
    scale: TargetScale,
    metric: Metric,
) -> float:
    """Return the mean of exp(residual) of the logarithms, where the metric asks for the mean and there is one; else 1.

    The rows should be held out: a network that has memorised its training rows leaves no residuals on them, and would
    promise that the exponential of its outputs is the mean already. It is one number of many rows, so that what it
    flatters the same rows' score by is of the order of 1 / n_rows.

    Parameters
    ----------
    outputs : ndarray of shape (n_rows, 1)
        Of the network; held to the training range first, as predictions are.
    y, weight : ndarray of shape (n_rows,)
        The plain target, and the rows' weights.

    References
    ----------
    Duan (1983), "Smearing estimate: a nonparametric retransformation method", JASA 78.
    """
    if scale.transform != "log1p" or metric.name not in MEAN_METRICS:
        return 1.0
    bounds = np.log1p([scale.lowest, scale.highest])
    said = np.clip(outputs[:, 0].astype("float64") * scale.std + scale.mean, *bounds)
    truth = np.log1p(np.maximum(y.astype("float64"), scale.lowest))
    factor = float(np.average(np.exp(truth - said), weights=weight))
    return factor if math.isfinite(factor) else 1.0  # a network that diverged says NaN whatever the factor


def _in_unit(standardized: NDArray[np.float64], scale: TargetScale) -> NDArray[np.float64]:
    values = standardized * scale.std + scale.mean
    if scale.transform == "log1p":
        with np.errstate(over="ignore"):  # infinity is clipped
            values = scale.smearing * np.expm1(values) + (scale.smearing - 1.0)
    return np.clip(values, scale.lowest, scale.highest)


def prior_bias(y: NDArray[np.generic], weight: NDArray[np.float32], task: Task, n_classes: int) -> NDArray[np.float32]:
    """Return the output bias that predicts the prior: log-odds, log shares, or 0 for a standardized target."""
    if task == "regression":
        return np.zeros(1, "float32")
    share = np.maximum(np.bincount(y.astype("int64"), weights=weight, minlength=n_classes) / weight.sum(), PRIOR_FLOOR)
    if task == "binary":
        return np.array([np.log(share[1] / share[0])], "float32")
    return np.log(share).astype("float32")
