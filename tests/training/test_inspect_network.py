from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
import keras  # noqa: E402  TensorFlow may be absent
from keras import initializers, layers  # noqa: E402
from small_data import recipe_for, small_data, small_trainer  # noqa: E402

from autorecipe.record.network_readings import LayerReading  # noqa: E402
from autorecipe.training.bench import Bench  # noqa: E402
from autorecipe.training.inspect_network import expected_std, inspect_network  # noqa: E402
from autorecipe.training.own_bench import own_bench  # noqa: E402
from autorecipe.training.user_bench import user_bench  # noqa: E402

X = np.random.default_rng(0).normal(size=(200, 6)).astype("float32")
Y = (X[:, 0] > 0).astype("int64")
TRAINER = small_trainer(small_data("binary"))


def own(**edits) -> Bench:
    recipe = recipe_for("binary", width=16, depth=2, **edits)
    return own_bench(TRAINER.prepare(recipe, 0), recipe, task="binary", n_classes=2, metric=None)


def users(*stack: keras.layers.Layer, optimizer: object = "adam") -> Bench:
    model = keras.Sequential([keras.Input((6,)), *stack])
    model.compile(optimizer=optimizer, loss="binary_crossentropy")
    return user_bench(model, X, Y)


def layers_of(place: Bench) -> dict[str, LayerReading]:
    return {layer.name: layer for layer in inspect_network(place, epoch=0).layers}


def dense(units: int, activation: str = "linear", name: str = "looked_at", **settings) -> keras.layers.Layer:
    return layers.Dense(units, activation=activation, name=name, **settings)


def test_looking_changes_nothing():
    place = own(dropout=0.3, normalization="batch", l2=1e-3)
    before = place.snapshot()
    first, second = inspect_network(place, epoch=2), inspect_network(place, epoch=2)
    assert repr(first) == repr(second)  # NaN is not equal to itself
    assert all(np.array_equal(a, b) for a, b in zip(before, place.snapshot(), strict=True))


def test_an_own_network_is_seen_from_the_first_kernel_to_the_last():
    found = layers_of(own(linear_path=True))
    assert set(found) == {"hidden_1", "hidden_2", "head", "linear_path"}
    assert {name for name, layer in found.items() if layer.is_first} == {"hidden_1", "linear_path"}
    assert {name for name, layer in found.items() if layer.is_last} == {"head", "linear_path"}
    assert (found["hidden_1"].activation, found["head"].activation) == ("relu", "linear")
    assert found["hidden_1"].kernel_std == pytest.approx(found["hidden_1"].expected_kernel_std, rel=0.2)
    assert found["hidden_1"].update_ratio > 0
    assert found["linear_path"].update_ratio is None  # its kernel is zero


@pytest.mark.parametrize(
    ("initializer", "shape"),
    [
        (initializers.HeNormal(1), (300, 200)),
        (initializers.GlorotUniform(1), (300, 200)),
        (initializers.LecunNormal(1), (3, 3, 40, 60)),
        (initializers.Orthogonal(seed=1), (300, 200)),
        (initializers.Orthogonal(gain=2.0, seed=1), (100, 300)),
        (initializers.RandomNormal(stddev=0.3, seed=1), (300, 200)),
        (initializers.TruncatedNormal(stddev=0.3, seed=1), (300, 200)),
        (initializers.RandomUniform(-0.1, 0.3, seed=1), (300, 200)),
        (initializers.Zeros(), (300, 200)),
        (initializers.Constant(3.0), (300, 200)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_expected_spread_is_what_the_initializer_draws(initializer, shape):
    drawn = np.asarray(initializer(shape))
    assert expected_std(initializer, shape) == pytest.approx(float(drawn.std()), rel=0.02, abs=1e-6)


def test_the_spread_of_an_unknown_initializer_is_not_guessed():
    class Own(initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return keras.ops.ones(shape)

    assert np.isnan(expected_std(Own(), (3, 4)))


def test_units_that_never_fire_are_counted_one_by_one():
    bias = initializers.Constant([0.0, -100.0, 0.0, -100.0])
    found = layers_of(users(dense(4, "relu", bias_initializer=bias), layers.Dense(1, "sigmoid")))
    assert found["looked_at"].dead_share == 0.5


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
@pytest.mark.parametrize("apart", [False, True])
def test_saturation_is_read_before_the_activation(name, apart):
    wide = initializers.RandomNormal(stddev=20.0, seed=0)
    own = dense(8, "linear" if apart else name, kernel_initializer=wide)
    found = layers_of(users(own, *([layers.Activation(name)] if apart else []), layers.Dense(1, "sigmoid")))
    assert found["looked_at"].activation == name
    assert found["looked_at"].saturated_share > 0.8


def test_an_activation_behind_a_normalization_belongs_to_the_layer_before_it():
    stack = (dense(8), layers.BatchNormalization(), layers.Dropout(0.2), layers.ReLU(), layers.Dense(1, "sigmoid"))
    assert layers_of(users(*stack))["looked_at"].activation == "relu"


def test_an_activation_without_a_layer_is_recognised():
    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.first = dense(8)
            self.second = layers.Dense(1, activation="sigmoid", name="second")

        def call(self, inputs):
            return self.second(keras.ops.tanh(self.first(inputs)))

    model = Subclassed()
    model.compile(loss="binary_crossentropy")
    found = layers_of(user_bench(model, X, Y))
    assert found["looked_at"].activation == "tanh"
    assert (found["looked_at"].is_first, found["second"].is_last) == (True, True)


def test_the_update_ratio_is_that_of_one_step():
    kernel = initializers.Constant(0.5)
    step = users(dense(1, "sigmoid", kernel_initializer=kernel), optimizer=keras.optimizers.Adam(0.01))
    assert layers_of(step)["looked_at"].update_ratio == pytest.approx(0.01 / 0.5, rel=1e-3)  # Adam's first step


def test_a_frozen_kernel_has_no_update_and_no_gradient():
    frozen = dense(8, "relu")
    frozen.trainable = False
    found = layers_of(users(frozen, layers.Dense(1, "sigmoid")))
    assert found["looked_at"].update_ratio is None
    assert found["looked_at"].gradient_norm == 0.0


def test_a_layer_that_the_loss_does_not_reach_does_not_move():
    inputs = keras.Input((6,))
    cut = keras.ops.stop_gradient(dense(8, "relu")(inputs))
    model = keras.Model(inputs, layers.Dense(1, "sigmoid")(cut))
    model.compile(loss="binary_crossentropy", optimizer="adam")
    assert layers_of(user_bench(model, X, Y))["looked_at"].update_ratio == 0.0


def test_penalties_are_weighed_against_the_data():
    weak, strong = (inspect_network(own(l2=l2), epoch=0).penalty_share for l2 in (1e-4, 1.0))
    assert inspect_network(own(), epoch=0).penalty_share == 0.0
    assert strong == pytest.approx(1e4 * weak, rel=1e-3)
    assert strong > 1


@pytest.mark.parametrize(
    "stack",
    [
        lambda: (layers.Reshape((6, 1)), layers.LSTM(4)),
        lambda: (layers.Reshape((6, 1)), layers.Conv1D(4, 2, activation="elu"), layers.Flatten()),
    ],
    ids=["recurrent", "convolutional"],
)
def test_recurrent_and_convolutional_layers_are_seen(stack):
    made = stack()
    found = list(layers_of(users(*made, layers.Dense(1, "sigmoid"))).values())
    assert [layer.kind for layer in found] == [type(made[1]).__name__, "Dense"]
    assert found[0].gradient_norm > 0
    assert found[0].n_units == 4
