"""What a fit's predictions are worth: losses with their error, deciding scores, and what chance would give."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autorecipe.metrics.metric import Metric
from autorecipe.record.trial import Fit
from autorecipe.training.target import TargetScale

LEAST_PROBABILITY = 1e-7  # the log loss of a sure mistake stays finite

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predicted:
    """Rows with what is true of them and what was predicted.

    Attributes
    ----------
    y, weight : ndarray of shape (n_rows,)
        Class codes or the raw target, and the rows' weights.
    said : ndarray of shape (n_rows, n_classes) or (n_rows,)
        Probabilities, or predictions in the target's unit.
    """

    y: NDArray[Any]
    weight: NDArray[Any]
    said: Floats


def with_scores(fit: Fit, train: Predicted, validation: Predicted, *, metric: Metric, scale: TargetScale) -> Fit:
    """Return the fit with the losses and scores of its predictions, and their largest class' share."""
    rows = row_losses(validation, scale)
    return dataclasses.replace(
        fit,
        train_loss=float(np.average(row_losses(train, scale), weights=train.weight)),
        validation_loss=float(np.average(rows, weights=validation.weight)),
        validation_loss_error=mean_error(rows, validation.weight),
        train_score=metric.compute(train.y, train.said, train.weight),
        validation_score=metric.compute(validation.y, validation.said, validation.weight),
        largest_class_share=largest_share(validation.said.argmax(axis=1)) if validation.said.ndim > 1 else 0.0,
    )


def with_chance(fit: Fit, validation: Predicted, *, prior: Floats, scale: TargetScale) -> Fit:
    """Return the fit with what predicting the training rows' prior would cost, and the true largest class' share.

    Parameters
    ----------
    prior : ndarray of the shape of `validation.said`
        The prior for every row, as `prior_prediction` returns it.
    """
    chance = row_losses(dataclasses.replace(validation, said=prior), scale)
    # row by row: how far the losses of different rows lie apart says nothing about which prediction is better
    gains = chance - row_losses(validation, scale)
    return dataclasses.replace(
        fit,
        chance_loss=float(np.average(chance, weights=validation.weight)),
        gain_over_chance=float(np.average(gains, weights=validation.weight)),
        gain_error=mean_error(gains, validation.weight),
        largest_true_share=largest_share(validation.y) if validation.said.ndim > 1 else 0.0,
    )


def prior_prediction(y: NDArray[Any], weight: NDArray[Any], *, n_rows: int, n_classes: int) -> Floats:
    """Return the prior of training rows as a prediction of `n_rows` rows.

    Parameters
    ----------
    y, weight : ndarray of shape (n_training_rows,)
    n_classes : int
        0 for regression, whose prior is the mean.
    """
    if not n_classes:
        return np.full(n_rows, np.average(y, weights=weight))
    shares = np.bincount(y.astype("int64"), weights=weight, minlength=n_classes) / weight.sum()
    return np.tile(shares, (n_rows, 1))


def row_losses(rows: Predicted, scale: TargetScale) -> Floats:
    """Return each row's log loss in nats, or squared error of the standardized target."""
    if rows.said.ndim == 1:
        return np.asarray(((rows.y.astype("float64") - rows.said) / scale.std) ** 2)
    of_truth = rows.said[np.arange(len(rows.y)), rows.y.astype("int64")]
    return np.asarray(-np.log(np.clip(of_truth, LEAST_PROBABILITY, 1.0)))


def mean_error(values: Floats, weight: NDArray[Any]) -> float:
    """Return the standard error of a weighted mean of independent rows.

    >>> round(mean_error(np.array([0.0, 2.0]), np.array([1.0, 1.0])), 6)
    1.0
    """
    n = int((weight > 0).sum())
    if n <= 1:
        return 0.0
    apart = weight * (values - np.average(values, weights=weight))
    return float(math.sqrt(n / (n - 1) * np.square(apart.astype("float64")).sum()) / weight.sum())


def largest_share(classes: NDArray[Any]) -> float:
    """Return the share of the commonest of classes (n_rows,)."""
    return float(np.unique(classes, return_counts=True)[1].max() / len(classes))
