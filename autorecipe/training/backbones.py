"""Loads pretrained backbones: from Keras' cache, or a file of the user's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.backbones import BackboneChoice, ReadyBackbone, file_digest, parse_backbone
from autorecipe.errors import UserError, foreign_text
from autorecipe.layers.backbone_input import RGB, BackboneInput
from autorecipe.training.backbone_range import input_range, read_range
from autorecipe.training.download import download

IMAGE_AXES, MAP_AXES = 4, 4  # rows, height, width and channels
N_LOOKED_AT = 32  # images that a range is read from: the spread of a map of so many is that of many more
CLASSIFIERS = ("softmax", "sigmoid")  # what a classifier ends with


class NoWeights(OSError):
    """A backbone's weights are not on this machine, or cannot be read; another session may find them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedBackbone:
    """A backbone with its weights.

    Attributes
    ----------
    model : keras.Model
        From images (batch, height, width, channels) float32 to a map of features, or to features (batch, n).
    image : tuple of int
        Height, width and channels that it takes.
    lowest, highest : float
        What black and white are for it.
    reading : str
        How that was found, in a few words.
    block_pattern : str
        Of `autorecipe.layers.PretrainedBackbone`.
    """

    model: keras.Model
    image: tuple[int, int, int]
    lowest: float
    highest: float
    reading: str
    block_pattern: str = ""


def load_backbone(backbone: str, image: tuple[int, ...]) -> LoadedBackbone:
    """Load a backbone with its weights; nothing is downloaded.

    Parameters
    ----------
    backbone : str
        A recipe's field.
    image : tuple of int
        Height, width and channels of the images.

    Raises
    ------
    NoWeights
        When its weights are not there, or cannot be read.
    UserError
        When a file is not the one that the recipe names, or its model takes no images.
    """
    choice = parse_backbone(backbone)
    path = choice.weights_path
    if not path.is_file():
        raise NoWeights(f"the weights of {choice.title} are not there: {path}")
    if choice.digest and file_digest(path) != choice.digest:
        raise UserError(
            f"'{path}' is not the file that the recipe was made with",
            where="field backbone",
            fix="give the file as it was, or start a new run with --new",
        )
    return _known(choice, path, image) if choice.name else _of_file(path, image)


def ready_backbone(
    backbone: str,
    pixels: NDArray[np.generic],
    *,
    may_download: bool,
    should_stop: Callable[[], bool] = lambda: False,
) -> ReadyBackbone:
    """Make a backbone's weights ready on this machine, and look at how it takes images.

    Whatever goes wrong ends nothing: it is what is missing.

    Parameters
    ----------
    backbone : str
        A recipe's field.
    pixels : ndarray of shape (n, height, width, channels), uint8
        Some tens of them are looked at.
    should_stop : callable
        Ends a download.
    """
    missing = ensure_weights(backbone, may_download=may_download, should_stop=should_stop)
    if missing:
        return ReadyBackbone(missing=missing)
    try:
        loaded = load_backbone(backbone, tuple(pixels.shape[1:]))
    except (NoWeights, UserError) as error:
        return ReadyBackbone(missing=str(error).splitlines()[0])
    notes = () if parse_backbone(backbone).name else (f"{parse_backbone(backbone).title}: {loaded.reading}",)
    return ReadyBackbone(notes=(*notes, *_range_notes(loaded, pixels)))


def ensure_weights(backbone: str, *, may_download: bool, should_stop: Callable[[], bool] = lambda: False) -> str:
    """Make a backbone's weights ready on this machine, and return why there are none; "" where there are."""
    choice = parse_backbone(backbone)
    if choice.weights_path.is_file():
        return ""
    record = choice.record
    if record is None or choice.path:
        return f"there is no file '{choice.path}'"
    if not may_download:
        return f"its weights are not in {choice.weights_path.parent}, and nothing may be downloaded (--offline)"
    try:
        download(record.url, choice.weights_path, digest=record.digest, should_stop=should_stop)
    except (OSError, HTTPException) as error:
        return f"its weights cannot be downloaded ({foreign_text(error)})"
    return ""


def backbone_model(constructor: str, side: int) -> keras.Model:
    """Return a network of `keras.applications` without classifier, weights as they start."""
    build = getattr(keras.applications, constructor)
    model: keras.Model = build(include_top=False, weights=None, input_shape=(side, side, RGB))
    return model


def _known(choice: BackboneChoice, path: Path, image: tuple[int, ...]) -> LoadedBackbone:
    record = choice.record
    if record is None:
        raise ValueError(f"Expected a known backbone. Received: {choice}")
    side = record.side_for(max(image[:2]))
    model = backbone_model(record.constructor, side)
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise NoWeights(f"'{path}' does not hold the weights of {record.title}: {foreign_text(error)}") from error
    return LoadedBackbone(
        model=model,
        image=(side, side, RGB),
        lowest=record.lowest,
        highest=record.highest,
        reading=f"it takes 0 to 255, and brings them {record.preprocessing} itself",
        block_pattern=record.block_pattern,
    )


def _of_file(path: Path, image: tuple[int, ...]) -> LoadedBackbone:
    try:
        model = keras.saving.load_model(path, compile=False)
    except Exception as error:  # layers of someone's own may raise anything
        raise NoWeights(f"'{path}' is no model that Keras can load: {foreign_text(error)}") from error
    model = without_classifier(model)
    own = _image_of(model, image, path)
    low, high, reading = input_range(model, own)
    return LoadedBackbone(model=model, image=own, lowest=low, highest=high, reading=reading)


def without_classifier(model: keras.Model) -> keras.Model:
    """Return a model that ends before its classifier: the dense layer that a softmax or sigmoid follows or is part of.

    A model that has none, or whose layers are not known as a graph, stays as it is.
    """
    if not isinstance(model, keras.Sequential | keras.models.Model) or not getattr(model, "layers", ()):
        return model
    layers = list(model.layers)
    while layers and not layers[-1].weights and _ends_a_classifier(layers[-1]):
        layers.pop()
    last = layers[-1] if layers else None
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    was_cut = len(layers) < len(model.layers)
    if not isinstance(last, keras.layers.Dense) or not (was_cut or activation in CLASSIFIERS):
        return model
    try:
        return keras.Model(model.inputs, last.input, name=model.name)
    except (AttributeError, ValueError):  # a subclassed model has no graph to cut
        return model


def _ends_a_classifier(layer: keras.layers.Layer) -> bool:
    activation = getattr(getattr(layer, "activation", None), "__name__", "")
    return isinstance(layer, keras.layers.Softmax) or activation in CLASSIFIERS


def _image_of(model: keras.Model, image: tuple[int, ...], path: Path) -> tuple[int, int, int]:
    """Return the images that a model takes; sides that it leaves open are those of the images.

    Raises
    ------
    UserError
        When it takes something else, or gives several outputs.
    """
    shape = model.input_shape
    is_image = isinstance(shape, tuple) and len(shape) == IMAGE_AXES and shape[-1] in (1, RGB)
    gives = model.output_shape
    if not is_image or not isinstance(gives, tuple) or len(gives) not in (2, MAP_AXES) or gives[-1] is None:
        raise UserError(
            f"'{path.name}' is no backbone: it takes {shape} and gives {gives}",
            where="--weights",
            fix="give a model from images (height, width, 1 or 3 channels) to one map or vector of features",
        )
    return int(shape[1] or image[0]), int(shape[2] or image[1]), int(shape[3])


def pooled(features: Any) -> Any:
    """Return the mean of a map of features over its places; features that are no map stay as they are."""
    if len(features.shape) == MAP_AXES:
        return keras.layers.GlobalAveragePooling2D(name="pool")(features)
    return features


def _range_notes(loaded: LoadedBackbone, pixels: NDArray[np.generic]) -> tuple[str, ...]:
    """Say that images spread otherwise in a backbone than those it learned from, where they do."""
    rows = np.linspace(0, len(pixels) - 1, min(len(pixels), N_LOOKED_AT)).astype("int64")
    take = BackboneInput(*loaded.image, lowest=loaded.lowest, highest=loaded.highest)
    reading = read_range(loaded.model, np.asarray(take(pixels[rows].astype("float32") / 255.0)))
    if reading is None or reading.is_right:
        return ()
    return (
        f"what its '{reading.layer}' is given spreads {reading.ratio:.2g} times as far as what it learned of, its mean"
        f" {reading.shift:.2g} standard deviations away: images may have been rescaled twice, or not at all",
    )
