"""Dense layers, one after the other or with a way around each, and a linear head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from autorecipe.recipe import Recipe
from autorecipe.training.blocks import plain_blocks, residual_blocks
from autorecipe.training.custom import HEAD
from autorecipe.training.features import Features
from autorecipe.training.shape import Shape

HEAD_STD = 0.01  # so small that the first prediction is the bias alone; choice


def dense_net(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of a dense net."""
    return head(plain_blocks(features.joined, recipe, seeds), shape, seeds)


def residual_net(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of a residual net."""
    return head(residual_blocks(features.joined, recipe, seeds), shape, seeds)


def head(hidden: Any, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return a linear map of hidden units to the outputs, whose bias `set_output_bias` sets."""
    start = keras.initializers.RandomNormal(stddev=HEAD_STD, seed=next(seeds))
    return keras.layers.Dense(shape.n_outputs, kernel_initializer=start, dtype="float32", name=HEAD)(hidden)
