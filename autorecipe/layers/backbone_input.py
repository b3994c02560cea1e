"""Images as a pretrained backbone was given them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

GREY_SHARES = (0.299, 0.587, 0.114)  # of red, green and blue: ITU-R BT.601, as TensorFlow and Pillow take them
RGB = 3


@keras.saving.register_keras_serializable(package="autorecipe")
class BackboneInput(keras.layers.Layer):
    """Takes a normalization back, and brings images to the size, the channels and the range of a backbone.

    Images are (batch, height, width, channels), normalized as (x - mean) / std with x from 0 to 1, as `NormalizeImages`
    does it; with the first weights, 0 and 1, they are such x. Grey becomes three equal channels, colours their
    brightness. Computes in float32 under any policy: half precision has too few digits for pixels.

    Parameters
    ----------
    height, width, channels : int
        What the backbone takes.
    lowest, highest : float
        What black and white are for the backbone.

    References
    ----------
    The ranges of `keras.applications`, and the weights of brightness of ITU-R BT.601 (1982).
    """

    def __init__(
        self,
        height: int,
        width: int,
        channels: int,
        *,
        lowest: float = 0.0,
        highest: float = 255.0,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype="float32")
        if channels not in (1, RGB):
            raise ValueError(f"Expected 1 or 3 channels. Received: channels={channels}")
        self.height, self.width, self.channels = height, width, channels
        self.lowest, self.highest = lowest, highest

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the statistics of the normalization that is taken back."""
        shape = (input_shape[-1],)
        self.mean = self.add_weight(name="mean", shape=shape, initializer="zeros", trainable=False)
        self.std = self.add_weight(name="std", shape=shape, initializer="ones", trainable=False)

    def call(self, inputs: Any) -> Any:
        """Return (batch, height, width, channels), float32, from `lowest` to `highest`."""
        images = self._channels(inputs * self.std + self.mean)
        if images.shape[1:3] != (self.height, self.width):
            # several pixels are averaged where images become smaller, as they were when the backbone was trained
            images = ops.image.resize(images, (self.height, self.width), interpolation="bilinear", antialias=True)
        return images * (self.highest - self.lowest) + self.lowest

    def _channels(self, images: Any) -> Any:
        if images.shape[-1] == self.channels:
            return images
        if self.channels == RGB:
            return ops.repeat(images, RGB, axis=-1)
        return ops.sum(images * np.array(GREY_SHARES, "float32"), axis=-1, keepdims=True)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return (input_shape[0], self.height, self.width, self.channels)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {
            "height": self.height,
            "width": self.width,
            "channels": self.channels,
            "lowest": self.lowest,
            "highest": self.highest,
            "name": self.name,
        }
