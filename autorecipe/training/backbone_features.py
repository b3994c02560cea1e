"""What a frozen backbone makes of all images, computed once and kept in the run's directory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.layers.normalize_images import NormalizeImages
from autorecipe.preprocessing.array_files import new_array_file
from autorecipe.recipe import Recipe
from autorecipe.training.build import FLOAT32, in_policy
from autorecipe.training.call_size import OutOfTime, rows_per_call
from autorecipe.training.fit_keys import KEY_DIGITS, hashed
from autorecipe.training.trunks.pretrained import BACKBONE_INPUT, backbone_features

FEATURES, PIXELS, NORMALIZE = "features", "pixels", "normalize"  # arrays, and a layer's name
MOST_AT_ONCE = 64  # images per call: larger calls were no faster on two cores; choice
HASHED_BYTES = 2**26  # of the pixels, at once; choice

Floats = NDArray[np.float32]


class KeptFeatures:
    """The features of the same images by every backbone that is asked for, in files of a folder.

    A file is named by the pixels themselves: another split, another seed, or a last training on all rows finds it.

    Parameters
    ----------
    pixels : ndarray of shape (n_rows, height, width, channels), uint8
        In memory or a memory map.
    folder : Path
    """

    def __init__(self, pixels: NDArray[np.generic], folder: Path) -> None:
        self._pixels, self._folder, self._digest = pixels, folder, ""

    def of(self, recipe: Recipe, *, should_stop: Callable[[], bool] = lambda: False) -> Floats:
        """Return the features (n_rows, n) of all images, as a memory map of what was computed before, or is now.

        Raises
        ------
        NoWeights
            When the backbone's weights are not on this machine.
        OutOfTime
            When it should stop before the end.
        OSError
            When the disk has no room.
        """
        self._digest = self._digest or pixels_digest(self._pixels)
        path = self._folder / f"features-{hashed(self._digest, recipe.backbone)}.npy"
        if not path.exists():
            _compute(self._pixels, recipe, path, should_stop=should_stop)
        kept: Floats = np.load(path, mmap_mode="r")
        return kept


def pixels_digest(pixels: NDArray[np.generic]) -> str:
    """Return sixteen hexadecimal digits that name an array of images by what it holds."""
    digest = blake2b(str((pixels.shape, pixels.dtype)).encode(), digest_size=KEY_DIGITS // 2)
    size = max(1, HASHED_BYTES * len(pixels) // max(pixels.nbytes, 1))
    for i in range(0, len(pixels), size):
        digest.update(np.ascontiguousarray(pixels[i : i + size]).data)
    return digest.hexdigest()


def extractor(recipe: Recipe, image: tuple[int, ...]) -> keras.Model:
    """Return a model from pixels (batch, height, width, channels) uint8 to a backbone's features (batch, n)."""
    with in_policy(FLOAT32):
        pixels = keras.Input(image, dtype="uint8", name=PIXELS)
        frozen = dataclasses.replace(recipe, n_unfrozen=0)
        images = NormalizeImages(name=NORMALIZE)(pixels)
        return keras.Model(pixels, backbone_features(images, frozen), name="extractor")


def undo_normalization(network: keras.Model) -> None:
    """Let a backbone see pixels: what was normalized for other networks, and for augmentation, is taken back."""
    names = {layer.name: layer for layer in network.layers}
    if NORMALIZE in names and BACKBONE_INPUT in names:
        names[BACKBONE_INPUT].mean.assign(names[NORMALIZE].mean)
        names[BACKBONE_INPUT].std.assign(names[NORMALIZE].std)


def _compute(pixels: NDArray[np.generic], recipe: Recipe, path: Path, *, should_stop: Callable[[], bool]) -> None:
    network = extractor(recipe, tuple(pixels.shape[1:]))
    spec = tf.TensorSpec([None, *pixels.shape[1:]], "uint8")
    run = tf.function(lambda images: network(images, training=False), input_signature=[spec])
    size = min(MOST_AT_ONCE, rows_per_call(network))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        found = new_array_file(part, "float32", (len(pixels), int(network.output_shape[-1])))
        for i in range(0, len(pixels), size):
            if should_stop():
                raise OutOfTime(f"there was time for the features of {i:,} of {len(pixels):,} images")
            found[i : i + size] = run(tf.constant(pixels[i : i + size])).numpy()
        found.flush()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
