"""Convolutions of other shapes: separable ones, densely connected ones, and branches side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from autorecipe.families.dense_convnet import growth
from autorecipe.families.images import stage_channels
from autorecipe.families.inception_convnet import branch_channels
from autorecipe.recipe import Recipe
from autorecipe.training.conv_blocks import ConvBlocks
from autorecipe.training.features import Features
from autorecipe.training.shape import Shape


def separable_convnet(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of stages of convolutions in two parts, each normalized and activated.

    References
    ----------
    Howard et al. (2017), "MobileNets", arXiv 1704.04861, figure 3.
    """
    blocks = ConvBlocks(recipe=recipe, seeds=seeds)
    x = blocks.stem(features.image, recipe.width, "in")
    for stage, channels in enumerate(stage_channels(recipe), start=1):
        for block in range(1, recipe.n_blocks + 1):
            name = f"{stage}_{block}"
            x = blocks.depthwise(x, name, stride=2 if stage > 1 and block == 1 else 1)
            x = blocks.activate(blocks.normalize(x, f"{name}_depthwise"), f"{name}_depthwise")
            x = blocks.unit(x, channels, name, kernel=1)
    return blocks.outputs(x, shape)


def dense_convnet(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of stages in which each convolution is given all channels before it, and adds a few.

    References
    ----------
    Huang et al. (2017), "Densely connected convolutional networks", arXiv 1608.06993.
    """
    blocks = ConvBlocks(recipe=recipe, seeds=seeds)
    x = blocks.stem(features.image, recipe.width, "in")
    for stage in range(1, recipe.depth + 1):
        if stage > 1:
            x = blocks.unit(x, max(1, x.shape[-1] // 2), f"between_{stage}", kernel=1)
            x = blocks.pool(x, str(stage - 1))
        for block in range(1, recipe.n_blocks + 1):
            more = blocks.unit(x, growth(recipe), f"{stage}_{block}")
            x = keras.layers.Concatenate(name=f"beside_{stage}_{block}")([x, more])
    return blocks.outputs(x, shape)


def inception_convnet(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of stages of modules: kernels of 1, 3 and 5 pixels and a pooling, side by side.

    References
    ----------
    Szegedy et al. (2015), "Going deeper with convolutions", arXiv 1409.4842; 5 x 5 as two of 3 x 3: arXiv 1512.00567.
    """
    blocks = ConvBlocks(recipe=recipe, seeds=seeds)
    x = blocks.stem(features.image, recipe.width, "in")
    for stage, channels in enumerate(stage_channels(recipe), start=1):
        x = blocks.pool(x, str(stage - 1)) if stage > 1 else x
        for block in range(1, recipe.n_blocks + 1):
            x = _module(x, blocks, channels, f"{stage}_{block}")
    return blocks.outputs(x, shape)


def _module(x: Any, blocks: ConvBlocks, channels: int, name: str) -> Any:
    points, threes, fives, pooled = branch_channels(channels)
    three = blocks.unit(x, max(1, threes // 2), f"{name}_three_in", kernel=1)
    five = blocks.unit(blocks.unit(x, fives, f"{name}_five_in", kernel=1), fives, f"{name}_five_1")
    around = keras.layers.MaxPooling2D(3, strides=1, padding="same", name=f"pool_{name}")(x)
    branches = [
        blocks.unit(x, points, f"{name}_one", kernel=1),
        blocks.unit(three, threes, f"{name}_three"),
        blocks.unit(five, fives, f"{name}_five_2"),
        blocks.unit(around, pooled, f"{name}_pooled", kernel=1),
    ]
    return keras.layers.Concatenate(name=f"beside_{name}")(branches)
