"""Give a network that was trained its first values again, as if it had just been built."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from autorecipe.architecture import Build
from autorecipe.layers.periodic_embedding import PeriodicEmbedding
from autorecipe.layers.pretrained_backbone import PretrainedBackbone
from autorecipe.recipe import Recipe
from autorecipe.training.build import build_network
from autorecipe.training.custom import seeded_initializers
from autorecipe.training.layer_strengths import layer_strengths
from autorecipe.training.shape import Shape

SEED_STATE = "seed_generator_state"  # Keras' name of the variable that random layers draw from


def reinitialize(network: keras.Model, recipe: Recipe, shape: Shape, *, architecture: Build | None = None) -> None:
    """Give every weight its first value again, from seeds that follow from the recipe's, and every rate the recipe's.

    Rates are the weights that `autorecipe.training.layer_strengths` finds.

    Parameters
    ----------
    architecture : callable or None
        What built a custom family's network; a twin is built, since its layers may begin in any way.
    """
    if recipe.family == "custom":
        with seeded_initializers(recipe.seed):
            twin = build_network(recipe, shape, architecture=architecture)
        for variable, first in zip(network.weights, twin.weights, strict=True):
            variable.assign(first)
    else:
        for layer in network.layers:
            if isinstance(layer, PeriodicEmbedding):  # a graph is shared by recipes that differ in it
                layer.set_frequency_scale(recipe.frequency_scale)
            if isinstance(layer, PretrainedBackbone):
                layer.restore()
        _draw_weights(network, recipe.seed)
    for i, variable in enumerate(v for v in network.variables if v.path.endswith(SEED_STATE)):
        variable.assign(np.array([recipe.seed + i, 0], dtype="uint32"))
    for strength in layer_strengths(network):
        strength.set_from(recipe)


def _draw_weights(network: keras.Model, seed: int) -> None:
    for layer in network.layers:
        for variable in layer.weights:
            initializer = _initializer(layer, variable.name, seed + 1)
            if initializer is not None:  # a rate or a statistic takes no seed from the weights after it
                seed += 1
                variable.assign(initializer(variable.shape, dtype=variable.dtype))


def _initializer(layer: keras.layers.Layer, weight: str, seed: int) -> Any:
    is_depthwise = isinstance(layer, keras.layers.DepthwiseConv2D) and weight == "kernel"  # Keras names the two apart
    initializer = getattr(layer, "depthwise_initializer" if is_depthwise else f"{weight}_initializer", None)
    if initializer is None:
        return None
    config = initializer.get_config()
    return type(initializer).from_config({**config, "seed": seed} if "seed" in config else config)
