"""What a network's layers take: the encoded arrays, scaled, embedded and joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from autorecipe.layers.code_embeddings import CodeEmbeddings
from autorecipe.layers.learnable_scale import LearnableScale
from autorecipe.layers.missing_flags import MissingFlags
from autorecipe.layers.mix_rows import MixRows
from autorecipe.layers.multi_hot import MultiHot
from autorecipe.layers.periodic_embedding import PeriodicEmbedding
from autorecipe.layers.piecewise_linear import PiecewiseLinearEmbedding
from autorecipe.layers.quantile_scale import QuantileScale
from autorecipe.layers.robust_scale import RobustScale
from autorecipe.layers.variable_noise import VariableNoise
from autorecipe.recipe import Recipe
from autorecipe.training.shape import EMBEDDING_DIM, Shape
from autorecipe.training.text_features import text_part

SCALES_INDICATORS = ("realmlp", "realmlp_s")  # families whose one-hot columns and flags are scaled like numbers

_Part = tuple[Any, tuple[int, ...]]  # a tensor (batch, n), and its chunks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """The features of a batch.

    Attributes
    ----------
    joined : Keras tensor of shape (batch, n), float32
    chunks : tuple of int
        Widths of the consecutive parts of `joined` that stem from one raw column each: an embedded number, a one-hot
        code, a flag, a text's words; they sum to n.
    image : Keras tensor of shape (batch, height, width, channels), float32, or None
        Of images, in place of the other two: normalized, and augmented in training.
    """

    joined: Any = None
    chunks: tuple[int, ...] = ()
    image: Any = None


def make_inputs(shape: Shape) -> dict[str, Any]:
    """Return the Keras inputs of the encoded arrays, or of the pixels."""
    if shape.image:
        return {"pixels": keras.Input(shape.image, dtype="uint8", name="pixels")}
    inputs = {}
    if shape.n_features:
        inputs["features"] = keras.Input((shape.n_features,), dtype="float32", name="features")
    if shape.n_numbers:
        inputs["numbers"] = keras.Input((shape.n_numbers,), dtype="float32", name="numbers")
    if shape.code_sizes:
        inputs["codes"] = keras.Input((len(shape.code_sizes),), dtype="int32", name="codes")
    for i, length in enumerate(shape.token_lengths):
        inputs[f"tokens_{i}"] = keras.Input((length,), dtype="int32", name=f"tokens_{i}")
    return inputs


def make_features(inputs: dict[str, Any], recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> Features:
    """Return the features of encoded arrays: scaled, embedded, joined, and disturbed in training where asked."""
    if shape.n_features:
        return Features(joined=inputs["features"], chunks=(1,) * shape.n_features)
    if shape.image:
        from autorecipe.training.image_features import image_features  # it needs `Features`, which this module has

        return image_features(inputs, recipe, shape, seeds)
    parts: list[_Part] = []
    if shape.n_numbers:
        parts += _number_parts(inputs["numbers"], recipe, shape, seeds)
    if shape.code_sizes:
        parts += _code_parts(inputs["codes"], shape, seeds)
    if recipe.family in SCALES_INDICATORS:
        parts = [_scaled_indicators(part) for part in parts]
    for i, size in enumerate(shape.token_sizes):
        parts.append(text_part(inputs[f"tokens_{i}"], i, size, recipe, seeds))
    tensors = [tensor for tensor, _ in parts]
    joined = keras.layers.Concatenate(name="features")(tensors) if len(tensors) > 1 else tensors[0]
    chunks = tuple(width for _, widths in parts for width in widths)
    if recipe.learnable_scale:
        joined = LearnableScale(name="learnable_scale")(joined)
    return Features(joined=_disturbed(joined, recipe, seeds), chunks=chunks)


def _number_parts(numbers: Any, recipe: Recipe, shape: Shape, seeds: Iterator[int]) -> list[_Part]:
    scale = RobustScale(name="scale") if recipe.numeric_scaling == "robust" else QuantileScale(name="scale")
    scaled, dim = scale(numbers), 1
    if recipe.numeric_embedding == "piecewise_linear":
        dim = recipe.embedding_dim
        scaled = PiecewiseLinearEmbedding(recipe.n_bins, dim, seed=next(seeds), name="bins")(scaled)
    elif recipe.numeric_embedding != "none":
        dim = recipe.embedding_dim
        scaled = PeriodicEmbedding(
            recipe.numeric_embedding,
            recipe.n_frequencies,
            dim,
            frequency_scale=recipe.frequency_scale,
            seed=next(seeds),
            name="periodic",
        )(scaled)
    parts: list[_Part] = [(scaled, (dim,) * shape.n_numbers)]
    if shape.with_missing:
        parts.append((MissingFlags(shape.with_missing, name="missing")(numbers), (1,) * len(shape.with_missing)))
    return parts


def _code_parts(codes: Any, shape: Shape, seeds: Iterator[int]) -> list[_Part]:
    parts: list[_Part] = []
    if shape.one_hot_columns:
        sizes = tuple(shape.code_sizes[i] for i in shape.one_hot_columns)
        parts.append((MultiHot(shape.one_hot_columns, sizes, name="one_hot")(codes), sizes))
    if shape.embedded_columns:
        sizes = tuple(shape.code_sizes[i] for i in shape.embedded_columns)
        embed = CodeEmbeddings(shape.embedded_columns, sizes, EMBEDDING_DIM, seed=next(seeds), name="code_embeddings")
        parts.append((embed(codes), (EMBEDDING_DIM,) * len(sizes)))
    return parts


def _scaled_indicators(part: _Part) -> _Part:
    """Scale and clip columns of 0 and 1 like numbers, so that rare ones stand out: arXiv 2407.04491, section 3."""
    tensor, widths = part
    maker = tensor._keras_history.operation  # the only way from a tensor to its layer
    if not isinstance(maker, MissingFlags | MultiHot):
        return part
    return RobustScale(name=f"{maker.name}_scale")(tensor), widths


def _disturbed(features: Any, recipe: Recipe, seeds: Iterator[int]) -> Any:
    if recipe.mixup:
        features = MixRows(name="mix_rows")(features)
    if recipe.input_noise:
        features = VariableNoise(recipe.input_noise, recipe_field="input_noise", seed=next(seeds), name="input_noise")(
            features
        )
    return features
