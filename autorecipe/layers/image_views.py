"""The views of an image that a prediction is the mean over."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import ops

Views = Literal["mirror", "mirror_and_shifts"]
# weight of each view: an image and its mirror image count alike, each shift half as much as the image in its place
WEIGHTS: dict[str, tuple[float, ...]] = {
    "mirror": (0.5, 0.5),
    "mirror_and_shifts": (0.25, 0.25, 0.125, 0.125, 0.125, 0.125),
}


@keras.saving.register_keras_serializable(package="autorecipe")
class ImageViews(keras.layers.Layer):
    """Put views of a batch of images (batch, height, width, channels) one after the other: (views x batch, ...).

    What a network makes of them is brought together by `MeanOfViews`, with the weights `WEIGHTS[views]`.

    Parameters
    ----------
    views : str
        "mirror": the images and their mirror images. "mirror_and_shifts": also both of them a pixel up and left, and a
        pixel down and right, reflected at the borders.

    References
    ----------
    Jordan (2024), "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv 2404.00498, section 3.5 (multi-crop).
    """

    def __init__(self, views: Views, *, dtype: str | None = None, name: str | None = None) -> None:
        super().__init__(dtype=dtype, name=name)
        if views not in WEIGHTS:
            raise ValueError(f"Expected 'mirror' or 'mirror_and_shifts'. Received: views={views}")
        self.views = views

    @property
    def n_views(self) -> int:
        """How many images come of one."""
        return len(WEIGHTS[self.views])

    def call(self, inputs: Any) -> Any:
        """Map (batch, height, width, channels) to (views x batch, height, width, channels), of the same type."""
        if self.views == "mirror":
            return _with_mirror_images(inputs)
        up_left = ops.concatenate([inputs[:, 1:], inputs[:, -2:-1]], axis=1)
        up_left = ops.concatenate([up_left[:, :, 1:], up_left[:, :, -2:-1]], axis=2)
        down_right = ops.concatenate([inputs[:, 1:2], inputs[:, :-1]], axis=1)
        down_right = ops.concatenate([down_right[:, :, 1:2], down_right[:, :, :-1]], axis=2)
        return ops.concatenate([_with_mirror_images(part) for part in (inputs, up_left, down_right)], axis=0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the inputs: how many they are is not known."""
        n_images = None if input_shape[0] is None else self.n_views * input_shape[0]
        return (n_images, *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"views": self.views, "dtype": self.dtype_policy.name, "name": self.name}


def _with_mirror_images(images: Any) -> Any:
    return ops.concatenate([images, ops.flip(images, axis=2)], axis=0)
