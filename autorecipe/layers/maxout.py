"""The largest of a few linear pieces."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class Maxout(keras.layers.Layer):
    """Take the maximum over groups of `pieces` neighbouring units.

    The pieces' weights are those of the dense layer before it, which is `pieces` times as wide; a normalization may
    stand between the two.

    Parameters
    ----------
    pieces : int
        Units per group.

    References
    ----------
    Goodfellow et al. (2013), "Maxout networks", arXiv 1302.4389.
    """

    def __init__(self, pieces: int = 2, *, name: str | None = None) -> None:
        super().__init__(name=name)
        if pieces < 1:
            raise ValueError(f"Expected at least one piece. Received: pieces={pieces}")
        self.pieces = pieces

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Hold the units against the pieces; there are no weights."""
        if int(input_shape[-1] or 0) % self.pieces:
            raise ValueError(f"Expected units in groups of {self.pieces}. Received: input_shape={input_shape}")

    def call(self, inputs: Any) -> Any:
        """Map (..., units * pieces) to (..., units)."""
        grouped = (-1, *inputs.shape[1:-1], inputs.shape[-1] // self.pieces, self.pieces)
        return ops.max(ops.reshape(inputs, grouped), axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return (*input_shape[:-1], int(input_shape[-1] or 0) // self.pieces)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"pieces": self.pieces, "name": self.name}
