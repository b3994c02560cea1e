"""What a network says of an image, from what it says of its views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class MeanOfViews(keras.layers.Layer):
    """Bring outputs for views (views x batch, n_outputs) together: the weighted mean for each row of the batch.

    Parameters
    ----------
    weights : sequence of float
        Of the views, in the order in which `ImageViews` lays them out; they sum to 1.

    References
    ----------
    Krizhevsky, Sutskever, Hinton (2012), "ImageNet classification with deep convolutional neural networks", section
    4.1: predictions averaged over crops and their mirror images.
    """

    def __init__(self, weights: Sequence[float], *, dtype: str | None = None, name: str | None = None) -> None:
        super().__init__(dtype=dtype, name=name)
        self.view_weights = tuple(float(weight) for weight in weights)

    def call(self, inputs: Any) -> Any:
        """Map (views x batch, n_outputs) to (batch, n_outputs)."""
        n_views, n_outputs = len(self.view_weights), inputs.shape[-1]
        by_view = ops.reshape(inputs, (n_views, -1, n_outputs))
        return sum(weight * by_view[i] for i, weight in enumerate(self.view_weights))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape for as many rows as there are images."""
        n_rows = None if input_shape[0] is None else input_shape[0] // len(self.view_weights)
        return (n_rows, *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"weights": list(self.view_weights), "dtype": self.dtype_policy.name, "name": self.name}
