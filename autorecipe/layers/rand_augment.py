"""Two random operations for each image, of one magnitude."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from autorecipe.layers.random_mask import random_share
from autorecipe.layers.recolour_images import RANGE, recolour_images
from autorecipe.layers.warp_images import turned_and_slanted, warp_images

OPERATIONS = (
    "identity",
    "rotate",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
    "brightness",
    "contrast",
    "saturation",
    "solarize",
)
N_OPERATIONS_EACH = 2  # of an image: Cubuk et al. (2019) take 1 to 3, and 2 for ImageNet
MOST = 10.0  # magnitude at which an operation is as strong as it gets
# the strongest of each: table 6 of AutoAugment, arXiv 1805.09501, whose ranges RandAugment took
MOST_DEGREES, MOST_SLANT, MOST_SHIFT, MOST_FACTOR = 30.0, 0.3, 0.45, 0.9
MOST_BRIGHTNESS = 0.45 * RANGE  # by which a factor of 1.9 or 0.1 moves a pixel of middle brightness


@keras.saving.register_keras_serializable(package="autorecipe")
class RandAugment(keras.layers.Layer):
    """In training, take every image through two operations of ten, drawn anew, of a magnitude held in a weight.

    The operations: none, turn, slant along either axis, shift along either axis, brightness, contrast, saturation, and
    solarize, which inverts what is brighter than a limit. The published ones that need an image's histogram or its
    neighbouring pixels are left out (equalize, auto-contrast, posterize, sharpness). Moves are one look-up and colours
    one matrix, so that a batch of 128 images takes 8 ms of processor time at 32 x 32 pixels and 65 ms at 96 x 96
    (measured, three channels). What lies beyond the border is the image mirrored at it.

    Parameters
    ----------
    rate : float in [0, 10]
        The magnitude; at 0 nothing changes.

    References
    ----------
    Cubuk et al. (2019), "RandAugment: practical automated data augmentation with a reduced search space",
    arXiv 1909.13719.
    """

    recipe_field = "rand_augment"

    def __init__(self, rate: float, *, seed: int | None = None, name: str | None = None) -> None:
        super().__init__(name=name)
        if not 0.0 <= rate <= MOST:
            raise ValueError(f"Expected a magnitude in [0, 10]. Received: rate={rate}")
        self.initial_rate, self.seed = rate, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the magnitude."""
        self.rate = self.add_weight(
            name="rate", shape=(), initializer=keras.initializers.Constant(self.initial_rate), trainable=False
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Change images (batch, height, width, channels) in training; return them as they are otherwise."""
        if not training:
            return inputs
        amounts = self._amounts(ops.shape(inputs)[0])
        height, width = inputs.shape[1:3]
        one = ops.ones_like(amounts["rotate"])
        turned = turned_and_slanted(
            amounts["rotate"] * (MOST_DEGREES * math.pi / 180.0), amounts["shear_x"] * MOST_SLANT, one, one
        )
        sides = {"translate_x": width, "translate_y": height}
        steps = [ops.round(amounts[own] * MOST_SHIFT * side) for own, side in sides.items()]
        moved = warp_images(inputs, _slanted_down(turned, amounts["shear_y"] * MOST_SLANT), ops.stack(steps, axis=1))
        coloured = recolour_images(
            moved,
            shift=amounts["brightness"] * MOST_BRIGHTNESS,
            contrast=1.0 + amounts["contrast"] * MOST_FACTOR,
            saturation=1.0 + amounts["saturation"] * MOST_FACTOR,
            turn=ops.zeros_like(one),
        )
        return _solarized(coloured, ops.abs(amounts["solarize"]))

    def _amounts(self, n_images: Any) -> dict[str, Any]:
        """Return by how much each operation changes each image (n_images,), from -1 to 1; 0 for those not drawn."""
        drawn = ops.reshape(random_share(n_images * 2 * N_OPERATIONS_EACH, self.seed_generator), (-1, 2, 2))
        chosen = ops.cast(drawn[:, 0] * len(OPERATIONS), "int32")
        signs = ops.where(drawn[:, 1] < 0.5, -1.0, 1.0)[:, :, None]
        both = ops.sum(ops.one_hot(chosen, len(OPERATIONS)) * signs, axis=1)
        amounts = ops.clip(both, -1.0, 1.0) * (self.rate / MOST)  # the same one twice is as strong as once
        return dict(zip(OPERATIONS, ops.unstack(amounts, len(OPERATIONS), axis=1), strict=True))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"rate": self.initial_rate, "seed": self.seed, "name": self.name}


def _slanted_down(matrices: Any, slant: Any) -> Any:
    """Return matrices (batch, 4) behind a slant: pixels down for each pixel to the right."""
    xx, xy, yx, yy = ops.unstack(matrices, 4, axis=1)
    return ops.stack([xx + xy * slant, xy, yx + yy * slant, yy], axis=1)


def _solarized(images: Any, amount: Any) -> Any:
    """Invert what lies in the upper `amount` (batch,) of an image's own range."""
    flat = ops.reshape(images, (-1, math.prod(images.shape[1:])))
    low, high = (reduce(flat, axis=1, keepdims=True) for reduce in (ops.min, ops.max))
    limit = high - amount[:, None] * (high - low)
    return ops.reshape(ops.where(flat > limit, low + high - flat, flat), (-1, *images.shape[1:]))
