"""First weights of a linear head: those that fit the features of the training rows."""

from __future__ import annotations

import warnings

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from autorecipe.config import Task
from autorecipe.training.custom import HEAD
from autorecipe.training.dataset import BINARY
from autorecipe.training.trunks.pretrained import FEATURE_SCALE

N_ROWS = 5_000  # rows that a head is fitted on; more move it by less than its own noise; choice
N_STEPS = 100  # of L-BFGS: a start need not be the end
# variance that outputs have before any row is seen, whatever the number of standardized features: logits of some three
# mean probabilities of 5 to 95 %, and a standardized target has 1; choice
LOGIT_VARIANCE, TARGET_VARIANCE = 10.0, 1.0

Floats = NDArray[np.floating]
Line = tuple[Floats, Floats]  # slopes (n_outputs, n_features) and offsets (n_outputs,)


def start_head(
    network: keras.Model, features: NDArray[np.generic], y: NDArray[np.generic], weight: Floats, *, task: Task
) -> None:
    """Fit the head, and the scale of the features, before training begins.

    Few features or many, one learning rate then suits all backbones; and a head of random weights would send noise into
    blocks that train: Kumar et al. (2022), "Fine-tuning can distort pretrained features and underperform
    out-of-distribution", arXiv 2202.10054.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n)
        Of training rows; at most 5,000 of them, evenly spaced, are looked at.
    y, weight : ndarray of shape (n_rows,)
        Class codes, or the standardized target.
    """
    rows = np.linspace(0, len(y) - 1, min(len(y), N_ROWS)).astype("int64")
    known, y, weight = np.asarray(features[rows], "float64"), y[rows], weight[rows]
    scaled = _standardized(network.get_layer(FEATURE_SCALE), known)
    head = network.get_layer(HEAD)
    if task == "regression":
        line = Ridge(alpha=known.shape[1] / TARGET_VARIANCE).fit(scaled, y, weight)
        _assign(head, (np.atleast_2d(line.coef_), np.atleast_1d(line.intercept_)), outputs=np.zeros(1, "int64"))
        return
    classes = np.unique(y).astype("int64")
    if len(classes) >= BINARY:
        at = np.zeros(1, "int64") if head.units == 1 else classes
        _assign(head, _class_lines(scaled, y, weight, n_lines=len(at)), outputs=at)


def _standardized(scale: keras.layers.BatchNormalization, known: Floats) -> Floats:
    mean, variance = known.mean(axis=0), known.var(axis=0)
    scale.moving_mean.assign(mean)
    scale.moving_variance.assign(variance)
    scaled: Floats = (known - mean) / np.sqrt(variance + scale.epsilon)
    return scaled


def _class_lines(scaled: Floats, y: NDArray[np.generic], weight: Floats, *, n_lines: int) -> Line:
    logistic = LogisticRegression(C=LOGIT_VARIANCE / scaled.shape[1], max_iter=N_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        logistic.fit(scaled, y, weight)
    slopes, offsets = logistic.coef_, logistic.intercept_
    if n_lines > len(slopes):  # one logit for the only two of several classes that there are
        return np.concatenate([-slopes, slopes]) / 2, np.concatenate([-offsets, offsets]) / 2
    return slopes, offsets


def _assign(head: keras.layers.Dense, line: Line, *, outputs: NDArray[np.int64]) -> None:
    """Set the weights of some outputs; the others, of classes that no row has, keep their first ones."""
    kernel, bias = head.kernel.numpy(), head.bias.numpy()
    kernel[:, outputs], bias[outputs] = line[0].T, line[1]
    head.kernel.assign(kernel)
    head.bias.assign(bias)
