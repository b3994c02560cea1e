"""Turn one logit into two probabilities."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class TwoClasses(keras.layers.Layer):
    """One logit as the probabilities of two classes."""

    def call(self, inputs: Any) -> Any:
        """Map logits (batch, 1) to probabilities (batch, 2)."""
        positive = ops.sigmoid(inputs)
        return ops.concatenate([1.0 - positive, positive], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return (input_shape[0], 2)
