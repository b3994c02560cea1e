"""One Keras model from encoded files, or from decoded images of any size, to answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.data.image_source import ImageSource
from autorecipe.data.schema import Schema
from autorecipe.export.serving import (
    Compiled,
    Multipliers,
    WeightedMean,
    answers_from,
    compile_serving,
    join_answers,
    served_rows,
)
from autorecipe.layers.decode_images import DecodeImages
from autorecipe.layers.fit_images import FitImages
from autorecipe.preprocessing.image_spec import INPUT_NAME, ImageSpec
from autorecipe.training.call_size import MOST_CELLS

PIXELS = "pixels"  # what the members take, and the input of the signature for decoded images
MOST_CHANNELS = 4  # grey, grey with alpha, RGB, RGB with alpha
MOST_FILES = 32  # of a call: decoded at its own size a photo of 12 megapixels takes 36 MB; choice

Arrays = dict[str, NDArray[np.generic]]


def build_image_serving_model(
    *,
    spec: ImageSpec,
    schema: Schema,
    members: Sequence[keras.Model],
    weights: Sequence[float],
    threshold: float | None = None,
    multipliers: Multipliers | None = None,
) -> keras.Model:
    """Join the decoder and the members into one model that takes the bytes of encoded files.

    Parameters
    ----------
    members : sequence of keras.Model
        Each maps {"pixels": uint8 (batch, height, width, channels)} of the spec's size to probabilities
        (batch, n_classes), or to a prediction in the target's unit (batch, 1).
    weights : sequence of float
        The members' shares in the mean; they sum to 1.
    threshold, multipliers
        As `autorecipe.export.serving.build_serving_model` takes them.

    Returns
    -------
    keras.Model
        One input "image" of shape (batch,), strings; outputs "probabilities" and "label", or "prediction".
    """
    files = keras.Input((), dtype="string", name=INPUT_NAME)
    pixels = DecodeImages(spec.height, spec.width, spec.channels, spec.fit, name="decode")(files)
    mean = WeightedMean(members, weights, name="members")({PIXELS: pixels})
    outputs = answers_from(mean, schema, threshold=threshold, multipliers=multipliers)
    return keras.Model({INPUT_NAME: files}, outputs, name="autorecipe")


def image_spec_of(model: keras.Model) -> ImageSpec:
    """Return the size, channels and fit that a serving model of images was built for."""
    decode = model.get_layer("decode")
    return ImageSpec(height=decode.height, width=decode.width, channels=decode.channels, fit=decode.fit)


def compile_pixels(model: keras.Model) -> Compiled:
    """Compile the model for decoded images: {"pixels": uint8 (batch, H, W, C)} of any size in, dict of tensors out."""
    spec = image_spec_of(model)
    fit = FitImages(spec.height, spec.width, spec.channels, spec.fit, name="fit")
    signature = {PIXELS: tf.TensorSpec((None, None, None, None), tf.uint8, name=PIXELS)}

    @tf.function(input_signature=[signature], autograph=False)
    def serve(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return _answer(model, _fitted(fit, inputs[PIXELS]))

    return serve.get_concrete_function()


def compile_fitted(model: keras.Model) -> Compiled:
    """Compile the model for what its members take: {"pixels": uint8 (batch, height, width, channels)}."""
    signature = {PIXELS: tf.TensorSpec((None, *image_spec_of(model).shape), tf.uint8, name=PIXELS)}

    @tf.function(input_signature=[signature], autograph=False)
    def serve(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return _answer(model, inputs[PIXELS])

    return serve.get_concrete_function()


def image_signatures(model: keras.Model, *, compiled: Compiled | None = None) -> dict[str, Compiled]:
    """Return the signatures of a SavedModel: files by two names, TensorFlow Serving's default and its own; pixels."""
    files = compiled or compile_serving(model)
    return {"serving_default": files, "serving_bytes": files, "serving_pixels": compile_pixels(model)}


def serve_pixels(
    model: keras.Model, pixels: NDArray[np.generic], rows: NDArray[np.int64], *, compiled: Compiled | None = None
) -> Arrays:
    """Send images through the in-memory model, in batches.

    Parameters
    ----------
    pixels : ndarray of shape (n, height, width, channels), uint8
        In memory or a memory map.
    rows : ndarray of int64
        Which of them.
    compiled : callable or None
        What `compile_pixels` made of this model, for images of any size; None for those that the decoder has brought to
        the spec's.

    Returns
    -------
    dict of output name to ndarray
        As `autorecipe.export.serving.serve_rows` returns them.
    """
    room = max(1, MOST_CELLS // max(math.prod(pixels.shape[1:]), 1))
    compiled, n = compiled or compile_fitted(model), min(served_rows(model), room)
    starts = range(0, max(len(rows), 1), n)
    return join_answers([_said(compiled, {PIXELS: tf.constant(pixels[rows[i : i + n]])}) for i in starts])


def read_files(source: ImageSource, rows: Sequence[int] | NDArray[np.integer]) -> Arrays:
    """Return the encoded files of these rows as the model takes them: {"image": object (n_rows,) holding bytes}."""
    files = np.empty(len(rows), dtype=object)
    for place, row in enumerate(rows):
        files[place] = source.read(int(row))
    return {INPUT_NAME: files}


def served_files(model: keras.Model) -> int:
    """Return how many files to send through a serving model at once: what its members have room for, at most 32."""
    return min(MOST_FILES, served_rows(model))


def _fitted(fit: FitImages, pixels: tf.Tensor) -> tf.Tensor:
    """Bring pixels (batch, H, W, 1 to 4) to one size; the layer wants to know the number of channels beforehand."""
    by_channels = [lambda n=n: fit(tf.ensure_shape(pixels, (None, None, None, n))) for n in range(1, MOST_CHANNELS + 1)]
    return tf.switch_case(tf.shape(pixels)[-1] - 1, by_channels)


def _answer(model: keras.Model, pixels: Any) -> dict[str, tf.Tensor]:
    mean = model.get_layer("members")({PIXELS: pixels})
    if any(layer.name == "prediction" for layer in model.layers):
        return {"prediction": model.get_layer("prediction")(mean)}
    return {"probabilities": mean, "label": model.get_layer("label")(mean)}


def _said(compiled: Compiled, batch: dict[str, tf.Tensor]) -> Arrays:
    return {name: value.numpy() for name, value in compiled(batch).items()}
