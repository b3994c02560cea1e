"""Set what a network knows before training: its prefix's statistics and its output bias."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.layers.quantile_scale import N_QUANTILES
from autorecipe.preprocessing import statistics
from autorecipe.recipe import Recipe
from autorecipe.training.graph import PREDICT_ROWS

N_STATISTICS_ROWS = 50_000  # quantiles of this many rows are within 0.5 % of a share of those of all


def set_prefix(
    network: keras.Model,
    recipe: Recipe,
    x: dict[str, NDArray[np.generic]],
    *,
    idf: tuple[tuple[float, ...], ...],
) -> None:
    """Fit the statistics on training rows and set them as weights.

    Parameters
    ----------
    x : dict of ndarray
        The fold's encoded training rows; above 50,000 an evenly spaced sample of them is used.
    idf : tuple of tuple of float
        Inverse document frequencies of each text column's tokens.
    """
    if "numbers" in x:
        step = max(1, len(x["numbers"]) // N_STATISTICS_ROWS)
        _set_numbers(network, recipe, x["numbers"][::step].astype("float32"))
    for i, values in enumerate(idf):
        network.get_layer(f"tf_idf_{i}").idf.assign(np.asarray(values, "float32"))


def _set_numbers(network: keras.Model, recipe: Recipe, numbers: NDArray[np.float32]) -> None:
    scale = network.get_layer("scale")
    if recipe.numeric_scaling == "robust":
        _assign(scale, statistics.robust_scale(numbers))
    else:
        _assign(scale, statistics.quantile_scale(numbers, n_quantiles=N_QUANTILES))
    if recipe.numeric_embedding == "piecewise_linear":
        parts = [np.asarray(scale(numbers[i : i + PREDICT_ROWS])) for i in range(0, len(numbers), PREDICT_ROWS)]
        _assign(network.get_layer("bins"), statistics.piecewise_bins(np.concatenate(parts), n_bins=recipe.n_bins))


def set_output_bias(network: keras.Model, bias: NDArray[np.float32]) -> None:
    """Set the bias of the last layer."""
    network.get_layer("head").bias.assign(bias)


def _assign(layer: keras.layers.Layer, values: dict[str, NDArray[np.float32]]) -> None:
    for name, value in values.items():
        getattr(layer, name).assign(value)
