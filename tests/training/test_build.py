"""From a recipe to a network: every field that describes one does what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from autorecipe.choices import Activation, InitializerName, Normalization
from autorecipe.errors import UserError
from autorecipe.recipe import Recipe
from autorecipe.simplicity import layer_widths

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from autorecipe.training.build import build_network  # noqa: E402
from autorecipe.training.prefix import set_output_bias  # noqa: E402
from autorecipe.training.shape import Shape  # noqa: E402

SHAPE = Shape(
    n_numbers=3,
    with_missing=(1,),
    code_sizes=(4, 20),
    token_sizes=(12,),
    token_lengths=(5,),
    task="multiclass",
    n_outputs=3,
)
RANDOM = np.random.default_rng(0)
ROWS = {
    "numbers": RANDOM.normal(size=(10, 3)).astype("float32"),
    "codes": RANDOM.integers(0, 4, (10, 2)).astype("int32"),
    "tokens_0": RANDOM.integers(0, 12, (10, 5)).astype("int32"),
}
SMALL = Recipe(width=12, depth=2)
RESIDUAL = replace(SMALL, family="residual_mlp")
CUSTOM = Recipe(family="custom", architecture="mine:build", knobs=(("units", 5),))
families = pytest.mark.parametrize("family", ["mlp", "residual_mlp"])


def names(recipe: Recipe) -> list[str]:
    return [layer.name for layer in build_network(recipe, SHAPE).layers]


def outputs(network, **options) -> np.ndarray:
    return keras.ops.convert_to_numpy(network(ROWS, **options))


def assert_bias_is_added(network, bias: np.ndarray) -> None:
    before = outputs(network)
    set_output_bias(network, bias)
    np.testing.assert_allclose(outputs(network), before + bias, rtol=1e-5, atol=1e-5)


def own(inputs, n_outputs, units=5):
    hidden = keras.layers.Dense(units, activation="relu", name="mine")(inputs)
    return keras.layers.Dense(n_outputs, name="last")(hidden)


@families
@pytest.mark.parametrize("activation", get_args(Activation))
def test_every_activation_builds_and_starts_near_the_bias(family, activation):
    network = build_network(replace(SMALL, family=family, activation=activation), SHAPE)
    set_output_bias(network, np.array([0.5, -0.5, 2.0], "float32"))
    assert outputs(network) == pytest.approx(np.tile([0.5, -0.5, 2.0], (10, 1)), abs=0.5)
    assert outputs(network).std(axis=0).min() > 0


@families
@pytest.mark.parametrize("normalization", get_args(Normalization))
def test_every_normalization_stands_in_every_block(family, normalization):
    recipe = replace(SMALL, family=family, normalization=normalization)
    layers = build_network(recipe, SHAPE).layers
    kinds = {type(layer).__name__ for layer in layers}
    expected = {
        "none": "Dense",
        "batch": "BatchNormalization",
        "layer": "LayerNormalization",
        "group": "GroupNormalization",
        "rms": "RMSNorm",
        "weight": "WeightNormDense",
    }[normalization]
    assert expected in kinds
    found = [layer.name for layer in layers if layer.name.startswith("normalize")]
    n_norms = {"mlp": 2, "residual_mlp": 3}[family]
    assert len(found) == (0 if normalization in ("none", "weight") else n_norms)


def test_a_dense_net_normalizes_after_the_weights_and_before_the_activation():
    recipe = replace(SMALL, depth=1, normalization="rms", activation_noise=0.1, dropout=0.1)
    hidden = ["hidden_1", "normalize_1", "activation_1", "activation_noise_1", "dropout_1", "head"]
    assert names(recipe)[-6:] == hidden


def test_a_group_normalization_normalizes_groups_of_each_row():
    network = build_network(replace(SMALL, width=16, depth=1, normalization="group"), SHAPE)
    values = RANDOM.normal(3.0, 2.0, (7, 16)).astype("float32")
    found = np.asarray(network.get_layer("normalize_1")(values)).reshape(7, 4, 4)
    np.testing.assert_allclose(found.mean(axis=2), 0.0, atol=1e-4)
    np.testing.assert_allclose(found.std(axis=2), 1.0, atol=0.1)


@families
@pytest.mark.parametrize("width", [7, 8, 12])
@pytest.mark.parametrize("normalization", ["layer", "group", "rms", "weight"])
def test_rows_stay_different_through_normalized_layers_of_any_width(family, width, normalization):
    recipe = replace(SMALL, family=family, width=width, normalization=normalization, activation="leaky_relu")
    assert outputs(build_network(recipe, SHAPE)).std(axis=0).min() > 1e-4


@pytest.mark.parametrize("initializer", [i for i in get_args(InitializerName) if i != "auto"])
def test_a_named_initializer_draws_the_hidden_kernels(initializer):
    recipe = replace(RESIDUAL, initializer=initializer, width=40)
    for layer in build_network(recipe, SHAPE).layers:
        if layer.name.startswith("hidden"):
            kernel = layer.kernel_initializer(layer.kernel.shape)
            np.testing.assert_allclose(layer.kernel.numpy(), np.asarray(kernel), rtol=1e-4, atol=1e-5)
            assert type(layer.kernel_initializer) is type(keras.initializers.get(initializer))


@pytest.mark.parametrize(
    ("activation", "kind"), [("relu", "HeNormal"), ("tanh", "GlorotUniform"), ("selu", "LecunNormal")]
)
def test_the_automatic_initializer_fits_the_activation(activation, kind):
    network = build_network(replace(SMALL, activation=activation), SHAPE)
    assert type(network.get_layer("hidden_1").kernel_initializer).__name__ == kind


@families
def test_one_seed_builds_one_network(family):
    recipe = replace(SMALL, family=family)
    first, second, other = (build_network(r, SHAPE) for r in (recipe, recipe, replace(recipe, seed=7)))
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (first.get_layer("hidden_1").get_weights()[0] != other.get_layer("hidden_1").get_weights()[0]).any()


def test_a_funnel_halves_each_layer_but_not_below_eight_units():
    assert layer_widths(Recipe(width=256, depth=3, funnel=True)) == (256, 128, 64)
    assert layer_widths(Recipe(width=12, depth=3, funnel=True)) == (12, 8, 8)
    assert layer_widths(Recipe(width=4, depth=2, funnel=True)) == (4, 4)
    assert layer_widths(Recipe(width=64, depth=2)) == (64, 64)


@families
def test_a_funnel_is_built_with_its_widths(family):
    network = build_network(replace(SMALL, family=family, width=32, depth=3, funnel=True), SHAPE)
    assert [network.get_layer(f"hidden_{i}").output.shape[-1] for i in (1, 2, 3)] == [32, 16, 8]
    assert network.get_layer("head").kernel.shape == (8, 3)


def test_maxout_has_two_pieces_for_each_unit():
    network = build_network(replace(SMALL, activation="maxout"), SHAPE)
    assert network.get_layer("hidden_1").output.shape[-1] == 24
    assert network.get_layer("activation_1").output.shape[-1] == 12


def test_what_a_recipe_does_not_ask_for_is_not_there():
    kinds = {type(layer).__name__ for layer in build_network(RESIDUAL, SHAPE).layers}
    assert not kinds & {"MixRows", "VariableNoise", "VariableDropout", "StochasticDepth", "DropConnectDense"}


@pytest.mark.parametrize(
    ("field", "n_layers"),
    [("dropout", 2), ("activation_noise", 2), ("input_noise", 1), ("drop_connect", 5), ("stochastic_depth", 2)],
)
def test_a_rate_of_the_recipe_reaches_every_layer_that_it_speaks_of(field, n_layers):
    network = build_network(replace(RESIDUAL, **{field: 0.3}), SHAPE)
    rated = [layer for layer in network.layers if getattr(layer, "recipe_field", "") == field]
    assert len(rated) == n_layers
    for layer in rated:
        assert float(layer.rate) == pytest.approx(0.3 * getattr(layer, "share_of_rate", 1.0))
    assert len({layer.seed for layer in rated}) == n_layers
    assert np.abs(outputs(network, training=True) - outputs(network)).max() > 0


def test_later_blocks_are_skipped_more():
    network = build_network(replace(RESIDUAL, depth=4, stochastic_depth=0.4), SHAPE)
    rates = [float(network.get_layer(f"stochastic_depth_{i}").rate) for i in (1, 2, 3, 4)]
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_rows_are_mixed_before_anything_sees_the_features():
    network = build_network(replace(SMALL, mixup=0.2, input_noise=0.1, linear_path=True), SHAPE)
    found = [layer.name for layer in network.layers]
    assert found.index("features") < found.index("mix_rows") < found.index("input_noise") < found.index("hidden_1")
    assert network.get_layer("linear_path").input is network.get_layer("input_noise").output


def test_drop_connect_with_weight_normalization_is_refused():
    with pytest.raises(UserError, match="DropConnect and weight normalization"):
        build_network(replace(SMALL, drop_connect=0.1, normalization="weight"), SHAPE)


def test_a_network_with_every_extra_survives_being_saved(tmp_path):
    recipe = replace(
        RESIDUAL,
        activation="prelu",
        normalization="rms",
        funnel=True,
        dropout=0.1,
        drop_connect=0.1,
        input_noise=0.1,
        activation_noise=0.1,
        stochastic_depth=0.1,
        mixup=0.2,
        linear_path=True,
    )
    network = build_network(recipe, SHAPE)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(outputs(loaded), outputs(network))


@pytest.mark.parametrize("recipe", [SMALL, replace(CUSTOM, knobs=())], ids=lambda r: r.family)
def test_mixed_precision_leaves_raw_numbers_and_outputs_in_float32(recipe):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        network = build_network(recipe, SHAPE, architecture=own)
        assert keras.config.dtype_policy().name == "mixed_float16"
    finally:
        keras.config.set_dtype_policy("float32")
    far = {**ROWS, "numbers": np.full((10, 3), 1e6, "float32")}
    assert np.isfinite(network(far)).all()
    assert network.get_layer("scale").compute_dtype == network.get_layer("head").compute_dtype == "float32"
    assert network.get_layer("mine" if recipe.family == "custom" else "hidden_1").compute_dtype == "float16"


def test_the_precision_that_is_asked_for_is_that_of_the_hidden_layers_alone():
    network = build_network(replace(RESIDUAL, linear_path=True), SHAPE, precision="mixed_bfloat16")
    assert keras.config.dtype_policy().name == "float32"
    dtypes = {layer.name: layer.compute_dtype for layer in network.layers}
    assert dtypes["hidden_1"] == dtypes["add_1"] == "bfloat16"
    assert dtypes["scale"] == dtypes["features"] == dtypes["head"] == dtypes["linear_path"] == "float32"


def test_an_architecture_of_the_users_and_a_policy_of_the_users_are_left_alone():
    network = build_network(replace(CUSTOM, knobs=()), SHAPE, architecture=own, precision="mixed_bfloat16")
    assert network.get_layer("mine").compute_dtype == "float32"
    keras.config.set_dtype_policy("mixed_float16")
    try:
        network = build_network(SMALL, SHAPE, precision="mixed_bfloat16")
    finally:
        keras.config.set_dtype_policy("float32")
    assert network.get_layer("hidden_1").compute_dtype == "float16"


def test_a_custom_architecture_gets_the_features_the_outputs_and_its_knobs():
    seen = {}

    def build(inputs, n_outputs, units=1):
        seen.update(features=inputs.shape, n_outputs=n_outputs, units=units)
        return own(inputs, n_outputs, units)

    network = build_network(CUSTOM, SHAPE, architecture=build)
    assert seen == {"features": network.get_layer("features").output.shape, "n_outputs": 3, "units": 5}
    assert network.get_layer("mine").units == 5


def test_the_last_dense_layer_of_an_architecture_becomes_the_head():
    network = build_network(CUSTOM, SHAPE, architecture=own)
    assert isinstance(network.get_layer("head"), keras.layers.Dense)
    assert_bias_is_added(network, np.array([1.0, 2.0, 3.0], "float32"))


def ends_without_a_bias(inputs, n_outputs, units):
    return keras.layers.Dense(n_outputs, use_bias=False)(inputs)


def ends_with_a_sum(inputs, n_outputs, units):
    return keras.layers.Add()([own(inputs, n_outputs), keras.layers.Dense(n_outputs)(inputs)])


@pytest.mark.parametrize("build", [ends_without_a_bias, ends_with_a_sum])
def test_an_architecture_without_an_output_bias_gets_one(build):
    network = build_network(CUSTOM, SHAPE, architecture=build)
    assert type(network.get_layer("head")).__name__ == "OutputBias"
    assert_bias_is_added(network, np.array([1.0, 2.0, 3.0], "float32"))


def test_a_custom_architecture_may_have_a_linear_path_and_noise_too():
    recipe = replace(CUSTOM, linear_path=True, input_noise=0.1, mixup=0.2)
    found = [layer.name for layer in build_network(recipe, SHAPE, architecture=own).layers]
    assert {"linear_path", "input_noise", "mix_rows", "head"} <= set(found)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda inputs, n_outputs, units: keras.layers.Dense(7)(inputs), r"shape \(None, 7\) instead of \(None, 3\)"),
        (lambda inputs, n_outputs, units: keras.Sequential(), "Sequential instead of a KerasTensor"),
        (lambda inputs, n_outputs, units: None, "NoneType instead of a KerasTensor"),
        (lambda inputs, n_outputs, units: keras.layers.Dense(3)(keras.Input((2,))), "do not make a model"),
        (lambda inputs, n_outputs, units: own(keras.layers.Dense(4, name="mine")(inputs), 3), "used 2 times"),
    ],
)
def test_an_architecture_that_cannot_be_used_is_refused_by_name(build, words):
    with pytest.raises(UserError, match=words) as caught:
        build_network(CUSTOM, SHAPE, architecture=build)
    assert caught.value.where == "mine:build"


def test_a_custom_recipe_without_its_function_asks_for_it():
    with pytest.raises(UserError, match="'mine:build', which is not at hand"):
        build_network(CUSTOM, SHAPE)


def test_a_custom_network_repeats_for_its_seed():
    def build(inputs, n_outputs):
        return keras.layers.Dense(n_outputs)(keras.layers.Dense(4)(inputs))

    recipe = Recipe(family="custom", architecture="own:build", seed=7)
    first, again = (build_network(recipe, SHAPE, architecture=build).get_weights() for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
