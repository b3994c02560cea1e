"""From a recipe to a Keras model."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import count

import keras

from autorecipe.architecture import Build
from autorecipe.errors import UserError
from autorecipe.families import family_named
from autorecipe.recipe import Recipe
from autorecipe.training.custom import custom_model, custom_outputs
from autorecipe.training.features import make_features, make_inputs
from autorecipe.training.shape import Shape
from autorecipe.training.trunks import TRUNKS

FLOAT32 = "float32"


def build_network(
    recipe: Recipe, shape: Shape, *, architecture: Build | None = None, precision: str = FLOAT32
) -> keras.Model:
    """Build the network of a recipe: encoded arrays in, logits (or a standardized prediction) out.

    Under a policy of mixed precision the hidden layers compute in it; weights, what scales raw numbers, and the
    outputs are float32 all the same.

    Parameters
    ----------
    recipe : Recipe
        `recipe.seed` seeds every initializer.
    shape : Shape
        Of the encoded arrays.
    architecture : callable, optional
        Of a custom family: (inputs, n_outputs, **knobs) -> logits.
    precision : str
        Dtype policy of the hidden layers, as `policy_of` takes it.

    Returns
    -------
    keras.Model
        Inputs "numbers" (batch, p) float32 with NaN, "codes" (batch, q) int32 and "tokens_<i>" (batch, length)
        int32, as far as there are such columns; output (batch, n_outputs) float32. A network of several members gives
        (batch, n_members, n_outputs) while it trains, and else what their mean prediction is the logit of. Statistics
        of the prefix are not set yet (`autorecipe.preprocessing.statistics`). The layer "head" has the output's bias.
        Layers with a rate that a recipe sets carry the field's name as `recipe_field`; `share_of_rate`, where there is
        one, is the share of it that is theirs.

    Raises
    ------
    UserError
        When the architecture is missing or returns something else, or choices exclude each other.
    """
    seeds = count(recipe.seed + 1)
    with in_policy(FLOAT32):
        inputs = make_inputs(shape)
        features = make_features(inputs, recipe, shape, seeds)
    if recipe.family == "custom":
        given = features.image if shape.image else features.joined
        outputs = custom_outputs(given, recipe, shape.n_outputs, architecture=architecture)
    else:
        with in_policy(policy_of(recipe, precision)):
            outputs = TRUNKS[recipe.family](features, recipe, shape, seeds)
    if recipe.linear_path and "linear_path" in family_named(recipe.family).ignores:
        raise UserError(
            f"a {family_named(recipe.family).title} has no linear path beside it",
            where="field linear_path",
            fix="set linear_path to false, or family to mlp, residual_mlp or dcn",
        )
    if recipe.linear_path:  # Cheng et al. (2016), Wide and deep learning, arXiv 1606.07792
        linear = keras.layers.Dense(
            shape.n_outputs, use_bias=False, kernel_initializer="zeros", dtype="float32", name="linear_path"
        )(features.joined)
        outputs = keras.layers.Add(dtype="float32", name="sum")([outputs, linear])
    if recipe.family == "custom":
        return custom_model(inputs, outputs, recipe)
    return keras.Model(inputs, outputs, name="network")


def policy_of(recipe: Recipe, precision: str) -> str:
    """Return the dtype policy of a recipe's hidden layers.

    It is `precision`, unless the user has set another policy than float32, or the architecture is the user's, whose
    layers may not bear it.
    """
    own = str(keras.config.dtype_policy().name)
    return own if recipe.family == "custom" or own != FLOAT32 else precision


@contextlib.contextmanager
def in_policy(name: str) -> Iterator[None]:
    """Let layers that are made meanwhile have a dtype policy."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
