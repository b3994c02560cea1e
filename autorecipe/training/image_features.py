"""What a network for images takes: the pixels, normalized, and augmented in training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autorecipe.layers.normalize_images import NormalizeImages
from autorecipe.recipe import Recipe
from autorecipe.training.augmentation import augment
from autorecipe.training.features import Features
from autorecipe.training.shape import Shape


def image_features(inputs: dict[str, Any], recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Features:
    """Return the features of images: `inputs["pixels"]` (batch, height, width, channels) uint8, as float32 numbers."""
    normalized = NormalizeImages(name="normalize")(inputs["pixels"])
    return Features(image=augment(normalized, recipe, seeds))
