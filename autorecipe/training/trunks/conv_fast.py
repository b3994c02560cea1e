"""The fast net: whitened patches, convolutions that start as the identity, and logits that grow slowly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from autorecipe.families.fast_convnet import fast_channels, whitening
from autorecipe.families.images import stem_stride
from autorecipe.layers.identity_kernel import IdentityKernel
from autorecipe.layers.whitening_conv import WhiteningConv2D
from autorecipe.recipe import Recipe
from autorecipe.training.blocks import n_pieces
from autorecipe.training.conv_blocks import ConvBlocks
from autorecipe.training.features import Features
from autorecipe.training.shape import Shape

FAST_MOMENTUM = 0.6  # of batch statistics: as published


def fast_convnet(features: Features, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    """Return the outputs of the fast net.

    `data_start.start_from_data` sets the whitening kernel. Batch normalization has no scale of its own, since the next
    convolution has one; other normalizations stand there as everywhere.

    References
    ----------
    Jordan (2024), "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv 2404.00498.
    """
    blocks = ConvBlocks(recipe=recipe, seeds=seeds)
    side, n_directions = whitening(shape.image)
    whiten = WhiteningConv2D(n_directions, side, strides=stem_stride(shape.image), seed=next(seeds), name="whiten")
    x = blocks.activate(whiten(features.image), "whiten")
    for stage, channels in enumerate(fast_channels(recipe), start=1):
        for block in range(1, recipe.n_blocks + 1):
            name = f"{stage}_{block}"
            x = _identity_conv(x, channels * n_pieces(recipe), blocks, name)
            x = blocks.pool(x, str(stage)) if block == 1 else x
            x = blocks.activate(_normalize(x, blocks, name), name)
    return blocks.outputs(x, shape)


def _identity_conv(x: Any, channels: int, blocks: ConvBlocks, name: str) -> Any:
    return keras.layers.Conv2D(
        channels,
        3,
        padding="same",
        use_bias=blocks.recipe.normalization == "none",
        kernel_initializer=IdentityKernel(next(blocks.seeds)),
        name=f"conv_{name}",
    )(x)


def _normalize(x: Any, blocks: ConvBlocks, name: str) -> Any:
    if blocks.recipe.normalization != "batch":
        return blocks.normalize(x, name)
    return keras.layers.BatchNormalization(momentum=FAST_MOMENTUM, scale=False, name=f"normalize_{name}")(x)
