"""The hidden layers of a recipe: dense, normalize, activate, and what is on in training alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from autorecipe.activations import LEAKY_SLOPE, MAXOUT_PIECES, PRELU_START
from autorecipe.errors import UserError
from autorecipe.initializers import initializer_for
from autorecipe.layers.drop_connect_dense import DropConnectDense
from autorecipe.layers.maxout import Maxout
from autorecipe.layers.rms_norm import RMSNorm
from autorecipe.layers.stochastic_depth import StochasticDepth
from autorecipe.layers.variable_dropout import VariableDropout
from autorecipe.layers.variable_noise import VariableNoise
from autorecipe.layers.weight_norm_dense import WeightNormDense
from autorecipe.recipe import Recipe
from autorecipe.simplicity import layer_widths

BATCH_NORM_MOMENTUM = 0.9  # Keras' 0.99 lags behind in short trainings (measured: 0.675 against 0.80 accuracy)
MAX_GROUPS = 8  # of a group normalization: Wu and He (2018), arXiv 1803.08494, vary 2 to 64
MIN_GROUP = 4  # units: a group of one is always zero, and one of two always plus and minus one


def plain_blocks(x: Any, recipe: Recipe, seeds: Iterator[int]) -> Any:
    """Return the hidden layers of a dense net on `x` (batch, n_features)."""
    for i, width in enumerate(layer_widths(recipe), start=1):
        x = _dense(x, width * n_pieces(recipe), recipe, seeds, f"hidden_{i}")
        x = normalize(x, recipe, f"normalize_{i}")
        x = activate(x, recipe, f"activation_{i}")
        x = _disturb(x, recipe, seeds, i)
    return x


def residual_blocks(x: Any, recipe: Recipe, seeds: Iterator[int]) -> Any:
    """Return the hidden layers of a residual net on `x` (batch, n_features): x + dense(drop(act(dense(norm(x)))))."""
    widths = layer_widths(recipe)
    x = _dense(x, recipe.width, recipe, seeds, "hidden_in")
    for i, width in enumerate(widths, start=1):
        inner = normalize(x, recipe, f"normalize_{i}")
        inner = _dense(inner, width * n_pieces(recipe), recipe, seeds, f"hidden_{i}")
        inner = activate(inner, recipe, f"activation_{i}")
        inner = _disturb(inner, recipe, seeds, i)
        inner = _dense(inner, width, recipe, seeds, f"hidden_out_{i}")
        if recipe.stochastic_depth:
            inner = _skip(inner, recipe, seeds, i)
        if x.shape[-1] != width:  # a projection where sizes differ: He et al. (2016), arXiv 1512.03385
            x = keras.layers.Dense(
                width, use_bias=False, kernel_initializer=first_kernel(recipe, seeds), name=f"shortcut_{i}"
            )(x)
        x = keras.layers.Add(name=f"add_{i}")([x, inner])
    x = normalize(x, recipe, "normalize_out")
    # maxout would halve the width here, and the head is linear
    return x if recipe.activation == "maxout" else activate(x, recipe, "activation_out")


def n_pieces(recipe: Recipe) -> int:
    """Return how many units in front of the activation make one behind it."""
    return MAXOUT_PIECES if recipe.activation == "maxout" else 1


def first_kernel(recipe: Recipe, seeds: Iterator[int]) -> Any:
    """Return the initializer of a hidden kernel, with a seed of its own."""
    initializer = keras.initializers.get(initializer_for(recipe))
    return type(initializer).from_config({**initializer.get_config(), "seed": next(seeds)})


def _dense(x: Any, width: int, recipe: Recipe, seeds: Iterator[int], name: str) -> Any:
    initializer = first_kernel(recipe, seeds)
    if recipe.drop_connect and recipe.normalization == "weight":
        raise UserError(
            "a recipe with both DropConnect and weight normalization cannot be built",
            where="fields drop_connect and normalization",
            fix="set drop_connect to 0, or normalization to batch, layer, group, rms or none",
        )
    if recipe.drop_connect:
        layer = DropConnectDense(
            width, recipe.drop_connect, kernel_initializer=initializer, seed=next(seeds), name=name
        )
    elif recipe.normalization == "weight":
        layer = WeightNormDense(width, kernel_initializer=initializer, name=name)
    else:
        layer = keras.layers.Dense(width, kernel_initializer=initializer, name=name)
    return layer(x)


def normalize(x: Any, recipe: Recipe, name: str) -> Any:
    """Return `x` (batch, ..., n_units) behind the recipe's normalization, as it is where there is none."""
    if recipe.normalization == "batch":
        return keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=name)(x)
    if recipe.normalization == "layer":
        return keras.layers.LayerNormalization(name=name)(x)
    if recipe.normalization == "group":
        return keras.layers.GroupNormalization(groups=_n_groups(x.shape[-1]), name=name)(x)
    if recipe.normalization == "rms":
        return RMSNorm(name=name)(x)
    return x


def _n_groups(width: int) -> int:
    return max((g for g in range(2, MAX_GROUPS + 1) if width % g == 0 and width // g >= MIN_GROUP), default=1)


def activate(x: Any, recipe: Recipe, name: str) -> Any:
    """Return `x` (batch, ..., n_units) behind the recipe's activation."""
    if recipe.activation == "maxout":
        return Maxout(MAXOUT_PIECES, name=name)(x)
    if recipe.activation == "leaky_relu":
        return keras.layers.LeakyReLU(negative_slope=LEAKY_SLOPE, name=name)(x)
    if recipe.activation == "prelu":
        start = keras.initializers.Constant(PRELU_START)
        places = list(range(1, len(x.shape) - 1)) or None  # a slope for each unit, wherever in an image it is
        return keras.layers.PReLU(alpha_initializer=start, shared_axes=places, name=name)(x)
    return keras.layers.Activation(recipe.activation, name=name)(x)


def _disturb(x: Any, recipe: Recipe, seeds: Iterator[int], i: int) -> Any:
    if recipe.activation_noise:
        x = VariableNoise(
            recipe.activation_noise, recipe_field="activation_noise", seed=next(seeds), name=f"activation_noise_{i}"
        )(x)
    return VariableDropout(recipe.dropout, seed=next(seeds), name=f"dropout_{i}")(x) if recipe.dropout else x


def _skip(x: Any, recipe: Recipe, seeds: Iterator[int], i: int) -> Any:
    share = i / recipe.depth
    return StochasticDepth(
        share * recipe.stochastic_depth, share_of_rate=share, seed=next(seeds), name=f"stochastic_depth_{i}"
    )(x)
