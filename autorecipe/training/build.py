"""From a recipe to a Keras model."""

from __future__ import annotations

from itertools import count
from typing import Any

import keras

from autorecipe.layers.code_embeddings import CodeEmbeddings
from autorecipe.layers.missing_flags import MissingFlags
from autorecipe.layers.multi_hot import MultiHot
from autorecipe.layers.piecewise_linear import PiecewiseLinearEmbedding
from autorecipe.layers.quantile_scale import QuantileScale
from autorecipe.layers.robust_scale import RobustScale
from autorecipe.layers.tf_idf import TfIdf
from autorecipe.layers.variable_dropout import VariableDropout
from autorecipe.recipe import Recipe
from autorecipe.training.shape import EMBEDDING_DIM, Shape

HEAD_STD = 0.01  # so small that the first prediction is the bias alone: checks.md T3
BATCH_NORM_MOMENTUM = 0.9  # Keras' 0.99 lags behind in short trainings (measured: 0.675 against 0.80 accuracy)
INITIALIZER_OF = {"relu": "HeNormal", "gelu": "HeNormal", "selu": "LecunNormal"}  # recipe rule F2


def build_network(recipe: Recipe, shape: Shape) -> keras.Model:
    """Build the network of a recipe: encoded arrays in, logits (or a standardized prediction) out.

    Parameters
    ----------
    recipe : Recipe
        `recipe.seed` seeds every initializer.
    shape : Shape
        Of the encoded arrays.

    Returns
    -------
    keras.Model
        Inputs "numbers" (batch, p) float32 with NaN, "codes" (batch, q) int32 and "tokens_<i>" (batch, length)
        int32, as far as there are such columns; output (batch, n_outputs) float32. Statistics of the prefix are
        not set yet (`autorecipe.preprocessing.statistics`).
    """
    seeds = count(recipe.seed + 1)
    inputs = make_inputs(shape)
    features = _prefix(inputs, recipe, shape, seeds)
    blocks = _blocks if recipe.family == "mlp" else _residual_blocks
    head = keras.initializers.RandomNormal(stddev=HEAD_STD, seed=next(seeds))
    outputs = keras.layers.Dense(shape.n_outputs, kernel_initializer=head, name="head")(blocks(features, recipe, seeds))
    if recipe.linear_path:  # Cheng et al. (2016), Wide and deep learning, arXiv 1606.07792
        linear = keras.layers.Dense(shape.n_outputs, use_bias=False, kernel_initializer="zeros", name="linear_path")(
            features
        )
        outputs = keras.layers.Add(name="sum")([outputs, linear])
    return keras.Model(inputs, outputs, name="network")


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


def _prefix(inputs: dict[str, Any], recipe: Recipe, shape: Shape, seeds: Any) -> Any:
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


def _number_parts(numbers: Any, recipe: Recipe, shape: Shape, seeds: Any) -> list[Any]:
    scale = RobustScale(name="scale") if recipe.numeric_scaling == "robust" else QuantileScale(name="scale")
    scaled = scale(numbers)
    parts = [scaled]
    if recipe.numeric_embedding == "piecewise_linear":
        bins = PiecewiseLinearEmbedding(recipe.n_bins, recipe.embedding_dim, seed=next(seeds), name="bins")
        parts = [bins(scaled)]
    if shape.with_missing:
        parts.append(MissingFlags(shape.with_missing, name="missing")(numbers))
    return parts


def _dense(x: Any, width: int, recipe: Recipe, seeds: Any, name: str) -> Any:
    initializer = getattr(keras.initializers, INITIALIZER_OF[recipe.activation])(seed=next(seeds))
    return keras.layers.Dense(width, kernel_initializer=initializer, name=name)(x)


def _normalize(x: Any, recipe: Recipe, name: str) -> Any:
    if recipe.normalization == "batch":
        return keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=name)(x)
    if recipe.normalization == "layer":
        return keras.layers.LayerNormalization(name=name)(x)
    return x


def _drop(x: Any, recipe: Recipe, seeds: Any, name: str) -> Any:
    return VariableDropout(recipe.dropout, seed=next(seeds), name=name)(x) if recipe.dropout else x


def _blocks(x: Any, recipe: Recipe, seeds: Any) -> Any:
    for i in range(1, recipe.depth + 1):
        x = _dense(x, recipe.width, recipe, seeds, f"hidden_{i}")
        x = _normalize(x, recipe, f"normalize_{i}")
        x = keras.layers.Activation(recipe.activation, name=f"activation_{i}")(x)
        x = _drop(x, recipe, seeds, f"dropout_{i}")
    return x


def _residual_blocks(x: Any, recipe: Recipe, seeds: Any) -> Any:
    x = _dense(x, recipe.width, recipe, seeds, "hidden_in")
    for i in range(1, recipe.depth + 1):
        inner = _normalize(x, recipe, f"normalize_{i}")
        inner = _dense(inner, recipe.width, recipe, seeds, f"hidden_{i}")
        inner = keras.layers.Activation(recipe.activation, name=f"activation_{i}")(inner)
        inner = _drop(inner, recipe, seeds, f"dropout_{i}")
        inner = _dense(inner, recipe.width, recipe, seeds, f"hidden_out_{i}")
        x = keras.layers.Add(name=f"add_{i}")([x, inner])
    x = _normalize(x, recipe, "normalize_out")
    return keras.layers.Activation(recipe.activation, name="activation_out")(x)
