"""Max pooling over regions that are drawn anew in each step."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

MIDDLE = 0.5  # where regions start without a draw


@keras.saving.register_keras_serializable(package="autorecipe")
class FractionalMaxPooling2D(keras.layers.Layer):
    """Shrink an image by a ratio between 1 and 2: the maximum over overlapping regions of two and three pixels a side.

    Along a side, region i goes from floor(ratio * (i + u)) to floor(ratio * (i + 1 + u)), both included, less where
    region 0 starts. In training u is drawn for each step and each side; in inference it is 1/2.

    Parameters
    ----------
    ratio : float in (1, 2]
        Input pixels over output pixels.

    References
    ----------
    Graham (2015), "Fractional max-pooling", arXiv 1412.6071: overlapping pseudorandom regions.
    """

    def __init__(self, ratio: float, *, seed: int | None = None, name: str | None = None) -> None:
        super().__init__(name=name)
        if not 1.0 < ratio <= 2.0:
            raise ValueError(f"Expected a ratio above 1 and at most 2. Received: ratio={ratio}")
        self.ratio, self.seed = ratio, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Map (batch, height, width, channels) to (batch, height / ratio, width / ratio, channels), at least 1."""
        shares = keras.random.uniform((2,), seed=self.seed_generator) if training else np.full(2, MIDDLE, "float32")
        for axis in (1, 2):
            inputs = self._pooled(inputs, axis, shares[axis - 1])
        return inputs

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        sides = (None if side is None else max(1, int(side / self.ratio)) for side in input_shape[1:3])
        return (input_shape[0], *sides, input_shape[3])

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"ratio": self.ratio, "seed": self.seed, "name": self.name}

    def _pooled(self, inputs: Any, axis: int, share: Any) -> Any:
        side = inputs.shape[axis]
        places = np.arange(max(1, int(side / self.ratio)) + 1, dtype="float32")
        edges = ops.cast(ops.floor(self.ratio * (places + share)) - ops.floor(self.ratio * share), "int32")
        first, last = edges[:-1], ops.minimum(edges[1:], side - 1)
        # a region has two or three pixels a side: its first, the one behind it, and its last, which may be that one
        parts = (first, ops.minimum(first + 1, last), last)
        picked = [ops.take(inputs, part, axis=axis) for part in parts]
        return ops.maximum(ops.maximum(picked[0], picked[1]), picked[2])
