"""First weights that look at the training rows: unit outputs, and kinks where the rows are."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.layers.code_embeddings import INITIAL_STD
from autorecipe.layers.ntp_dense import NTPDense
from autorecipe.layers.whitening_conv import LEAST_SPREAD, WhiteningConv2D, whitening_kernel
from autorecipe.recipe import Recipe
from autorecipe.training.custom import HEAD
from autorecipe.training.features import SCALES_INDICATORS

N_START_ROWS = 10_000  # means over more rows change no first weight by more than 1 %
LARGEST_START = 2**25  # numbers that the rows have as features, 128 MiB: wide tables have fewer rows looked at
N_KINK_ROWS = 5  # rows whose random mean a unit's kink is put at: "he+5" of RealMLP, arXiv 2407.04491
N_UNSEEN_CODES = 2  # in front of a column's levels: the unknown one and the missing one
N_WHITENED_IMAGES = 5_000  # whose patches say how images vary: as published for the fast net, arXiv 2404.00498
MOST_PATCHES = 2**18  # of them; the directions of 27 numbers are known to less than 1 % by then
N_CODES_OF_TWO = N_UNSEEN_CODES + 2  # of a column with two levels

Floats = NDArray[np.float32]
Arrays = dict[str, NDArray[np.generic]]


def start_from_data(network: keras.Model, recipe: Recipe, x: Arrays) -> None:
    """Give the layers that ask for it first weights that suit the rows they see, one after the other.

    Whitening layers get the directions in which patches of the images vary. Networks of other families than that and
    RealMLP stay as they are. RealMLP and RealMLP-S get the scale of their indicators
    and embeddings of codes that start as N(0, 1). RealMLP's dense layers get, in order, kernels whose outputs have
    standard deviation 1 over the rows, and biases that put each unit's kink at a random mean of five rows; the head's
    bias moves its mean output to where `set_output_bias` has put it.

    Parameters
    ----------
    x : dict of ndarray
        The encoded training rows; at most 10,000 of them, evenly spaced, pass through the network.

    References
    ----------
    Holzmüller et al. (2024), "Better by default", arXiv 2407.04491, section 3 and appendix A; Jordan (2024), arXiv
    2404.00498, section 3.1.
    """
    for layer in network.layers:
        if isinstance(layer, WhiteningConv2D):
            _start_whitening(network, layer, x)
    if recipe.family not in SCALES_INDICATORS:
        return
    names = {layer.name: layer for layer in network.layers}
    for source, statistics in (("one_hot", _one_hot_scale), ("missing", _flag_scale)):
        if f"{source}_scale" in names:
            center, inverse_spread = statistics(names[source], x)
            names[f"{source}_scale"].center.assign(center)
            names[f"{source}_scale"].inverse_spread.assign(inverse_spread)
    if "code_embeddings" in names:
        table = names["code_embeddings"].table
        table.assign(table / INITIAL_STD)
    if recipe.family == "realmlp":
        _start_dense_layers(network, recipe, x)


def indicator_scale(shares: NDArray[np.float64], n_rows: int) -> tuple[Floats, Floats]:
    """Return centre and inverse spread of 0/1 columns from their shares of ones, as `robust_scale` finds them.

    Parameters
    ----------
    shares : ndarray of shape (n_columns,)
    n_rows : int
        Rows that they are shares of.
    """
    n_zeros = np.round((1.0 - shares) * n_rows)
    low, center, high = (np.clip((n_rows - 1) * q - (n_zeros - 1), 0.0, 1.0) for q in (0.25, 0.5, 0.75))
    between, varies = high - low, (n_zeros > 0) & (n_zeros < n_rows)
    inverse = np.where(between > 0, 1.0 / np.where(between > 0, between, 1.0), np.where(varies, 2.0, 0.0))
    return center.astype("float32"), inverse.astype("float32")


def _one_hot_scale(layer: keras.layers.Layer, x: Arrays) -> tuple[Floats, Floats]:
    """Scale one-hot columns; columns that say nothing more than the others of their code are switched off.

    A missing cell is a row of zeros. A code of two levels keeps the second alone: scaled, it is the published column
    of -1 and +1 but for missing cells, which keep a column of their own there.
    """
    parts = []
    for column, size in zip(layer.columns, layer.sizes, strict=True):
        codes = x["codes"][:, column]
        n_rows = len(codes)
        center, inverse = indicator_scale(np.bincount(codes.astype("int64"), minlength=size) / n_rows, n_rows)
        inverse[N_UNSEEN_CODES if size == N_CODES_OF_TWO else slice(N_UNSEEN_CODES)] = 0.0
        parts.append((center, inverse))
    return np.concatenate([center for center, _ in parts]), np.concatenate([inverse for _, inverse in parts])


def _flag_scale(layer: keras.layers.Layer, x: Arrays) -> tuple[Floats, Floats]:
    return indicator_scale(np.isnan(x["numbers"][:, layer.columns]).mean(axis=0), len(x["numbers"]))


def _start_whitening(network: keras.Model, layer: WhiteningConv2D, x: Arrays) -> None:
    """Set the kernel by patches of images as the layer is given them; without any that differ it stays as it is."""
    given = {tensor.name: tensor for tensor in network.inputs}
    (pixels,) = x.values()
    size, stride = layer.kernel_size, layer.strides
    if min(pixels.shape[1:3]) < size:
        return
    n_places = len(range(0, pixels.shape[1] - size + 1, stride)) * len(range(0, pixels.shape[2] - size + 1, stride))
    n_images = min(len(pixels), N_WHITENED_IMAGES, max(MOST_PATCHES // max(n_places, 1), 1))
    rows = np.linspace(0, len(pixels) - 1, n_images).astype("int64")
    images = np.asarray(keras.Function(given, layer.input)({name: x[name][rows] for name in given}))
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    patches = np.moveaxis(windows, 3, -1).reshape(-1, size, size, images.shape[-1])
    if len(patches) and patches.std() > LEAST_SPREAD:
        layer.kernel.assign(whitening_kernel(patches, n_directions=layer.n_directions))


def _start_dense_layers(network: keras.Model, recipe: Recipe, x: Arrays) -> None:
    dense = [layer for layer in network.layers if isinstance(layer, NTPDense)]
    rows = _rows_to_see(x, n_features=int(dense[0].input.shape[-1]))
    given = {tensor.name: tensor for tensor in network.inputs}
    values = keras.Function(given, dense[0].input)({name: x[name][rows] for name in given})
    for i, layer in enumerate(dense):
        if i > 0:
            values = keras.Function(dense[i - 1].output, layer.input)(dense[i - 1](values))
        _start(layer, np.asarray(values), np.random.default_rng((recipe.seed, i)))


def _rows_to_see(x: Arrays, *, n_features: int) -> NDArray[np.int64]:
    n_rows = len(next(iter(x.values())))
    n_seen = min(n_rows, N_START_ROWS, max(LARGEST_START // n_features, N_KINK_ROWS))
    return np.linspace(0, n_rows - 1, n_seen).astype("int64")


def _start(layer: NTPDense, values: Floats, rng: np.random.Generator) -> None:
    """Set the kernel and bias of a layer that is given `values` (n_rows, n_inputs)."""
    kernel = np.asarray(layer.kernel)
    outputs = values @ kernel * layer.factor
    spread = outputs.std(axis=0)
    spread[spread == 0] = 1.0
    layer.kernel.assign(kernel / spread)
    outputs /= spread
    if layer.name == HEAD:
        # the prior, and not the published random start: log loss 0.334 against 0.361 after one epoch and 0.291 against
        # 0.294 at the best (measured: 6,000 rows of adult, one seed)
        layer.bias.assign(np.asarray(layer.bias) - outputs.mean(axis=0))
        return
    rows = rng.integers(len(outputs), size=(N_KINK_ROWS, layer.units))
    shares = rng.exponential(size=rows.shape)
    shares /= shares.sum(axis=0)
    layer.bias.assign(-(shares * outputs[rows, np.arange(layer.units)]).sum(axis=0))
