"""Bring the channels of images to mean 0 and standard deviation 1."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

WHITE = 255.0  # the largest value of a pixel


@keras.saving.register_keras_serializable(package="autorecipe")
class NormalizeImages(keras.layers.Layer):
    """Rescale pixels to 0 to 1, subtract each channel's mean, and divide by its standard deviation.

    The statistics are non-trainable weights `mean` and `std` of shape (n_channels,), of pixels from 0 to 1; they are
    set as values (`autorecipe.preprocessing.image_statistics`). Before that pixels are only rescaled.

    References
    ----------
    Krizhevsky, Sutskever, Hinton (2012), "ImageNet classification with deep convolutional neural networks".
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the statistics for `input_shape` (batch, height, width, n_channels)."""
        n = input_shape[-1]
        self.mean = self.add_weight(name="mean", shape=(n,), initializer="zeros", trainable=False)
        self.std = self.add_weight(name="std", shape=(n,), initializer="ones", trainable=False)

    def call(self, inputs: Any) -> Any:
        """Map pixels (batch, height, width, n_channels) of 0 to 255, uint8 or float, to float32."""
        return (ops.cast(inputs, self.compute_dtype) / WHITE - self.mean) / self.std

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        """Return the shape and dtype of what `call` returns."""
        return keras.KerasTensor(inputs.shape, dtype=self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape
