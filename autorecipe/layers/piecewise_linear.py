"""Embed each number by the bins it has passed."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class PiecewiseLinearEmbedding(keras.layers.Layer):
    """A piecewise-linear encoding of each number, mapped to a few dimensions of its own.

    e_t = clip((x - left_t) * inverse_width_t, low_t, high_t) for the bins t of a column, then
    embedding = x * linear + bias + sum_t e_t * kernel_t. `kernel` starts at zero, so the layer starts as a linear
    embedding. The first bin has no lower clip and the last no upper one, so the ends extrapolate; unused bins have
    inverse width 0. Edges are non-trainable weights, set as values.

    Parameters
    ----------
    n_bins : int
        Bins per column.
    dim : int
        Dimensions per column.

    References
    ----------
    Gorishniy et al. (2022), "On embeddings for numerical features", arXiv 2203.05556, version "B" of the TabM
    package (arXiv 2410.24210).
    """

    def __init__(self, n_bins: int, dim: int, *, seed: int | None = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self.n_bins, self.dim, self.seed = n_bins, dim, seed
        # U(-1/sqrt(dim), 1/sqrt(dim)): the published initialisation
        bound = dim**-0.5
        self.linear_initializer = keras.initializers.RandomUniform(-bound, bound, seed=seed)
        self.bias_initializer = keras.initializers.RandomUniform(-bound, bound, seed=seed)
        self.kernel_initializer = keras.initializers.Zeros()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create edges and embeddings for `input_shape` (batch, n_columns)."""
        n = input_shape[-1]
        bins = (n, self.n_bins)

        def edge(name: str) -> Any:
            return self.add_weight(name=name, shape=bins, initializer="zeros", trainable=False)

        self.left, self.inverse_width, self.low, self.high = (
            edge(name) for name in ("left", "inverse_width", "low", "high")
        )
        self.linear = self.add_weight(name="linear", shape=(n, self.dim), initializer=self.linear_initializer)
        self.bias = self.add_weight(name="bias", shape=(n, self.dim), initializer=self.bias_initializer)
        self.kernel = self.add_weight(
            name="kernel", shape=(n, self.n_bins, self.dim), initializer=self.kernel_initializer
        )

    def call(self, inputs: Any) -> Any:
        """Map finite numbers (batch, n_columns) to embeddings (batch, n_columns * dim)."""
        x = ops.expand_dims(inputs, -1)
        encoded = ops.clip((x - self.left) * self.inverse_width, self.low, self.high)
        bent = ops.einsum("bnt,ntd->bnd", encoded, self.kernel)
        embedded = x * self.linear + self.bias + bent
        return ops.reshape(embedded, (-1, inputs.shape[-1] * self.dim))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return (input_shape[0], (input_shape[-1] or 0) * self.dim)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"n_bins": self.n_bins, "dim": self.dim, "seed": self.seed, "name": self.name}
