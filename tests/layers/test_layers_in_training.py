"""Layers that act in training alone, and dense layers with a twist: what each of them computes."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from autorecipe.layers.drop_connect_dense import DropConnectDense  # noqa: E402  TensorFlow may be absent
from autorecipe.layers.maxout import Maxout  # noqa: E402
from autorecipe.layers.mix_rows import MixRows  # noqa: E402
from autorecipe.layers.output_bias import OutputBias  # noqa: E402
from autorecipe.layers.rms_norm import RMSNorm  # noqa: E402
from autorecipe.layers.stochastic_depth import StochasticDepth  # noqa: E402
from autorecipe.layers.variable_dropout import VariableDropout  # noqa: E402
from autorecipe.layers.variable_noise import VariableNoise  # noqa: E402
from autorecipe.layers.weight_norm_dense import WeightNormDense  # noqa: E402

RANDOM = np.random.default_rng(0)
NUMBERS = RANDOM.normal(size=(40, 6)).astype("float32")
ONES = np.ones((400, 50), "float32")
RATED = {
    "dropout": lambda rate: VariableDropout(rate, seed=1),
    "drop_connect": lambda rate: DropConnectDense(6, rate, seed=1),
    "input_noise": lambda rate: VariableNoise(rate, seed=1),
    "activation_noise": lambda rate: VariableNoise(rate, recipe_field="activation_noise", seed=1),
    "stochastic_depth": lambda rate: StochasticDepth(rate, seed=1),
}
MADE = {**{name: lambda make=make: make(0.5) for name, make in RATED.items()}, "mixup": MixRows}
each_rated = pytest.mark.parametrize("name", RATED)
each = pytest.mark.parametrize("name", MADE)


def call(layer, inputs, **options) -> np.ndarray:
    return keras.ops.convert_to_numpy(layer(inputs, **options))


def plain(layer: DropConnectDense, inputs: np.ndarray) -> np.ndarray:
    return inputs @ layer.kernel.numpy() + layer.bias.numpy()


def mix(share: float) -> MixRows:
    layer = MixRows()
    layer.build(NUMBERS.shape)
    layer.share.assign(share)
    return layer


@each
def test_inference_is_what_it_is_without_the_layer(name):
    layer = MADE[name]()
    layer.build(NUMBERS.shape)
    if name == "mixup":
        layer.share.assign(0.3)
    expected = plain(layer, NUMBERS) if name == "drop_connect" else NUMBERS
    np.testing.assert_allclose(call(layer, NUMBERS, training=False), expected, rtol=1e-5, atol=1e-6)


@each_rated
def test_a_rate_of_zero_changes_nothing_in_training(name):
    layer = RATED[name](0.0)
    layer.build(NUMBERS.shape)
    np.testing.assert_array_equal(call(layer, NUMBERS, training=True), call(layer, NUMBERS, training=False))


@each_rated
def test_a_rate_is_one_weight_that_is_not_trained_and_can_change(name):
    layer = RATED[name](0.0)
    layer.build(NUMBERS.shape)
    assert layer.recipe_field == name
    assert layer.rate.shape == ()
    assert "rate" in [w.name for w in layer.non_trainable_weights]
    layer.rate.assign(0.5)
    assert np.abs(call(layer, NUMBERS, training=True) - call(layer, NUMBERS, training=False)).max() > 0.1


@each_rated
def test_the_same_seed_draws_the_same(name):
    first, second = RATED[name](0.5), RATED[name](0.5)
    for layer in (first, second):
        layer.build(NUMBERS.shape)
    second.set_weights(first.get_weights())
    drawn = call(first, NUMBERS, training=True)
    np.testing.assert_array_equal(call(second, NUMBERS, training=True), drawn)
    assert (call(first, NUMBERS, training=True) != drawn).any()


@each_rated
def test_a_rate_that_makes_no_sense_is_refused(name):
    wrong, words = (-0.1, "Expected a rate >= 0") if "noise" in name else (1.0, r"Expected a rate in \[0, 1\)")
    with pytest.raises(ValueError, match=words):
        RATED[name](wrong)


@each
def test_mixed_precision_comes_out_in_half_precision(name):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        outputs = MADE[name]()(NUMBERS.astype("float16"), training=True)
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    assert np.isfinite(outputs).all()


def test_dropout_drops_its_share_and_keeps_the_mean():
    layer = VariableDropout(0.4, seed=1)
    dropped = call(layer, ONES, training=True)
    assert (dropped == 0).mean() == pytest.approx(0.4, abs=0.02)
    assert np.unique(dropped).tolist() == pytest.approx([0.0, 1 / 0.6])
    layer.rate.assign(0.1)
    assert (call(layer, ONES, training=True) == 0).mean() == pytest.approx(0.1, abs=0.02)


def test_noise_has_its_standard_deviation_and_no_mean():
    noise = call(VariableNoise(0.3, seed=1), ONES, training=True) - 1.0
    assert noise.std() == pytest.approx(0.3, rel=0.02)
    assert noise.mean() == pytest.approx(0.0, abs=0.01)


def test_stochastic_depth_drops_whole_rows_and_keeps_the_mean():
    dropped = call(StochasticDepth(0.25, seed=1), np.ones((4000, 5), "float32"), training=True)
    assert (dropped == dropped[:, :1]).all()
    assert np.unique(dropped).tolist() == pytest.approx([0.0, 1 / 0.75])
    assert dropped.mean() == pytest.approx(1.0, abs=0.04)


def test_drop_connect_drops_its_share_of_the_weights_and_keeps_the_mean():
    layer = DropConnectDense(300, 0.4, kernel_initializer="ones", seed=1)
    kernel = call(layer, np.eye(200, dtype="float32"), training=True)
    assert (kernel == 0).mean() == pytest.approx(0.4, abs=0.01)
    assert np.unique(kernel).tolist() == pytest.approx([0.0, 1 / 0.6])


def test_mixed_rows_are_means_of_a_row_and_its_mirror():
    np.testing.assert_allclose(
        call(mix(0.3), NUMBERS, training=True), 0.3 * NUMBERS + 0.7 * NUMBERS[::-1], rtol=1e-5, atol=1e-6
    )


def test_rows_are_not_mixed_before_a_share_is_drawn():
    np.testing.assert_array_equal(call(MixRows(), NUMBERS, training=True), NUMBERS)


def test_maxout_is_the_largest_of_each_group():
    np.testing.assert_array_equal(call(Maxout(2), NUMBERS), NUMBERS.reshape(40, 3, 2).max(axis=2))


def test_maxout_refuses_units_that_make_no_whole_groups():
    with pytest.raises(ValueError, match="Expected units in groups of 4"):
        Maxout(4)(NUMBERS)


def test_rms_normalization_is_the_published_formula():
    layer = RMSNorm()
    layer.build(NUMBERS.shape)
    layer.scale.assign(np.arange(1, 7))
    expected = NUMBERS / np.sqrt((NUMBERS**2).mean(axis=1, keepdims=True)) * np.arange(1, 7)
    np.testing.assert_allclose(call(layer, NUMBERS), expected, rtol=1e-4)


def test_weight_normalization_is_the_published_formula():
    layer = WeightNormDense(4)
    layer.build(NUMBERS.shape)
    layer.gain.assign([1.0, 2.0, 3.0, 4.0])
    layer.bias.assign([0.1, 0.2, 0.3, 0.4])
    direction = layer.kernel.numpy() / np.linalg.norm(layer.kernel.numpy(), axis=0)
    expected = NUMBERS @ (direction * [1.0, 2.0, 3.0, 4.0]) + [0.1, 0.2, 0.3, 0.4]
    np.testing.assert_allclose(call(layer, NUMBERS), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("initializer", ["he_normal", "glorot_uniform", "lecun_normal", "orthogonal"])
@pytest.mark.parametrize("n_inputs", [20, 200])
def test_a_weight_normalized_layer_starts_as_large_as_a_plain_one(initializer, n_inputs):
    layer = WeightNormDense(60, kernel_initializer=initializer)
    layer.build((None, n_inputs))
    lengths = np.linalg.norm(layer.kernel.numpy(), axis=0)
    assert layer.gain.numpy() == pytest.approx(np.full(60, np.sqrt((lengths**2).mean())), rel=0.05)


def test_every_weight_that_trains_says_how_it_starts():
    for layer in (DropConnectDense(4, 0.1), WeightNormDense(4), RMSNorm(), OutputBias()):
        layer.build(NUMBERS.shape)
        assert layer.trainable_weights
        for weight in layer.trainable_weights:
            initializer = getattr(layer, f"{weight.name}_initializer")
            assert tuple(initializer(weight.shape).shape) == tuple(weight.shape)


def test_an_output_bias_starts_at_zero_and_is_added():
    layer = OutputBias()
    np.testing.assert_array_equal(call(layer, NUMBERS), NUMBERS)
    layer.bias.assign(np.arange(6))
    np.testing.assert_allclose(call(layer, NUMBERS), NUMBERS + np.arange(6), rtol=1e-6)
