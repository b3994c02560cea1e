"""The outputs of an architecture of the user's: called, checked, and given a head whose bias can be set."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from autorecipe.architecture import Build
from autorecipe.errors import UserError
from autorecipe.layers.output_bias import OutputBias
from autorecipe.recipe import Recipe

HEAD = "head"  # name of the layer whose bias starts at the prior


def custom_outputs(features: Any, recipe: Recipe, n_outputs: int, *, architecture: Build | None) -> Any:
    """Return the logits (batch, n_outputs) of the user's function on the features.

    The layer called "head" has their bias: the function's own last dense layer, renamed, or an `OutputBias`.

    Raises
    ------
    UserError
        When there is no function, or it returns anything but a KerasTensor of shape (batch, n_outputs).
    """
    if architecture is None:
        raise UserError(
            f"the recipe's network is '{recipe.architecture or 'a function'}', which is not at hand",
            where="architecture",
            fix="pass the function again: AutoRecipe(architecture=...)",
        )
    with seeded_initializers(recipe.seed):
        outputs = architecture(inputs=features, n_outputs=n_outputs, **dict(recipe.knobs))
    _check(outputs, recipe, n_outputs)
    layer = outputs._keras_history.operation  # the only way from a tensor to its layer
    is_dense = isinstance(layer, keras.layers.Dense) and layer.bias is not None and outputs.dtype == "float32"
    if is_dense and len(layer._inbound_nodes) == 1:  # a layer used twice has a place of its own in the architecture
        layer.name = HEAD
        return outputs
    return OutputBias(name=HEAD)(outputs)


def custom_model(inputs: dict[str, Any], outputs: Any, recipe: Recipe) -> keras.Model:
    """Return the model from inputs to outputs.

    Raises
    ------
    UserError
        When a layer of the function's has a name that is taken, or the outputs do not come from the inputs.
    """
    try:
        return keras.Model(inputs, outputs, name="network")
    except ValueError as error:
        raise UserError(
            f"the architecture's layers do not make a model: {error}",
            where=recipe.architecture or "architecture",
            fix="build every layer inside the function, on `inputs`, with names of their own or none",
        ) from error


@contextmanager
def seeded_initializers(seed: int) -> Iterator[None]:
    """Let Keras' initializers that were given no seed draw theirs from this one, and leave Python's state as it was."""
    before = random.getstate()  # Keras draws the seeds that are not set from Python's `random`
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)


def _check(outputs: Any, recipe: Recipe, n_outputs: int) -> None:
    where = recipe.architecture or "architecture"
    if not isinstance(outputs, keras.KerasTensor):
        raise UserError(
            f"the architecture returned {type(outputs).__name__} instead of a KerasTensor",
            where=where,
            fix="return the logits: the output of the last layer, not the model",
        )
    if tuple(outputs.shape) != (None, n_outputs):
        raise UserError(
            f"the architecture returned shape {tuple(outputs.shape)} instead of (None, {n_outputs})",
            where=where,
            fix="end with keras.layers.Dense(n_outputs), without an activation",
        )
