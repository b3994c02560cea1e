"""Scale numbers robustly and clip them smoothly."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

CLIP_AT = 3.0  # the smooth clip's bound: RealMLP, arXiv 2407.04491, section 3


@keras.saving.register_keras_serializable(package="autorecipe")
class RobustScale(keras.layers.Layer):
    """Subtract a centre, divide by a spread, clip smoothly; a missing number becomes the centre.

    z = (x - center) * inverse_spread, then z / sqrt(1 + (z / 3)^2), which lies in (-3, 3).

    The statistics are non-trainable weights `center` and `inverse_spread` of shape (n_columns,); they are set as
    values (`autorecipe.preprocessing.statistics`).

    References
    ----------
    Holzmüller et al. (2024), "Better by default", arXiv 2407.04491: robust scaling and smooth clipping.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the statistics for `input_shape` (batch, n_columns)."""
        n = input_shape[-1]
        self.center = self.add_weight(name="center", shape=(n,), initializer="zeros", trainable=False)
        self.inverse_spread = self.add_weight(name="inverse_spread", shape=(n,), initializer="ones", trainable=False)

    def call(self, inputs: Any) -> Any:
        """Map numbers (batch, n_columns) with NaN to finite float32 in (-3, 3)."""
        z = (inputs - self.center) * self.inverse_spread
        z = ops.where(ops.isnan(z), ops.zeros_like(z), z)
        z = ops.clip(z, -1e6, 1e6)
        return z / ops.sqrt(1.0 + ops.square(z / CLIP_AT))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape
