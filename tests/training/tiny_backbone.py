"""A backbone of a few channels, its weights made on the spot, and images that it can tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from small_data import Memory, small_data

from autorecipe.recipe import Recipe
from autorecipe.training.backbone_range import photo_like
from autorecipe.training.dataset import Dataset

SIDE = 16


@dataclass(slots=True)
class ArrayMemory(Memory):
    """Remembers fits in dictionaries, and has a folder for arrays."""

    arrays_path: Path = Path()


def tiny_backbone(*, highest: float = 1.0, rescales: float = 0.0, with_classifier: bool = False) -> keras.Model:
    """Three convolutions, each with a batch normalization that remembers photos from 0 to `highest`.

    Parameters
    ----------
    rescales : float
        Factor of a Rescaling in front; 0 for none.
    """
    keras.utils.set_random_seed(0)
    images = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.Rescaling(rescales)(images) if rescales else images
    for i, channels in enumerate((8, 12, 16)):
        x = keras.layers.Conv2D(channels, 3, strides=2, padding="same", use_bias=False, name=f"conv_{i}")(x)
        x = keras.layers.BatchNormalization(momentum=0.0, name=f"norm_{i}")(x)
        x = keras.layers.Activation("relu", name=f"relu_{i}")(x)
    x = keras.layers.Dropout(0.5, name="drop")(x)
    if with_classifier:
        x = keras.layers.GlobalAveragePooling2D(name="mean")(x)
        x = keras.layers.Dense(7, activation="softmax", name="classes")(x)
    model = keras.Model(images, x, name="tiny")
    for _ in range(12):
        model(photo_like((SIDE, SIDE, 3)) * highest, training=True)
    return model


def saved(model: keras.Model, path: Path) -> str:
    """Save a model, and return its file as a user would name it."""
    model.save(path)
    return str(path)


def image_data(n_classes: int = 2) -> Dataset:
    """300 images of 20 x 24 pixels, bright on the left, in the middle or on the right by their class; no numbers."""
    table = small_data("binary")
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_classes, len(table.y))
    pixels = rng.integers(0, 120, (len(y), 20, 24, 3))
    for i, label in enumerate(y):
        width = 24 // n_classes
        pixels[i, :, label * width : (label + 1) * width] += rng.integers(20, 90)
    layout = type(table.layout)(
        number_names=(), code_names=(), code_sizes=(), token_names=(), token_sizes=(), token_lengths=(), token_idf=()
    )
    return Dataset(
        x={"pixels": pixels.astype("uint8")},
        y=y.astype("int64"),
        weight=table.weight,
        split=table.split,
        layout=layout,
        task="binary" if n_classes == 2 else "multiclass",
        n_classes=n_classes,
        fingerprint=f"images {n_classes}",
    )


def frozen(backbone: str, **edits) -> Recipe:
    """A linear head on a frozen backbone."""
    settings = {"epochs": 12, "batch_size": 32, "patience": 0, "learning_rate": 1e-2, "width": 0, "depth": 0}
    return Recipe(family="pretrained", backbone=backbone, **{**settings, **edits})
