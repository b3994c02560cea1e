"""Is the network of a user's own architecture one that can be trained, written and read again?"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import keras

from autorecipe.architecture import Build
from autorecipe.errors import UserError
from autorecipe.recipe import Recipe
from autorecipe.training.build import build_network
from autorecipe.training.shape import Shape

SAID = 160  # characters of what Keras says; its configurations are pages long


def check_own_network(recipe: Recipe, shape: Shape, architecture: Build) -> None:
    """Build the network once before anything is trained, and let Keras write and read its configuration.

    Raises
    ------
    UserError
        When the function fails, returns something else than logits, or holds a layer that could not be read from the
        exported file: one without `get_config`, one that is defined inside the function, or a Lambda.
    """
    make_layers_known(inspect.unwrap(architecture).__globals__)
    network = build_network(recipe, shape, architecture=architecture)
    try:
        keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(network))
    except Exception as error:  # layers of the user's may raise anything
        raise UserError(
            f"the network of {recipe.architecture} could not be read from its file again: {_said(error)}",
            where=recipe.architecture,
            fix="define each layer of yours at the top of its module with a get_config() that returns its arguments; "
            "in place of a Lambda write such a layer, or keras.ops",
        ) from error


def make_layers_known(namespace: Mapping[str, Any]) -> None:
    """Let Keras find the layers that a module defines by their bare names, as files name those not registered.

    Parameters
    ----------
    namespace : mapping
        The module's names and values.
    """
    known = keras.saving.get_custom_objects()
    for name, value in namespace.items():
        is_layer = isinstance(value, type) and issubclass(value, keras.layers.Layer)
        if is_layer and value.__module__ == namespace["__name__"]:
            known[name] = value


def _said(error: BaseException) -> str:
    while error.__context__ is not None:  # Keras wraps what went wrong first
        error = error.__context__
    text = str(error).strip() or type(error).__name__
    return text.split(". ")[0][:SAID]
