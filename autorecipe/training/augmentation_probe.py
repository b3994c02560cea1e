"""Does a trained network still know images that augmentation has changed? If not, neither may their labels hold."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from autorecipe.augmentations import LABEL_KEEPING, OF_COLOUR
from autorecipe.change import with_edits
from autorecipe.recipe import Recipe
from autorecipe.record.readings import AugmentationReading, AugmentedScore
from autorecipe.regularizers import IMAGE_REGULARIZERS
from autorecipe.training.augmentation import augment
from autorecipe.training.bench import Bench, BenchRows, CannotMeasure, Floats
from autorecipe.training.layer_strengths import layer_strengths

NORMALIZE = "normalize"  # the layer behind which augmentation stands
# images: an accuracy of 0.8 has an error of two points, a tenth of the fall that is looked for
N_PROBED_ROWS = 384
ROWS_PER_CALL = 128
ANY_STRENGTH = 0.1  # that every layer can be built with, before its strengths are set one by one

Answer = Callable[[Any], Any]


def augmentation(bench: Bench) -> AugmentationReading:
    """Return how well the network of a bench, as it is, knows validation images that were changed in one way each.

    Every strength that the regularizers of images offer is tried alone, as it would be in training.

    Raises
    ------
    CannotMeasure
        When the network is given no images: features of theirs, or a table's rows.
    """
    layers = {layer.name: layer for layer in bench.network.layers}
    if NORMALIZE not in layers:
        raise CannotMeasure("its network does not see the images themselves")
    bench.fresh()
    image = layers[NORMALIZE].output
    rows, disturbing = bench.validation.evenly(N_PROBED_ROWS), _disturbing(tuple(image.shape[1:]))
    strengths = {own.field: own.weight for own in layer_strengths(disturbing)}
    for weight in strengths.values():
        weight.assign(0.0)
    answer = _answer(bench.network, layers[NORMALIZE], disturbing)
    plain, found = _score(bench, answer, rows), []
    for field, strength in _probed(n_channels=image.shape[-1]):
        strengths[field].assign(strength)
        found.append(AugmentedScore(field=field, strength=strength, score=_score(bench, answer, rows)))
        strengths[field].assign(0.0)
    return AugmentationReading(plain_score=plain, augmented=tuple(found), n_rows=rows.n_rows)


def _probed(*, n_channels: int) -> list[tuple[str, float]]:
    edits = [edit for own in IMAGE_REGULARIZERS for strength in own.strengths for edit in strength.edits]
    known = [(field, float(value)) for field, value in edits if field in LABEL_KEEPING]
    return [edit for edit in known if n_channels > 1 or edit[0] not in OF_COLOUR]


def _disturbing(shape: tuple[int, ...]) -> keras.Model:
    """Return a model of all augmentation that leaves an image its label."""
    recipe = with_edits(Recipe(), ((field, ANY_STRENGTH) for field in LABEL_KEEPING))
    image = keras.Input(shape, dtype="float32")
    return keras.Model(image, augment(image, recipe, count()))


def _answer(network: keras.Model, normalize: keras.layers.Layer, disturbing: keras.Model) -> Answer:
    """Return the compiled way from pixels to outputs in inference mode, with what disturbs on."""
    pixels = network.inputs[0]
    behind = keras.Model(normalize.output, network.output)

    def answer(x: Any) -> Any:
        return behind(disturbing(normalize(x), training=True), training=False)

    return tf.function(answer, input_signature=[tf.TensorSpec([None, *pixels.shape[1:]], pixels.dtype)])


def _score(bench: Bench, answer: Answer, rows: BenchRows) -> float:
    (pixels,) = tf.nest.flatten(rows.x)
    parts = [answer(pixels[i : i + ROWS_PER_CALL]).numpy() for i in range(0, rows.n_rows, ROWS_PER_CALL)]
    outputs: Floats = np.concatenate(parts)
    if bench.setup.task == "regression":
        y = np.asarray(rows.y, "float64").reshape(len(outputs), -1)
        return float(1.0 - np.mean((y - outputs) ** 2) / max(y.var(), np.finfo("float64").tiny))
    return float((bench.probabilities(outputs).argmax(axis=1) == bench.classes(rows.y)).mean())
