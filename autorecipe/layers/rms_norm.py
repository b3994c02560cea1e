"""Scale each row to a root mean square of one."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

EPSILON = 1e-6  # added to the mean square; as in Keras


@keras.saving.register_keras_serializable(package="autorecipe")
class RMSNorm(keras.layers.Layer):
    """Divide each row by its root mean square, then scale each unit by a weight that starts at one.

    Unlike `keras.layers.RMSNormalization`, it says by `scale_initializer` how its weight starts, and exists in every
    Keras since 3.8.

    References
    ----------
    Zhang and Sennrich (2019), "Root mean square layer normalization", arXiv 1910.07467.
    """

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.scale_initializer = keras.initializers.Ones()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the scale for `input_shape` (..., n_units)."""
        self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer=self.scale_initializer)

    def call(self, inputs: Any) -> Any:
        """Normalize along the last axis."""
        exact = ops.cast(inputs, "float32")
        inverse = ops.rsqrt(ops.mean(ops.square(exact), axis=-1, keepdims=True) + EPSILON)
        return ops.cast(exact * inverse, inputs.dtype) * self.scale

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"name": self.name}
