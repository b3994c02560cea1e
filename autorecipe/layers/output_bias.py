"""Add a bias to a network's outputs."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="autorecipe")
class OutputBias(keras.layers.Layer):
    """Add one number per output; they start at zero and may be set to what the prior says.

    It stands behind an architecture whose own last layer has no bias to be found. Outputs are float32, whatever
    the precision of what comes in.
    """

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__(name=name, dtype="float32")
        self.bias_initializer = keras.initializers.Zeros()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the bias for `input_shape` (batch, n_outputs)."""
        self.bias = self.add_weight(name="bias", shape=(input_shape[-1],), initializer=self.bias_initializer)

    def call(self, inputs: Any) -> Any:
        """Add the bias."""
        return inputs + self.bias

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"name": self.name}
