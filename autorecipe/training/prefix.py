"""Set what a network knows before training: its prefix's statistics and its output bias."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.config import Task
from autorecipe.layers.quantile_scale import N_QUANTILES
from autorecipe.preprocessing import statistics
from autorecipe.preprocessing.image_statistics import channel_statistics
from autorecipe.recipe import Recipe

SLICE_ROWS = 8192  # rows scaled per call: bounds the memory of wide tables
N_STATISTICS_ROWS = 50_000  # quantiles of this many rows are within 0.5 % of a share of those of all


def set_prefix(
    network: keras.Model,
    recipe: Recipe,
    x: dict[str, NDArray[np.generic]],
    *,
    idf: tuple[tuple[float, ...], ...],
    y: NDArray[np.generic] | None = None,
) -> None:
    """Fit the statistics on training rows and set them as weights.

    Parameters
    ----------
    x : dict of ndarray
        The fold's encoded training rows, or training images as "pixels"; above 50,000 an evenly spaced sample of them
        is used.
    idf : tuple of tuple of float
        Inverse document frequencies of each text column's tokens.
    y : ndarray of shape (n_rows,), optional
        Class codes, or the standardized target: of bins whose edges a tree learns.
    """
    if "pixels" in x:
        _assign(network.get_layer("normalize"), channel_statistics(np.asarray(x["pixels"], "uint8")))
    if "numbers" in x:
        step = max(1, len(x["numbers"]) // N_STATISTICS_ROWS)
        known = None if y is None else y[::step]
        _set_numbers(network, recipe, x["numbers"][::step].astype("float32"), known)
    for i, values in enumerate(idf):
        network.get_layer(f"tf_idf_{i}").idf.assign(np.asarray(values, "float32"))


def _set_numbers(
    network: keras.Model, recipe: Recipe, numbers: NDArray[np.float32], y: NDArray[np.generic] | None
) -> None:
    scale = network.get_layer("scale")
    if recipe.numeric_scaling == "robust":
        _assign(scale, statistics.robust_scale(numbers))
    else:
        _assign(scale, statistics.quantile_scale(numbers, n_quantiles=N_QUANTILES))
    if recipe.numeric_embedding == "piecewise_linear":
        parts = [np.asarray(scale(numbers[i : i + SLICE_ROWS])) for i in range(0, len(numbers), SLICE_ROWS)]
        _assign(network.get_layer("bins"), _bins(recipe, np.concatenate(parts), y))


def _bins(recipe: Recipe, scaled: NDArray[np.float32], y: NDArray[np.generic] | None) -> dict[str, NDArray[np.float32]]:
    if recipe.bin_edges == "quantile":
        return statistics.piecewise_bins(scaled, n_bins=recipe.n_bins)
    if y is None:
        raise ValueError("Expected y, which trees find the edges of bins by. Received: y=None")
    learns_classes = np.issubdtype(y.dtype, np.integer)
    task: Task = "multiclass" if learns_classes else "regression"
    bins = statistics.tree_bins if recipe.bin_edges == "tree" else statistics.mixed_bins
    return bins(scaled, y, n_bins=recipe.n_bins, task=task)


def set_output_bias(network: keras.Model, bias: NDArray[np.float32]) -> None:
    """Set the bias of the last layer to `bias` (n_outputs,), for each member where there are several."""
    own = network.get_layer("head").bias
    own.assign(np.broadcast_to(bias, own.shape))


def _assign(layer: keras.layers.Layer, values: dict[str, NDArray[np.float32]]) -> None:
    for name, value in values.items():
        getattr(layer, name).assign(value)
