"""Losses of logits, one value per row, and their penalties-free mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from autorecipe.choices import LossName
from autorecipe.config import Task

FOCAL_GAMMA = 2.0  # Lin et al. (2017), Focal loss, arXiv 1708.02002
HUBER_DELTA = 1.0  # in standard deviations of the target: Huber (1964) uses 1 to 1.5

RowLoss = Callable[[Any, Any, Any], Any]


def row_loss(loss: LossName, task: Task) -> RowLoss:
    """Return the function (y, outputs, label_smoothing) -> loss of each row, shape (batch,).

    `outputs` are logits (batch, n_outputs), or standardized predictions (batch, 1) for regression. "hinge" asks for
    a margin of one between the true class and the others and leaves rows beyond it alone, so its outputs are scores:
    the probabilities read off them order rows, but are not calibrated.

    References
    ----------
    Hinge: Cortes and Vapnik (1995), "Support-vector networks"; of several classes Crammer and Singer (2001), JMLR 2.
    Label smoothing mixes in the mean of the losses of all classes.
    """
    if task == "regression":
        return {"mse": _squared, "mae": _absolute, "huber": _huber}[loss]
    if loss == "hinge":
        return _binary_hinge if task == "binary" else _categorical_hinge
    plain = _binary if task == "binary" else _categorical
    return _focal(plain) if loss == "focal" else plain


def _binary(y: Any, outputs: Any, label_smoothing: Any) -> Any:
    logits = outputs[:, 0]
    target = ops.cast(y, "float32") * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return ops.maximum(logits, 0.0) - logits * target + ops.log1p(ops.exp(-ops.abs(logits)))


def _categorical(y: Any, outputs: Any, label_smoothing: Any) -> Any:
    log_p = ops.log_softmax(outputs, axis=-1)
    n_classes = outputs.shape[-1]
    hit = ops.sum(ops.one_hot(ops.cast(y, "int32"), n_classes) * log_p, axis=-1)
    return -(1.0 - label_smoothing) * hit - label_smoothing * ops.mean(log_p, axis=-1)


def _focal(plain: RowLoss) -> RowLoss:
    def loss(y: Any, outputs: Any, label_smoothing: Any) -> Any:
        p_of_truth = ops.exp(-plain(y, outputs, 0.0))
        return ops.power(1.0 - p_of_truth, FOCAL_GAMMA) * plain(y, outputs, label_smoothing)

    return loss


def _binary_hinge(y: Any, outputs: Any, label_smoothing: Any) -> Any:
    side = (2.0 * ops.cast(y, "float32") - 1.0) * outputs[:, 0]
    of_truth, of_other = ops.relu(1.0 - side), ops.relu(1.0 + side)
    return (1.0 - 0.5 * label_smoothing) * of_truth + 0.5 * label_smoothing * of_other


def _categorical_hinge(y: Any, outputs: Any, label_smoothing: Any) -> Any:
    # the margin over the best other class: the largest output is it for every class but the largest itself
    own = ops.one_hot(ops.cast(y, "int32"), outputs.shape[-1])
    largest = ops.top_k(outputs, 2)[0]
    rival = ops.where(outputs >= largest[:, :1], largest[:, 1:], largest[:, :1])
    losses = ops.relu(1.0 + rival - outputs)
    of_truth = ops.sum(own * losses, axis=-1)
    return (1.0 - label_smoothing) * of_truth + label_smoothing * ops.mean(losses, axis=-1)


def _squared(y: Any, outputs: Any, label_smoothing: Any) -> Any:
    return ops.square(y - outputs[:, 0])


def _absolute(y: Any, outputs: Any, label_smoothing: Any) -> Any:
    return ops.abs(y - outputs[:, 0])


def _huber(y: Any, outputs: Any, label_smoothing: Any) -> Any:
    error = ops.abs(y - outputs[:, 0])
    quadratic = ops.minimum(error, HUBER_DELTA)
    return 0.5 * ops.square(quadratic) + HUBER_DELTA * (error - quadratic)
