"""Bring decoded images to one size."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from autorecipe.layers.image_formats import on_background
from autorecipe.layers.image_sizes import fitted, to_uint8, with_channels
from autorecipe.preprocessing.image_spec import Fit


@keras.saving.register_keras_serializable(package="autorecipe")
class FitImages(keras.layers.Layer):
    """Bring pixels of any size to one size and number of channels, as `DecodeImages` does after decoding.

    Transparent pixels are put on white, colours become grey by the luma of BT.601, and the resize is bilinear with a
    filter that grows with the factor.

    Parameters
    ----------
    height, width : int
        Pixels of the output.
    channels : int
        1 for grey, 3 for RGB.
    fit : str
        "stretch" ignores the aspect ratio, "crop" cuts the longer side at its middle, "pad" adds black.

    References
    ----------
    ITU-R BT.601; Heckbert (1989), "Fundamentals of texture mapping and image warping": filters that grow with the
    factor.
    """

    def __init__(self, height: int, width: int, channels: int = 3, fit: Fit = "stretch", *, name: str | None = None):
        super().__init__(name=name, trainable=False, autocast=False)
        if channels not in (1, 3):
            raise ValueError(f"Expected channels=1 or 3. Received: channels={channels}")
        if fit not in ("stretch", "crop", "pad"):
            raise ValueError(f"Expected fit='stretch', 'crop' or 'pad'. Received: fit={fit!r}")
        self.height, self.width, self.channels, self.fit = int(height), int(width), int(channels), fit
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Map pixels (batch, H, W) or (batch, H, W, 1 to 4) of 0 to 255, uint8 or float, to uint8 of the wanted size.

        Floats are rounded.

        Raises
        ------
        ValueError
            When the number of channels is not known, or above 4.
        """
        images = tf.convert_to_tensor(inputs)
        if images.dtype != tf.uint8:
            images = to_uint8(images)
        if images.shape.rank == 3:
            images = images[..., None]
        if images.shape[-1] not in (1, 2, 3, 4):
            raise ValueError(f"Expected images of 1 to 4 channels. Received: shape={tuple(images.shape)}")
        images = on_background(images) if images.shape[-1] in (2, 4) else images
        pixels = with_channels(fitted(images, self.height, self.width, self.fit), self.channels)
        return tf.ensure_shape(pixels, (None, self.height, self.width, self.channels))

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        """Return the shape and dtype of the pixels."""
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), dtype="uint8")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return (input_shape[0], self.height, self.width, self.channels)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {
            "height": self.height,
            "width": self.width,
            "channels": self.channels,
            "fit": self.fit,
            "name": self.name,
        }
