"""Weigh the channels of an image by what they hold on average."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class SqueezeExcitation(keras.layers.Layer):
    """Multiply each channel by a share from 0 to 1, which two small dense layers find from the means of all channels.

    Parameters
    ----------
    units : int
        Of the dense layer between the means and the shares; ReLU.

    References
    ----------
    Hu et al. (2018), "Squeeze-and-excitation networks", arXiv 1709.01507.
    """

    def __init__(self, units: int, *, seed: int | None = None, name: str | None = None) -> None:
        super().__init__(name=name)
        if units < 1:
            raise ValueError(f"Expected at least one unit. Received: units={units}")
        self.units, self.seed = units, seed
        self.squeeze_initializer = keras.initializers.HeNormal(seed=seed)
        self.excite_initializer = keras.initializers.GlorotUniform(seed=None if seed is None else seed + 1)
        self.squeeze_bias_initializer = self.excite_bias_initializer = keras.initializers.Zeros()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights for `input_shape` (batch, height, width, channels)."""
        n = int(input_shape[-1] or 0)
        add = self.add_weight
        self.squeeze = add(name="squeeze", shape=(n, self.units), initializer=self.squeeze_initializer)
        self.squeeze_bias = add(name="squeeze_bias", shape=(self.units,), initializer=self.squeeze_bias_initializer)
        self.excite = add(name="excite", shape=(self.units, n), initializer=self.excite_initializer)
        self.excite_bias = add(name="excite_bias", shape=(n,), initializer=self.excite_bias_initializer)

    def call(self, inputs: Any) -> Any:
        """Map (batch, height, width, channels) to the same shape."""
        means = ops.mean(inputs, axis=(1, 2))
        hidden = ops.relu(ops.matmul(means, self.squeeze) + self.squeeze_bias)
        shares = ops.sigmoid(ops.matmul(hidden, self.excite) + self.excite_bias)
        return inputs * shares[:, None, None, :]

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"units": self.units, "seed": self.seed, "name": self.name}
