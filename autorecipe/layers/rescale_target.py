"""Bring a standardized prediction back into the target's unit."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from autorecipe.choices import TargetTransform


@keras.saving.register_keras_serializable(package="autorecipe")
class RescaleTarget(keras.layers.Layer):
    """prediction = clip(z * std + mean, lowest, highest), or the same of a logarithm.

    With "log1p" it is clip(exp(z * std + mean) * smearing - 1, lowest, highest).

    Parameters
    ----------
    mean, std : float
        Of the training rows' target, as it was learned.
    lowest, highest : float
        Range of the training rows' target; predictions are clipped to it.
    transform : {"none", "log1p"}
        What the network learned the target as.
    smearing : float > 0
        The mean of exp(residual), which turns the exponential of a mean logarithm into a mean; 1 for none.

    References
    ----------
    Holzmüller et al. (2024), arXiv 2407.04491: standardized targets, predictions clamped to the training range.
    Duan (1983), JASA 78: the smearing estimate.
    """

    def __init__(  # noqa: PLR0913  a layer takes by name what its config holds
        self,
        mean: float,
        std: float,
        lowest: float,
        highest: float,
        *,
        transform: TargetTransform = "none",
        smearing: float = 1.0,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.mean, self.std, self.lowest, self.highest = mean, std, lowest, highest
        self.transform, self.smearing = transform, smearing

    def call(self, inputs: Any) -> Any:
        """Map z (batch, 1) to the target's unit."""
        values = inputs * self.std + self.mean
        if self.transform == "log1p":
            # exp(x) s - 1, without losing the digits of a small answer
            values = self.smearing * ops.expm1(values) + (self.smearing - 1.0)
        return ops.clip(values, self.lowest, self.highest)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        values = {"mean": self.mean, "std": self.std, "lowest": self.lowest, "highest": self.highest}
        return {**values, "transform": self.transform, "smearing": self.smearing, "name": self.name}
