"""Convolutions with a way around each block: residual, wide residual and inverted residual nets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autorecipe.families.images import stage_channels, stem_kernel, stem_stride
from autorecipe.families.inverted_residual import EXPANSION, SQUEEZE
from autorecipe.families.wide_residual import STEM_CHANNELS
from autorecipe.layers.squeeze_excitation import SqueezeExcitation
from autorecipe.recipe import Recipe
from autorecipe.training.blocks import n_pieces
from autorecipe.training.conv_blocks import ConvBlocks
from autorecipe.training.features import Features
from autorecipe.training.shape import Shape

Place = tuple[int, int, int]  # a block's number from 1, its channels, its stride


def residual_convnet(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of stages of basic blocks, activated behind the sum.

    References
    ----------
    He et al. (2016), "Deep residual learning for image recognition", arXiv 1512.03385, figures 2 and 3.
    """
    blocks = ConvBlocks(recipe=recipe, seeds=seeds)
    x, places = blocks.stem(features.image, recipe.width, "in"), _places(recipe)
    for block, channels, stride in places:
        wide = channels * n_pieces(recipe)  # maxout makes one channel of two, behind the sum too
        inner = blocks.unit(x, channels, f"{block}_1", stride=stride)
        inner = blocks.normalize(blocks.conv(inner, wide, f"{block}_2"), f"{block}_2")
        if stride > 1 or x.shape[-1] != wide:
            x = blocks.conv(x, wide, f"{block}_shortcut", kernel=1, stride=stride)
            x = blocks.normalize(x, f"{block}_shortcut")
        x = blocks.activate(blocks.around(x, inner, block=block, n_blocks=len(places)), f"{block}_2")
    return blocks.outputs(x, shape)


def wide_residual(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of stages of blocks that normalize and activate before they convolve.

    References
    ----------
    Zagoruyko and Komodakis (2016), "Wide residual networks", arXiv 1605.07146.
    """
    blocks, places = ConvBlocks(recipe=recipe, seeds=seeds), _places(recipe)
    kernel, stride = stem_kernel(shape.image), stem_stride(shape.image)
    x = blocks.conv(features.image, STEM_CHANNELS, "in", kernel=kernel, stride=stride)
    for block, channels, stride in places:
        wide = channels * n_pieces(recipe)
        first = blocks.activate(blocks.normalize(x, f"{block}_1"), f"{block}_1")
        inner = blocks.conv(first, wide, f"{block}_1", stride=stride)
        inner = blocks.activate(blocks.normalize(inner, f"{block}_2"), f"{block}_2")
        inner = blocks.conv(inner, wide, f"{block}_2")
        if stride > 1 or x.shape[-1] != wide:  # behind the activation, as published
            x = blocks.conv(first, wide, f"{block}_shortcut", kernel=1, stride=stride)
        x = blocks.around(x, inner, block=block, n_blocks=len(places))
    return blocks.outputs(blocks.activate(blocks.normalize(x, "out"), "out"), shape)


def inverted_residual(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of blocks that widen, look at each channel by itself, weigh the channels, and narrow again.

    References
    ----------
    Sandler et al. (2018), "MobileNetV2", arXiv 1801.04381; Howard et al. (2019), "MobileNetV3", arXiv 1905.02244.
    """
    blocks = ConvBlocks(recipe=recipe, seeds=seeds)
    x, places = blocks.stem(features.image, recipe.width, "in"), _places(recipe)
    for block, channels, stride in places:
        inner = blocks.unit(x, EXPANSION * x.shape[-1], f"{block}_1", kernel=1)
        inner = blocks.normalize(blocks.depthwise(inner, str(block), stride=stride), f"{block}_2")
        inner = blocks.activate(inner, f"{block}_2")
        units = max(1, inner.shape[-1] // SQUEEZE)
        inner = SqueezeExcitation(units, seed=next(seeds), name=f"squeeze_{block}")(inner)
        inner = blocks.normalize(blocks.conv(inner, channels, f"{block}_3", kernel=1), f"{block}_3")
        is_alike = stride == 1 and x.shape[-1] == channels
        x = blocks.around(x, inner, block=block, n_blocks=len(places)) if is_alike else inner
    return blocks.outputs(x, shape)


def _places(recipe: Recipe) -> list[Place]:
    """Return the blocks in order; the first one of each stage but the first halves the sides."""
    stages = enumerate(stage_channels(recipe))
    places = [
        (channels, 2 if stage and block == 0 else 1) for stage, channels in stages for block in range(recipe.n_blocks)
    ]
    return [(i, channels, stride) for i, (channels, stride) in enumerate(places, start=1)]
