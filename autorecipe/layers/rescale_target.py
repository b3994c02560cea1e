"""Bring a standardized prediction back into the target's unit."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class RescaleTarget(keras.layers.Layer):
    """prediction = clip(z * std + mean, lowest, highest).

    Parameters
    ----------
    mean, std : float
        Of the training rows' target.
    lowest, highest : float
        Range of the training rows' target; predictions are clipped to it.

    References
    ----------
    Holzmüller et al. (2024), arXiv 2407.04491: standardized targets, predictions clamped to the training range.
    """

    def __init__(self, mean: float, std: float, lowest: float, highest: float, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.mean, self.std, self.lowest, self.highest = mean, std, lowest, highest

    def call(self, inputs: Any) -> Any:
        """Map z (batch, 1) to the target's unit."""
        return ops.clip(inputs * self.std + self.mean, self.lowest, self.highest)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        values = {"mean": self.mean, "std": self.std, "lowest": self.lowest, "highest": self.highest}
        return {**values, "name": self.name}
