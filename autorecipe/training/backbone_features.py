"""What a frozen backbone makes of all images, computed once and kept in the run's directory."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge

from autorecipe.config import Task
from autorecipe.layers.normalize_images import NormalizeImages
from autorecipe.recipe import Recipe
from autorecipe.training.build import FLOAT32, in_policy
from autorecipe.training.call_size import rows_per_call
from autorecipe.training.custom import HEAD
from autorecipe.training.dataset import BINARY, Dataset
from autorecipe.training.fit_keys import hashed
from autorecipe.training.trunks.pretrained import BACKBONE, BACKBONE_INPUT, FEATURE_SCALE, backbone_features

FEATURES, PIXELS, NORMALIZE = "features", "pixels", "normalize"  # arrays, and a layer's name
MOST_AT_ONCE = 64  # images per call: larger calls were no faster on two cores; choice
N_HEAD_ROWS = 5_000  # rows that a head is fitted on in closed steps; more move it by less than its own noise; choice
HEAD_STEPS = 100  # of L-BFGS
# variance that outputs have before any row is seen, whatever the number of standardized features: logits of some three
# mean probabilities of 5 to 95 %, and a standardized target has 1; choice
LOGIT_VARIANCE, TARGET_VARIANCE = 10.0, 1.0

Floats = NDArray[np.float32]


class OutOfTime(OSError):
    """The features of all images could not be computed in time; another session may go on."""


def all_features(
    data: Dataset, recipe: Recipe, folder: Path, *, should_stop: Callable[[], bool] = lambda: False
) -> Floats:
    """Return the features (n_rows, n) of all images, as a memory map of what was computed before, or is now.

    Parameters
    ----------
    data : Dataset
        With the array "pixels".
    folder : Path
        Where the array is kept; one for each backbone.

    Raises
    ------
    NoWeights
        When the backbone's weights are not on this machine.
    OutOfTime
        When it should stop before the end.
    """
    name = hashed(data.fingerprint, recipe.backbone, str(data.x[PIXELS].shape))
    path = folder / f"features-{name}.npy"
    if not path.exists():
        _compute(data.x[PIXELS], recipe, path, should_stop=should_stop)
    kept: Floats = np.load(path, mmap_mode="r")
    return kept


def extractor(recipe: Recipe, image: tuple[int, ...]) -> keras.Model:
    """Return a model from pixels (batch, height, width, channels) uint8 to a backbone's features (batch, n)."""
    with in_policy(FLOAT32):
        pixels = keras.Input(image, dtype="uint8", name=PIXELS)
        frozen = dataclasses.replace(recipe, n_unfrozen=0)
        images = NormalizeImages(name=NORMALIZE)(pixels)
        return keras.Model(pixels, backbone_features(images, frozen), name="extractor")


def on_features(data: Dataset, features: Floats) -> Dataset:
    """Return the dataset with features in place of its images."""
    return dataclasses.replace(data, x={FEATURES: features})


def undo_normalization(network: keras.Model) -> None:
    """Let a backbone see pixels: what was normalized for other networks, and for augmentation, is taken back."""
    names = {layer.name: layer for layer in network.layers}
    if NORMALIZE in names and BACKBONE_INPUT in names:
        names[BACKBONE_INPUT].mean.assign(names[NORMALIZE].mean)
        names[BACKBONE_INPUT].std.assign(names[NORMALIZE].std)


def set_head_weights(network: keras.Model, weights: list[NDArray[Any]]) -> None:
    """Give a whole network the weights of one that was trained on features: all that stands behind the backbone."""
    names = [layer.name for layer in network.layers]
    behind = [v for layer in network.layers[names.index(BACKBONE) + 1 :] for v in layer.weights]
    for variable, value in zip(behind, weights, strict=True):
        variable.assign(value)
    undo_normalization(network)


def start_head(
    network: keras.Model,
    features: Floats,
    y: NDArray[np.generic],
    weight: NDArray[np.float32],
    *,
    task: Task,
) -> None:
    """Fit the head, and the scale of the features, before training begins.

    Few features or many, one learning rate then suits all backbones; and a head of random weights would send noise into
    blocks that train: Kumar et al. (2022), "Fine-tuning can distort pretrained features and underperform
    out-of-distribution", arXiv 2202.10054.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n)
        Of training rows.
    y, weight : ndarray of shape (n_rows,)
        Class codes, or the standardized target.
    """
    undo_normalization(network)
    rows = np.linspace(0, len(y) - 1, min(len(y), N_HEAD_ROWS)).astype("int64")
    known, y, weight = np.asarray(features[rows], "float64"), y[rows], weight[rows]
    scale, head = network.get_layer(FEATURE_SCALE), network.get_layer(HEAD)
    mean, variance = known.mean(axis=0), known.var(axis=0)
    scale.moving_mean.assign(mean)
    scale.moving_variance.assign(variance)
    known = (known - mean) / np.sqrt(variance + scale.epsilon)
    if task == "regression":
        line = Ridge(alpha=known.shape[1] / TARGET_VARIANCE).fit(known, y, weight)
        head.kernel.assign(line.coef_.reshape(-1, 1))
        head.bias.assign(np.atleast_1d(line.intercept_))
        return
    classes = np.unique(y)
    if len(classes) < BINARY:
        return
    line = LogisticRegression(C=LOGIT_VARIANCE / known.shape[1], max_iter=HEAD_STEPS).fit(known, y, weight)
    kernel, bias = head.kernel.numpy(), head.bias.numpy()
    slopes, offsets = line.coef_, line.intercept_
    if head.units > 1 and len(slopes) == 1:  # one logit for the only two of several classes that there are
        slopes, offsets = (np.concatenate([-values, values]) / 2 for values in (slopes, offsets))
    at = [0] if head.units == 1 else classes.astype("int64")  # a class that no row has keeps its first weights
    kernel[:, at], bias[at] = slopes.T, offsets
    head.kernel.assign(kernel)
    head.bias.assign(bias)


def _compute(pixels: NDArray[np.generic], recipe: Recipe, path: Path, *, should_stop: Callable[[], bool]) -> None:
    network = extractor(recipe, tuple(pixels.shape[1:]))
    spec = tf.TensorSpec([None, *pixels.shape[1:]], "uint8")
    run = tf.function(lambda images: network(images, training=False), input_signature=[spec])
    size = min(MOST_AT_ONCE, rows_per_call(network))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    shape = (len(pixels), int(network.output_shape[-1]))
    found = np.lib.format.open_memmap(part, mode="w+", dtype="float32", shape=shape)
    for i in range(0, len(pixels), size):
        if should_stop():
            raise OutOfTime(f"there was time for the features of {i:,} of {len(pixels):,} images")
        found[i : i + size] = run(tf.constant(pixels[i : i + size])).numpy()
    found.flush()
    del found
    os.replace(part, path)
