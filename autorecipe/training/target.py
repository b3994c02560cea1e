"""The target as the network learns it, and its outputs as predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from autorecipe.config import Task

PRIOR_FLOOR = 1e-6  # a class absent from the training rows gets this share, so that its log-odds are finite


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetScale:
    """How a fold's target is standardized: statistics of its training rows (0, 1 for classes)."""

    mean: float = 0.0
    std: float = 1.0
    lowest: float = float("-inf")
    highest: float = float("inf")


def fit_scale(y: NDArray[np.generic], weight: NDArray[np.float32], task: Task) -> TargetScale:
    """Return the scale of the training rows' target; mean and std are weighted."""
    if task != "regression":
        return TargetScale()
    values = y.astype("float64")
    mean = float(np.average(values, weights=weight))
    return TargetScale(
        mean=mean,
        std=float(np.sqrt(np.average((values - mean) ** 2, weights=weight))) or 1.0,
        lowest=float(values.min()),
        highest=float(values.max()),
    )


def to_learn(y: NDArray[np.generic], scale: TargetScale, task: Task) -> NDArray[np.generic]:
    """Return class codes int32, or the standardized target float32."""
    if task != "regression":
        return y.astype("int32")
    return ((y.astype("float64") - scale.mean) / scale.std).astype("float32")


def to_prediction(outputs: NDArray[np.float32], scale: TargetScale, task: Task) -> NDArray[np.float64]:
    """Return probabilities (n_rows, n_classes), or predictions (n_rows,) in the target's unit."""
    logits = outputs.astype("float64")
    if task == "regression":
        return np.clip(logits[:, 0] * scale.std + scale.mean, scale.lowest, scale.highest)
    if logits.shape[1] == 1:
        positive = expit(logits[:, 0])
        return np.stack([1.0 - positive, positive], axis=1)
    return np.asarray(softmax(logits, axis=1))


def prior_bias(y: NDArray[np.generic], weight: NDArray[np.float32], task: Task, n_classes: int) -> NDArray[np.float32]:
    """Return the output bias that predicts the prior: log-odds, log shares, or 0 for a standardized target."""
    if task == "regression":
        return np.zeros(1, "float32")
    share = np.maximum(np.bincount(y.astype("int64"), weights=weight, minlength=n_classes) / weight.sum(), PRIOR_FLOOR)
    if task == "binary":
        return np.array([np.log(share[1] / share[0])], "float32")
    return np.log(share).astype("float32")


def prior_entropy(y: NDArray[np.generic], weight: NDArray[np.float32], n_classes: int) -> float:
    """Return the log loss of predicting the prior, in nats."""
    share = np.bincount(y.astype("int64"), weights=weight, minlength=n_classes) / weight.sum()
    share = share[share > 0]
    return float(-(share * np.log(share)).sum())
