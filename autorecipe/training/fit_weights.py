"""Which weights of a network are kept with a fit, and how a network gets them back."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.families.pretrained import takes_features
from autorecipe.recipe import Recipe
from autorecipe.training.backbone_features import undo_normalization
from autorecipe.training.trunks.pretrained import BACKBONE

Weights = list[NDArray[np.generic]]


def fit_weights(network: keras.Model) -> Weights:
    """Return a network's weights but those of a backbone that never train: they are in its own file."""
    return [variable.numpy() for variable in _own_variables(network)]


def set_own_weights(network: keras.Model, weights: Weights) -> None:
    """Give a network the weights of another with the same layers, as `fit_weights` returns them."""
    for variable, value in zip(_own_variables(network), weights, strict=True):
        variable.assign(value)


def set_fit_weights(network: keras.Model, recipe: Recipe, weights: Weights) -> None:
    """Give a whole network the weights of a fit, of all that stands behind its backbone where features were learned."""
    if not takes_features(recipe):
        set_own_weights(network, weights)
        return
    names = [layer.name for layer in network.layers]
    behind = [v for layer in network.layers[names.index(BACKBONE) + 1 :] for v in layer.weights]
    for variable, value in zip(behind, weights, strict=True):
        variable.assign(value)
    undo_normalization(network)


def _own_variables(network: keras.Model) -> list[Any]:
    backbones = [layer for layer in network.layers if layer.name == BACKBONE]
    frozen = {id(variable) for layer in backbones for variable in layer.non_trainable_weights}
    return [variable for variable in network.weights if id(variable) not in frozen]
