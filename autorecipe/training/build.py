"""From a recipe to a Keras model."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import count
from typing import Any

import keras

from autorecipe.architecture import Build
from autorecipe.layers.code_embeddings import CodeEmbeddings
from autorecipe.layers.missing_flags import MissingFlags
from autorecipe.layers.mix_rows import MixRows
from autorecipe.layers.multi_hot import MultiHot
from autorecipe.layers.piecewise_linear import PiecewiseLinearEmbedding
from autorecipe.layers.quantile_scale import QuantileScale
from autorecipe.layers.robust_scale import RobustScale
from autorecipe.layers.tf_idf import TfIdf
from autorecipe.layers.variable_noise import VariableNoise
from autorecipe.recipe import Recipe
from autorecipe.training.blocks import plain_blocks, residual_blocks
from autorecipe.training.custom import HEAD, custom_model, custom_outputs
from autorecipe.training.shape import EMBEDDING_DIM, Shape

FLOAT32 = "float32"
HEAD_STD = 0.01  # so small that the first prediction is the bias alone: checks.md T3


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
        int32, as far as there are such columns; output (batch, n_outputs) float32. Statistics of the prefix are
        not set yet (`autorecipe.preprocessing.statistics`). The layer "head" has the output's bias. Layers with a
        rate that a recipe sets carry the field's name as `recipe_field`; `share_of_rate`, where there is one, is
        the share of it that is theirs.

    Raises
    ------
    UserError
        When the architecture is missing or returns something else, or choices exclude each other.
    """
    seeds = count(recipe.seed + 1)
    with _in_policy(FLOAT32):
        inputs = make_inputs(shape)
        features = _disturbed(_prefix(inputs, recipe, shape, seeds), recipe, seeds)
    if recipe.family == "custom":
        outputs = custom_outputs(features, recipe, shape.n_outputs, architecture=architecture)
    else:
        blocks = plain_blocks if recipe.family == "mlp" else residual_blocks
        with _in_policy(policy_of(recipe, precision)):
            hidden = blocks(features, recipe, seeds)
        start = keras.initializers.RandomNormal(stddev=HEAD_STD, seed=next(seeds))
        outputs = keras.layers.Dense(shape.n_outputs, kernel_initializer=start, dtype="float32", name=HEAD)(hidden)
    if recipe.linear_path:  # Cheng et al. (2016), Wide and deep learning, arXiv 1606.07792
        linear = keras.layers.Dense(
            shape.n_outputs, use_bias=False, kernel_initializer="zeros", dtype="float32", name="linear_path"
        )(features)
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
def _in_policy(name: str) -> Iterator[None]:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)


def make_inputs(shape: Shape) -> dict[str, Any]:
    """Return the Keras inputs of the encoded arrays."""
    inputs = {}
    if shape.n_numbers:
        inputs["numbers"] = keras.Input((shape.n_numbers,), dtype="float32", name="numbers")
    if shape.code_sizes:
        inputs["codes"] = keras.Input((len(shape.code_sizes),), dtype="int32", name="codes")
    for i, length in enumerate(shape.token_lengths):
        inputs[f"tokens_{i}"] = keras.Input((length,), dtype="int32", name=f"tokens_{i}")
    return inputs


def _prefix(inputs: dict[str, Any], recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Any:
    parts = []
    if shape.n_numbers:
        parts += _number_parts(inputs["numbers"], recipe, shape, seeds)
    if shape.one_hot_columns:
        sizes = [shape.code_sizes[i] for i in shape.one_hot_columns]
        parts.append(MultiHot(shape.one_hot_columns, sizes, name="one_hot")(inputs["codes"]))
    if shape.embedded_columns:
        sizes = [shape.code_sizes[i] for i in shape.embedded_columns]
        embed = CodeEmbeddings(shape.embedded_columns, sizes, EMBEDDING_DIM, seed=next(seeds), name="code_embeddings")
        parts.append(embed(inputs["codes"]))
    for i, size in enumerate(shape.token_sizes):
        parts.append(TfIdf(size, name=f"tf_idf_{i}")(inputs[f"tokens_{i}"]))
    return keras.layers.Concatenate(name="features")(parts) if len(parts) > 1 else parts[0]


def _number_parts(numbers: Any, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> list[Any]:
    scale = RobustScale(name="scale") if recipe.numeric_scaling == "robust" else QuantileScale(name="scale")
    scaled = scale(numbers)
    parts = [scaled]
    if recipe.numeric_embedding == "piecewise_linear":
        bins = PiecewiseLinearEmbedding(recipe.n_bins, recipe.embedding_dim, seed=next(seeds), name="bins")
        parts = [bins(scaled)]
    if shape.with_missing:
        parts.append(MissingFlags(shape.with_missing, name="missing")(numbers))
    return parts


def _disturbed(features: Any, recipe: Recipe, seeds: Iterator[int]) -> Any:
    if recipe.mixup:
        features = MixRows(name="mix_rows")(features)
    if recipe.input_noise:
        features = VariableNoise(recipe.input_noise, recipe_field="input_noise", seed=next(seeds), name="input_noise")(
            features
        )
    return features
