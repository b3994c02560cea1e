"""A dense layer that learns the length of its weights apart from their direction."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

TINY = 1e-12  # under the root of the squared length: a kernel of zeros has no direction


@keras.saving.register_keras_serializable(package="autorecipe")
class WeightNormDense(keras.layers.Layer):
    """A dense layer with kernel `gain * kernel / |kernel|`, the length taken for each unit.

    `gain` starts at the length that the initializer's kernels have on average, so the layer starts as large as a
    plain dense layer does.

    Parameters
    ----------
    units : int
        Width of the output.
    kernel_initializer : str, dict or Initializer
        As in `keras.layers.Dense`.

    References
    ----------
    Salimans and Kingma (2016), "Weight normalization", arXiv 1602.07868.
    """

    def __init__(self, units: int, *, kernel_initializer: Any = "glorot_uniform", name: str | None = None) -> None:
        super().__init__(name=name)
        self.units = units
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.Zeros()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights for `input_shape` (..., n_inputs)."""
        n_inputs = int(input_shape[-1] or 0)
        start = expected_length(self.kernel_initializer, n_inputs, self.units)
        self.gain_initializer = keras.initializers.Constant(start)
        self.kernel = self.add_weight(name="kernel", shape=(n_inputs, self.units), initializer=self.kernel_initializer)
        self.gain = self.add_weight(name="gain", shape=(self.units,), initializer=self.gain_initializer)
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer=self.bias_initializer)

    def call(self, inputs: Any) -> Any:
        """Map (..., n_inputs) to (..., units)."""
        kernel = ops.convert_to_tensor(self.kernel)
        length = ops.sqrt(ops.sum(ops.square(ops.cast(kernel, "float32")), axis=0) + TINY)
        return ops.matmul(inputs, kernel) * (self.gain / ops.cast(length, kernel.dtype)) + self.bias

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {
            "units": self.units,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "name": self.name,
        }


def expected_length(initializer: Any, n_inputs: int, n_units: int) -> float:
    """Return the length of a unit's weights as an initializer draws them: the root of their mean square.

    One for an initializer whose formula is not known: each unit then starts with weights of unit length.
    """
    if isinstance(initializer, keras.initializers.VarianceScaling):
        fans = {"fan_in": n_inputs, "fan_out": n_units, "fan_avg": (n_inputs + n_units) / 2}
        return math.sqrt(n_inputs * initializer.scale / fans[initializer.mode])
    if isinstance(initializer, keras.initializers.Orthogonal):
        return float(initializer.gain) * math.sqrt(min(1.0, n_inputs / n_units))
    return 1.0
