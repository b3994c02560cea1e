"""What every listed layer must do, whatever it computes."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import pytest

from autorecipe.layers import __path__ as layer_path
from autorecipe.preprocessing.statistics import piecewise_bins

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
import autorecipe.layers as package  # noqa: E402  TensorFlow may be absent

DOCUMENT = Path(__file__).parents[2] / "docs" / "layers.md"
RANDOM = np.random.default_rng(0)
NUMBERS = RANDOM.normal(size=(12, 4)).astype("float32")
HOLES = np.array([[np.nan, np.inf, -np.inf, 0.0], [1e38, -1e38, 0.0, 1.0], [np.nan] * 4], "float32")
RAW = np.concatenate([NUMBERS, HOLES])
CODES = RANDOM.integers(0, 4, size=(12, 3)).astype("int32")
WORDS = RANDOM.integers(0, 9, size=(12, 6)).astype("int32")
LOGITS = NUMBERS[:, :1]
IMAGES = RANDOM.uniform(size=(12, 6, 5, 3)).astype("float32")
PIXELS = RANDOM.integers(0, 256, size=(12, 6, 5, 3)).astype("uint8")
ENCODED = np.array([tf.io.encode_png(image).numpy() for image in PIXELS], dtype=object)
TOKENS = RANDOM.normal(size=(12, 3, 4)).astype("float32")  # or the members of an ensemble


def with_bins(layer_class):
    layer = layer_class(5, 2, seed=1)
    layer.build(NUMBERS.shape)
    for name, value in piecewise_bins(NUMBERS, n_bins=5).items():
        getattr(layer, name).assign(value)
    return layer


def with_word_weights(layer_class):
    layer = layer_class(9, 3, seed=1)
    layer.build(WORDS.shape)
    layer.idf.assign(np.r_[0.0, 0.0, np.linspace(1.0, 3.0, 7)])
    return layer


def small_backbone():
    return keras.Sequential([keras.Input((6, 5, 3)), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization()])


EXAMPLES = {
    "AffineJitter": (lambda c: c({"rotation": 20.0, "crop": 0.3}, fill="constant", seed=1), IMAGES),
    "ColourJitter": (lambda c: c({"hue": 0.2, "contrast": 0.3}, value_range=2.0, seed=1), IMAGES),
    "CutMix": (lambda c: c(seed=1), IMAGES),
    "Cutout": (lambda c: c(0.4, seed=1), IMAGES),
    "RandAugment": (lambda c: c(5.0, seed=1), IMAGES),
    "BackboneInput": (lambda c: c(7, 4, 3, lowest=-1.0, highest=1.0), IMAGES[..., :1]),
    "PretrainedBackbone": (lambda c: c(small_backbone()), IMAGES),
    "BatchEnsembleDense": (lambda c: c(5, seed=1), TOKENS),
    "ChunkTokens": (lambda c: c((1, 2, 1), 5, seed=1), NUMBERS),
    "ClassToken": (lambda c: c(seed=1), TOKENS),
    "CodeEmbeddings": (lambda c: c((0, 2), (4, 4), 3, seed=1), CODES),
    "CrossLayer": (lambda c: c(2, seed=1), [NUMBERS, NUMBERS[::-1].copy()]),
    "DecodeImages": (lambda c: c(4, 7, 1, "pad"), ENCODED),
    "DropConnectDense": (lambda c: c(5, 0.4, kernel_initializer="he_normal", seed=1), NUMBERS),
    "EnsembleScale": (lambda c: c(3, (1, 3), start="normal", seed=1), NUMBERS),
    "FitImages": (lambda c: c(4, 7, 3, "crop"), PIXELS),
    "ImageViews": (lambda c: c("mirror_and_shifts"), IMAGES),
    "FractionalMaxPooling2D": (lambda c: c(1.6, seed=1), IMAGES),
    "LearnableScale": (lambda c: c(), NUMBERS),
    "Maxout": (lambda c: c(2), NUMBERS),
    "MeanOfViews": (lambda c: c((0.5, 0.25, 0.25)), NUMBERS),
    "MeanOfMembers": (lambda c: c("softmax"), TOKENS),
    "MemberDense": (lambda c: c(2, seed=1), TOKENS),
    "MissingFlags": (lambda c: c((2, 0)), RAW),
    "MixRows": (lambda c: c(mixes="manifold_mixup"), NUMBERS),
    "MultiHot": (lambda c: c((2, 1), (4, 4)), CODES),
    "NearestNeighbours": (lambda c: c(3, 20), NUMBERS),
    "NormalizeImages": (lambda c: c(), PIXELS),
    "NTPDense": (lambda c: c(5, seed=1), NUMBERS),
    "OutputBias": (lambda c: c(), LOGITS),
    "ParametricActivation": (lambda c: c("mish"), NUMBERS),
    "PeriodicEmbedding": (lambda c: c("pbld", 6, 3, frequency_scale=0.5, seed=1), NUMBERS),
    "PiecewiseLinearEmbedding": (with_bins, NUMBERS),
    "QuantileScale": (lambda c: c(), RAW),
    "ReGLU": (lambda c: c(), NUMBERS),
    "RescaleTarget": (lambda c: c(3.0, 2.0, 1.0, 5.0), LOGITS),
    "RMSNorm": (lambda c: c(), NUMBERS),
    "RobustScale": (lambda c: c(), RAW),
    "SharedDense": (lambda c: c(5, seed=1), TOKENS),
    "SqueezeExcitation": (lambda c: c(2, seed=1), IMAGES),
    "StochasticDepth": (lambda c: c(0.4, share_of_rate=0.5, seed=1), NUMBERS),
    "TfIdf": (lambda c: c(9), WORDS),
    "TfIdfProjection": (with_word_weights, WORDS),
    "TokenEmbeddingMean": (lambda c: c(9, 3, seed=1), WORDS),
    "TokenGRU": (lambda c: c(9, 3, 5, seed=1), WORDS),
    "TokenAttention": (lambda c: c(2, 0.3, share_of_rate=0.5, seed=1), [TOKENS, TOKENS + 1, TOKENS - 1]),
    "TwoClasses": (lambda c: c(), LOGITS),
    "VariableDropout": (lambda c: c(0.4, share_of_rate=0.5, seed=1), NUMBERS),
    "VariableNoise": (lambda c: c(0.3, recipe_field="activation_noise", seed=1), NUMBERS),
    "WeightNormDense": (lambda c: c(5, kernel_initializer="he_normal"), NUMBERS),
    "WhiteningConv2D": (lambda c: c(4, 2, strides=2, seed=1), IMAGES),
}
# plain arithmetic that nobody had to publish
WITHOUT_SOURCE = {"CodeEmbeddings", "MissingFlags", "MultiHot", "OutputBias", "TwoClasses"}
MAKE_PIXELS = {"DecodeImages", "FitImages"}
each = pytest.mark.parametrize("layer_class", package.LAYERS, ids=lambda c: c.__name__)


def make(layer_class):
    example, inputs = EXAMPLES[layer_class.__name__]
    return example(layer_class), inputs


def shape_of(inputs):
    return [x.shape for x in inputs] if isinstance(inputs, list) else inputs.shape


def as_model(layer, inputs):
    arrays = inputs if isinstance(inputs, list) else [inputs]
    seen = [keras.Input(x.shape[1:], dtype="string" if x.dtype == object else x.dtype.name) for x in arrays]
    given = seen if isinstance(inputs, list) else seen[0]
    return keras.Model(given, layer(given))


def call(layer, inputs, **options) -> np.ndarray:
    return keras.ops.convert_to_numpy(layer(inputs, **options))


def built(layer_class):
    layer, inputs = make(layer_class)
    if not layer.built:
        layer.build(shape_of(inputs))
    return layer, inputs


def test_every_layer_of_every_file_is_listed():
    found = set()
    for module in iter_modules(layer_path):
        file = importlib.import_module(f"autorecipe.layers.{module.name}")
        classes = [c for _, c in inspect.getmembers(file, inspect.isclass) if c.__module__ == file.__name__]
        found |= {c for c in classes if issubclass(c, keras.layers.Layer)}
    assert found == set(package.LAYERS)
    assert len(package.LAYERS) == len(found)


def test_every_listed_layer_is_a_name_of_the_package():
    for layer_class in package.LAYERS:
        assert getattr(package, layer_class.__name__) is layer_class


@each
def test_a_saved_model_finds_the_layer_by_its_name(layer_class):
    assert keras.saving.get_registered_name(layer_class) == f"autorecipe>{layer_class.__name__}"


@each
def test_the_layer_says_what_it_does_and_where_it_was_published(layer_class):
    text = inspect.getdoc(layer_class)
    assert re.search(r"[.:]$", text.splitlines()[0])
    assert ("References\n" in text) == (layer_class.__name__ not in WITHOUT_SOURCE)


@each
def test_a_configuration_rebuilds_an_equal_layer(layer_class):
    layer, inputs = built(layer_class)
    twin = layer_class.from_config(layer.get_config())
    twin.build(shape_of(inputs))
    twin.set_weights(layer.get_weights())
    assert twin.get_config() == layer.get_config()
    assert [w.shape for w in twin.weights] == [w.shape for w in layer.weights]
    np.testing.assert_array_equal(call(twin, inputs, **inference(layer)), call(layer, inputs, **inference(layer)))


@each
def test_every_weight_that_trains_says_how_it_starts(layer_class):
    layer, _ = built(layer_class)
    for weight in layer.trainable_weights:
        initializer = getattr(layer, f"{weight.name}_initializer")
        assert tuple(initializer(weight.shape).shape) == tuple(weight.shape)


@each
def test_statistics_keep_their_shape_whatever_the_batch(layer_class):
    layer, inputs = built(layer_class)
    shapes = [w.shape for w in layer.weights]
    call(layer, [x[:3] for x in inputs] if isinstance(inputs, list) else inputs[:3])
    assert [w.shape for w in layer.weights] == shapes
    assert all(None not in shape for shape in shapes)


@each
def test_outputs_are_finite_and_of_the_shape_that_is_announced(layer_class):
    layer, inputs = make(layer_class)
    model = as_model(layer, inputs)
    outputs = call(model, inputs, training=False)
    assert outputs.shape[1:] == model.output_shape[1:]
    shapes = shape_of(inputs)
    announced = [(None, *s[1:]) for s in shapes] if isinstance(shapes, list) else (None, *shapes[1:])
    assert model.output_shape == tuple(layer.compute_output_shape(announced))
    assert outputs.dtype == (np.uint8 if layer_class.__name__ in MAKE_PIXELS else np.float32)
    assert np.isfinite(outputs).all()


@each
def test_the_layer_trains_and_comes_back_from_a_file_as_it_was(layer_class, tmp_path):
    layer, inputs = make(layer_class)
    model = as_model(layer, inputs)
    before = [w.numpy() for w in layer.trainable_weights]
    for step in range(2):  # a weight behind a kernel of zeros moves one step later
        with tf.GradientTape() as tape:
            outputs = tf.cast(model(inputs, training=True), "float32")
            loss = tf.reduce_mean(tf.square(outputs - 1.5 - tf.range(tf.shape(outputs)[-1], dtype="float32")))
        gradients = tape.gradient(loss, [w.value for w in layer.trainable_weights])
        for weight, gradient in zip(layer.trainable_weights, gradients, strict=True):
            weight.assign_sub(0.1 * tf.convert_to_tensor(gradient) * (step + 1))
    assert all((w.numpy() != b).any() for w, b in zip(layer.trainable_weights, before, strict=True))
    model.save(tmp_path / "layer.keras")
    loaded = keras.models.load_model(tmp_path / "layer.keras")
    for a, b in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    outputs = call(model, inputs, training=False)
    np.testing.assert_allclose(call(loaded, inputs, training=False), outputs, rtol=1e-5, atol=1e-6)


def inference(layer) -> dict[str, bool]:
    return {"training": False} if "training" in inspect.signature(layer.call).parameters else {}


def test_the_document_describes_every_layer():
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(name for name, *_ in rows) == sorted(c.__name__ for c in package.LAYERS)
    for name, sentence, source in rows:
        assert len(sentence) > 20, name
        assert re.search(r"\d{4}|arithmetic", source), name


def test_the_documents_example_runs_as_it_is_written():
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, str(DOCUMENT), "exec"), names)
    assert sum(f"{c.__name__}(" in code for c in package.LAYERS) >= 3
    assert names["loss"] < 0.5 * names["first_loss"]
