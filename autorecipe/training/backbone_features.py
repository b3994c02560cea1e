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

from autorecipe.layers.normalize_images import NormalizeImages
from autorecipe.recipe import Recipe
from autorecipe.training.build import FLOAT32, in_policy
from autorecipe.training.call_size import rows_per_call
from autorecipe.training.dataset import Dataset
from autorecipe.training.fit_keys import hashed
from autorecipe.training.trunks.pretrained import BACKBONE, BACKBONE_INPUT, backbone_features

FEATURES, PIXELS, NORMALIZE = "features", "pixels", "normalize"  # arrays, and a layer's name
MOST_AT_ONCE = 64  # images per call: larger calls were no faster on two cores; choice

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
