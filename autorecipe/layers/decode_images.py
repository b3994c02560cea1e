"""Decode encoded images, and bring them to one size."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from autorecipe.layers.image_formats import bmp_pixels, gif_pixels, jpeg_pixels, png_pixels, webp_pixels
from autorecipe.layers.image_sizes import fitted, with_channels
from autorecipe.preprocessing.image_spec import Fit

Tensor = Any  # TensorFlow ships no types

JPEG, PNG, GIF, BMP, RIFF, WEBP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"RIFF", b"WEBP"
IN_PARALLEL = 4  # images of a batch that are decoded side by side; of 12 million pixels each takes 100 MB: choice


@keras.saving.register_keras_serializable(package="autorecipe")
class DecodeImages(keras.layers.Layer):
    """Map the bytes of image files to pixels: decoded, turned as their EXIF says, of one size and number of channels.

    JPEG (by the accurate transform; of CMYK, and of files much larger than what is wanted, see below), PNG, BMP, GIF
    and WebP (of both the first frame) are told apart by their content. Transparent pixels are put on white, 16 bits
    lose their lower eight, and colours become grey by the luma of BT.601. The EXIF orientation of a JPEG, PNG or WebP
    is read from its bytes. A JPEG of four times the wanted size and more is shrunk by 2, 4 or 8 while it is decoded,
    to twice the wanted size at least. The rest of the way is a bilinear resize whose filter grows with the factor.

    Each image is decoded by itself: its pixels do not depend on the batch that it comes in.

    Parameters
    ----------
    height, width : int
        Pixels of the output.
    channels : int
        1 for grey, 3 for RGB.
    fit : str
        "stretch" ignores the aspect ratio, "crop" cuts the longer side at its middle, "pad" adds black.

    Raises
    ------
    tf.errors.InvalidArgumentError
        When called with bytes that are no image of these formats, or a damaged one.

    References
    ----------
    ITU-T T.81 (1992), JPEG; CIPA DC-008 (2019), EXIF 2.32; ITU-R BT.601.
    """

    def __init__(self, height: int, width: int, channels: int = 3, fit: Fit = "stretch", *, name: str | None = None):
        super().__init__(name=name, trainable=False, autocast=False)
        if channels not in (1, 3):
            raise ValueError(f"Expected channels=1 or 3. Received: channels={channels}")
        if fit not in ("stretch", "crop", "pad"):
            raise ValueError(f"Expected fit='stretch', 'crop' or 'pad'. Received: fit={fit!r}")
        self.height, self.width, self.channels, self.fit = int(height), int(width), int(channels), fit
        self.built = True

    @tf.autograph.experimental.do_not_convert  # it has no Python branches, and looking for them takes seconds
    def call(self, inputs: Tensor) -> Tensor:
        """Map file contents (batch,) string to pixels (batch, height, width, channels) uint8."""
        contents = tf.convert_to_tensor(inputs)
        shape = (self.height, self.width, self.channels)
        return tf.map_fn(
            self.decode_one,
            contents,
            parallel_iterations=None if tf.executing_eagerly() else IN_PARALLEL,
            fn_output_signature=tf.TensorSpec(shape, tf.uint8),
        )

    def decode_one(self, contents: Tensor) -> Tensor:
        """Map one file's contents () string to pixels (height, width, channels) uint8."""
        formats = (
            lambda: jpeg_pixels(contents, self.height, self.width, self.fit),
            lambda: png_pixels(contents),
            lambda: gif_pixels(contents),
            lambda: bmp_pixels(contents),
            lambda: webp_pixels(contents),
            lambda: _refused(contents),
        )
        image = tf.ensure_shape(tf.switch_case(_format_index(contents), list(formats)), (None, None, None))
        # colours are changed last, when fewer pixels are left
        pixels = with_channels(fitted(image, self.height, self.width, self.fit), self.channels)
        return tf.ensure_shape(pixels, (self.height, self.width, self.channels))

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


def _format_index(contents: Tensor) -> Tensor:
    """Return the place of the file's format among the decoders, that of the refusal when it is none."""
    webp = _has(contents, 0, RIFF) & _has(contents, 8, WEBP)
    found = tf.stack([*(_has(contents, 0, magic) for magic in (JPEG, PNG, GIF, BMP)), webp, tf.constant(True)])
    return tf.argmax(found, output_type=tf.int32)


def _has(contents: Tensor, at: int, magic: bytes) -> Tensor:
    is_long = tf.strings.length(contents) >= at + len(magic)
    return is_long & tf.equal(tf.strings.substr(contents, tf.where(is_long, at, 0), len(magic)), magic)


def _refused(contents: Tensor) -> Tensor:
    said = "these bytes are no image in JPEG, PNG, BMP, GIF or WebP; there are so many:"
    fail = tf.debugging.Assert(tf.constant(False), [said, tf.strings.length(contents)])
    with tf.control_dependencies([fail] if fail is not None else []):
        return tf.zeros((1, 1, 3), tf.uint8)
