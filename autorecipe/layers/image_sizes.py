"""Bring decoded pixels to a number of channels and to a size, inside the graph."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from autorecipe.preprocessing.image_spec import PADDING, Fit

Tensor = Any  # TensorFlow ships no types

# Luma of ITU-R BT.601 in 65,536ths, as Pillow and libpng round it
LUMA = (19595, 38470, 7471)
HALF, SHIFT = 1 << 15, 16


def with_channels(images: Tensor, channels: int) -> Tensor:
    """Return uint8 pixels (..., 1 or 3), of which only the file may know, as grey (..., 1) or RGB (..., 3)."""
    is_done = tf.equal(tf.shape(images)[-1], channels)
    return tf.cond(is_done, lambda: images, lambda: _coloured(images) if channels == 3 else _grey(images))


def _coloured(images: Tensor) -> Tensor:
    return tf.repeat(images[..., :1], 3, axis=-1)


def _grey(images: Tensor) -> Tensor:
    weighted = tf.reduce_sum(tf.cast(images[..., :3], tf.int32) * tf.constant(LUMA), axis=-1, keepdims=True)
    return tf.cast(tf.bitwise.right_shift(weighted + HALF, SHIFT), tf.uint8)


def fitted(images: Tensor, height: int, width: int, fit: Fit) -> Tensor:
    """Return uint8 pixels (..., H, W, channels) brought to a size, smaller ones averaged, larger ones interpolated.

    Parameters
    ----------
    fit : str
        "stretch" ignores the aspect ratio, "crop" cuts the longer side at its middle, "pad" adds black.
    """
    if fit == "crop":
        return _resized(_middle(images, height, width), height, width)
    if fit == "pad":
        return _padded(images, height, width)
    return _resized(images, height, width)


def to_uint8(images: Tensor) -> Tensor:
    """Return floats of 0 to 255, rounded and clipped, as uint8."""
    return tf.cast(tf.clip_by_value(tf.round(tf.cast(images, tf.float32)), 0.0, 255.0), tf.uint8)


def _resized(images: Tensor, height: Any, width: Any) -> Tensor:
    """Resize as `tf.image.resize(..., antialias=True)` does, in a third of its operations, and round half up.

    The filter grows with the factor, as Pillow's does: each pixel is an average of all that it covers.
    """
    many = images[None] if images.shape.rank == 3 else images
    size = tf.stack([height, width])
    means = tf.raw_ops.ScaleAndTranslate(
        images=many,
        size=size,
        scale=tf.cast(size, tf.float32) / tf.cast(tf.shape(many)[1:3], tf.float32),
        translation=tf.zeros(2),
        kernel_type="triangle",
        antialias=True,
    )
    pixels = tf.cast(means + 0.5, tf.uint8)  # means of 0 to 255 need no clipping
    return pixels[0] if images.shape.rank == 3 else pixels


def _middle(images: Tensor, height: int, width: int) -> Tensor:
    """Return the largest part in the middle that has the wanted aspect ratio."""
    rows, columns = tf.shape(images)[-3], tf.shape(images)[-2]
    keep_rows = tf.clip_by_value((2 * columns * height + width) // (2 * width), 1, rows)
    keep_columns = tf.clip_by_value((2 * rows * width + height) // (2 * height), 1, columns)
    top, left = (rows - keep_rows) // 2, (columns - keep_columns) // 2
    return images[..., top : top + keep_rows, left : left + keep_columns, :]


def _padded(images: Tensor, height: int, width: int) -> Tensor:
    rows, columns = tf.shape(images)[-3], tf.shape(images)[-2]
    new_rows = tf.clip_by_value((2 * rows * width + columns) // (2 * columns), 1, height)
    new_columns = tf.clip_by_value((2 * columns * height + rows) // (2 * rows), 1, width)
    top, left = (height - new_rows) // 2, (width - new_columns) // 2
    around = tf.convert_to_tensor([[top, height - new_rows - top], [left, width - new_columns - left], [0, 0]])
    if images.shape.rank == 4:
        around = tf.concat([[[0, 0]], around], 0)
    return tf.pad(_resized(images, new_rows, new_columns), around, constant_values=PADDING)
