"""Convolutions one after the other, in stages: the small convnet, VGG-like nets, and kernels with gaps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autorecipe.families.dilated_convnet import N_POOLED, dilated_channels, dilation
from autorecipe.families.images import stage_channels
from autorecipe.recipe import Recipe
from autorecipe.training.conv_blocks import ConvBlocks
from autorecipe.training.features import Features
from autorecipe.training.shape import Shape


def convnet(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of `depth` stages of `n_blocks` convolutions, a pooling between two stages."""
    blocks, x = ConvBlocks(recipe=recipe, seeds=seeds), features.image
    for stage, channels in enumerate(stage_channels(recipe), start=1):
        x = blocks.pool(x, str(stage - 1)) if stage > 1 else x
        for block in range(1, recipe.n_blocks + 1):
            add = blocks.stem if stage == block == 1 else blocks.unit
            x = add(x, channels, f"{stage}_{block}")
    return blocks.outputs(x, shape)


def dilated_convnet(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of a convnet that pools twice; behind that, kernels reach ever further instead.

    References
    ----------
    Yu et al. (2017), "Dilated residual networks", arXiv 1705.09914.
    """
    blocks, x = ConvBlocks(recipe=recipe, seeds=seeds), features.image
    for stage, channels in enumerate(dilated_channels(recipe)):
        x = blocks.pool(x, str(stage)) if 0 < stage <= N_POOLED else x
        for block in range(1, recipe.n_blocks + 1):
            name = f"{stage + 1}_{block}"
            if stage == 0 and block == 1:
                x = blocks.stem(x, channels, name)
            else:
                x = blocks.unit(x, channels, name, dilation=dilation(stage))
    return blocks.outputs(x, shape)
