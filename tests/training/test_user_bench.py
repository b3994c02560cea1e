from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
import keras  # noqa: E402  TensorFlow may be absent
import pandas as pd  # noqa: E402
from keras import layers, losses  # noqa: E402

from autorecipe.errors import UserError  # noqa: E402
from autorecipe.record.readings import NotMeasured  # noqa: E402
from autorecipe.training import probes  # noqa: E402
from autorecipe.training.inspect_network import inspect_network  # noqa: E402
from autorecipe.training.user_bench import user_bench  # noqa: E402

RNG = np.random.default_rng(0)
X = RNG.normal(size=(240, 5)).astype("float32")
TWO = (X[:, 0] > 0).astype("int64")
THREE = np.digitize(X[:, 0], [-0.5, 0.5])
VALUE = (3 + X @ np.arange(5)).astype("float32")


def model_of(*stack: keras.layers.Layer, loss: object, optimizer: object = "adam", built: bool = True) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([*([keras.Input((5,))] if built else []), *stack])
    model.compile(optimizer=optimizer, loss=loss)
    return model


def binary(**settings) -> keras.Model:
    return model_of(layers.Dense(16, "relu"), layers.Dense(1, "sigmoid"), **{"loss": "binary_crossentropy", **settings})


class Centred(layers.Layer):
    """Mixes rows: subtracts the mean over the batch."""

    def call(self, inputs):
        return inputs - keras.ops.mean(inputs, axis=0, keepdims=True)


def test_the_users_model_stays_as_it_is_bit_for_bit():
    model = model_of(
        layers.Dense(16, "relu"), layers.Dropout(0.3), layers.Dense(1, "sigmoid"), loss="binary_crossentropy"
    )
    model.fit(X, TWO, verbose=0)
    before = [v.numpy() for v in (*model.variables, *model.optimizer.variables)]
    place = user_bench(model, X, TWO)
    for name in probes.PROBES:
        probes.measure(place, name)
    inspect_network(place, epoch=1)
    place.take_steps(place.train, 10, rates=0.1, regularized=True)
    after = [v.numpy() for v in (*model.variables, *model.optimizer.variables)]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert place.network is not model
    assert place.optimizer is not model.optimizer


def test_the_clone_answers_as_the_model_does():
    model = binary()
    assert np.allclose(user_bench(model, X, TWO).outputs(X), model.predict(X, verbose=0), atol=1e-6)


def test_a_model_without_weights_stays_without():
    model = binary(built=False)
    place = user_bench(model, X, TWO)
    assert not model.weights
    assert place.outputs(X).shape == (240, 1)


def test_fresh_brings_the_first_state_back():
    place = user_bench(binary(), X, TWO)
    before = place.snapshot()
    first = place.take_steps(place.train, 5, rates=0.1)
    assert not np.array_equal(place.snapshot()[0], before[0])
    place.fresh()
    assert all(np.array_equal(a, b) for a, b in zip(before, place.snapshot(), strict=True))
    assert np.array_equal(place.take_steps(place.train, 5, rates=0.1), first)


@pytest.mark.parametrize(
    ("units", "activation", "loss", "y", "task", "n_classes"),
    [
        (1, "sigmoid", "binary_crossentropy", TWO, "binary", 2),
        (1, None, losses.BinaryCrossentropy(from_logits=True), TWO[:, None], "binary", 2),
        (2, "softmax", "sparse_categorical_crossentropy", TWO, "binary", 2),
        (3, "softmax", "sparse_categorical_crossentropy", THREE, "multiclass", 3),
        (3, None, losses.CategoricalCrossentropy(from_logits=True), np.eye(3)[THREE], "multiclass", 3),
        (1, None, "mse", VALUE, "regression", 1),
        (1, None, losses.Huber(), VALUE, "regression", 1),
        (1, None, "mae", TWO, "regression", 1),
        (3, "softmax", "mse", np.eye(3)[THREE], "multiclass", 3),
        (1, "sigmoid", "binary_crossentropy", VALUE, "regression", 1),
    ],
)
def test_the_task_is_read_off_loss_and_target(units, activation, loss, y, task, n_classes):
    found = user_bench(model_of(layers.Dense(units, activation), loss=loss), X, y).setup
    assert (found.task, found.n_classes) == (task, n_classes)


@pytest.mark.parametrize(
    ("loss", "outputs_are_logits"),
    [("binary_crossentropy", False), (losses.BinaryCrossentropy(from_logits=True), True), ("mse", False)],
)
def test_outputs_are_read_as_the_loss_reads_them(loss, outputs_are_logits):
    assert user_bench(binary(loss=loss), X, TWO).setup.outputs_are_logits == outputs_are_logits


def test_row_losses_are_those_of_keras():
    model = model_of(layers.Dense(3, "softmax"), loss="sparse_categorical_crossentropy")
    place = user_bench(model, X, THREE, validation_data=(X, THREE))
    expected = model.evaluate(X, THREE, verbose=0)
    assert place.row_losses(place.validation).mean() == pytest.approx(expected, rel=1e-5)
    assert place.plain_losses(place.outputs(X), THREE).mean() == pytest.approx(expected, rel=1e-5)


def test_a_loss_that_sums_grows_with_the_batch():
    summed = model_of(layers.Dense(1), loss=lambda y, p: keras.ops.sum(keras.ops.square(y - p)))
    place = user_bench(summed, X, VALUE)
    found = probes.duplication(place)
    assert found.losses[-1][1] == pytest.approx(32 * found.losses[0][1], rel=1e-4)
    rows = place.validation
    expected = (place.outputs(rows.x)[:, 0] - np.asarray(rows.y)) ** 2
    assert place.row_losses(rows) == pytest.approx(expected, rel=1e-4)


def test_the_rate_of_a_schedule_becomes_a_number():
    schedule = keras.optimizers.schedules.CosineDecay(0.0, 100, warmup_target=0.02, warmup_steps=100)
    setup = user_bench(binary(optimizer=keras.optimizers.SGD(schedule, momentum=0.9)), X, TWO).setup
    assert setup.learning_rate == pytest.approx(0.02)
    assert (setup.optimizer, setup.usual_rate) == ("sgd", 1e-2)


def test_rows_that_see_each_other_are_found():
    leaking = model_of(Centred(), layers.Dense(1, "sigmoid"), loss="binary_crossentropy")
    assert probes.cross_talk(user_bench(leaking, X, TWO)).largest_share > 0.01
    assert probes.cross_talk(user_bench(binary(), X, TWO)).largest_share == 0.0


def test_rows_of_codes_that_see_each_other_are_found():
    codes = RNG.integers(0, 20, (100, 3))
    shares = []
    for mixes in (True, False):
        middle = [Centred()] if mixes else []
        stack = [layers.Embedding(20, 4), layers.Flatten(), *middle, layers.Dense(1, "sigmoid")]
        model = keras.Sequential([keras.Input((3,), dtype="int32"), *stack])
        model.compile(loss="binary_crossentropy")
        shares.append(probes.cross_talk(user_bench(model, codes, TWO[:100])).largest_share)
    assert shares[0] > 0.01
    assert shares[1] == 0.0


def test_a_double_softmax_is_read_off():
    twice = model_of(layers.Dense(3, "softmax"), layers.Activation("softmax"), loss="sparse_categorical_crossentropy")
    found = probes.head(user_bench(twice, X, THREE))
    assert found.activations == ("softmax", "softmax")
    assert found.from_logits is False
    assert found.row_sum_low == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(("y", "width"), [(VALUE, 1), (VALUE.reshape(-1, 1), 1), (np.stack([VALUE, -VALUE], 1), 2)])
def test_the_head_says_how_many_values_a_row_has_to_predict(y, width):
    assert probes.head(user_bench(model_of(layers.Dense(width), loss="mse"), X, y)).label_width == width


def test_inputs_are_read_as_they_enter_with_their_names():
    frame = pd.DataFrame(X * 200 + 100, columns=list("abcde"))
    raw = probes.inputs(user_bench(binary(), frame, TWO))
    assert [column.name for column in raw.columns] == list("abcde")
    assert raw.columns[0].std > 100
    scaled = model_of(layers.BatchNormalization(), layers.Dense(1, "sigmoid"), loss="binary_crossentropy")
    assert probes.inputs(user_bench(scaled, frame, TWO)).columns[0].std == pytest.approx(1.0, abs=0.1)


def test_missing_inputs_are_counted_in_all_rows():
    holed = X.copy()
    holed[::4, 2] = np.nan
    found = probes.inputs(user_bench(binary(), holed, TWO, validation_data=(X, TWO)))
    assert [column.n_not_finite for column in found.columns] == [0, 0, 60, 0, 0]


def test_a_bias_for_rare_positives_is_worth_something():
    rare = (RNG.random(240) < 0.03).astype("int64")
    rare[:3] = 1
    place = user_bench(binary(), X, rare)
    plain, biased = probes.loss_at_start(place), probes.loss_with_prior_bias(place)
    assert plain.value > 2 * plain.prior
    assert biased.value < 1.5 * biased.prior


def test_a_model_that_was_trained_has_no_first_loss():
    model = binary()
    model.fit(X, TWO, verbose=0)
    found = probes.measure(user_bench(model, X, TWO), "loss_at_start")
    assert isinstance(found, NotMeasured)
    assert "trained before" in found.cause


def test_a_healthy_model_memorises_and_learns_and_chance_stays_chance():
    place = user_bench(binary(), X, TWO)
    tiny, found = probes.tiny_batch(place), probes.controls(place)
    assert tiny.best <= tiny.limit
    assert found.gain_over_zeroed > 2 * found.zeroed_error
    assert found.shuffled_gain <= 3 * found.shuffled_error


def test_knowledge_from_an_earlier_training_is_no_leak():
    model = binary(optimizer=keras.optimizers.Adam(1e-2))
    model.fit(X, TWO, epochs=20, verbose=0)
    model.optimizer.learning_rate = 1e-3
    found = probes.controls(user_bench(model, X, TWO))
    assert found.shuffled_gain <= 3 * found.shuffled_error


def test_smoothed_labels_can_be_memorised():
    smooth = losses.CategoricalCrossentropy(label_smoothing=0.2)
    model = model_of(layers.Dense(64, "relu"), layers.Dense(3, "softmax"), loss=smooth)
    found = probes.tiny_batch(user_bench(model, X, np.eye(3)[THREE]))
    assert found.best <= found.limit
    assert found.n_steps > 0


def test_a_normalization_for_training_alone_shows_as_a_gap():
    class Lopsided(layers.Layer):
        def call(self, inputs, training=False):
            return (inputs - keras.ops.mean(inputs, axis=0)) / keras.ops.std(inputs, axis=0) if training else inputs

    rows = X * 30 + 100
    model = model_of(Lopsided(), layers.Dense(16, "relu"), layers.Dense(1, "sigmoid"), loss="binary_crossentropy")
    found = probes.parity(user_bench(model, rows, TWO))
    assert found.inference_mode_loss > 2 * found.train_mode_loss


@pytest.mark.parametrize("width", [6, 8])
def test_a_subclassed_model_is_rebuilt_from_its_configuration(width):
    class Plain(keras.Model):
        def __init__(self, width=8):
            super().__init__()
            self.width, self.first, self.second = width, layers.Dense(width, "relu"), layers.Dense(1, "sigmoid")

        def call(self, inputs):
            return self.second(self.first(inputs))

        def get_config(self):
            return {"width": self.width}

    model = Plain(width)
    model.compile(loss="binary_crossentropy")
    model(X[:2])
    place = user_bench(model, X, TWO)
    assert place.network.first.units == width
    assert np.allclose(place.outputs(X), model.predict(X, verbose=0), atol=1e-6)


def test_a_subclassed_model_without_arguments_needs_no_configuration():
    class Plain(keras.Model):
        def __init__(self):
            super().__init__()
            self.only = layers.Dense(1, "sigmoid")

        def call(self, inputs):
            return self.only(inputs)

    model = Plain()
    model.compile(loss="binary_crossentropy")
    model(X[:2])
    assert np.allclose(user_bench(model, X, TWO).outputs(X), model.predict(X, verbose=0), atol=1e-6)


def test_what_is_frozen_stays_frozen():
    inner = keras.Sequential([keras.Input((5,)), layers.Dense(8, "relu"), layers.Dense(4, "relu")])
    inner.layers[0].trainable = False
    place = user_bench(model_of(inner, layers.Dense(1, "sigmoid"), loss="binary_crossentropy"), X, TWO)
    assert len(place.network.trainable_variables) == 4
    assert len(place.network.variables) - len(place.network.trainable_variables) >= 2


class FromLayers(keras.Model):
    """Cannot be rebuilt: its configuration says nothing of its layers."""

    def __init__(self, stack):
        super().__init__()
        self.stack = stack

    def call(self, inputs):
        for layer in self.stack:
            inputs = layer(inputs)
        return inputs


class OwnStep(keras.Model):
    def train_step(self, data):
        return {}


def uncopied() -> keras.Model:
    model = FromLayers([layers.Dense(1)])
    model(X[:2])
    model.compile(loss="mse")
    return model


def own_step() -> keras.Model:
    inputs = keras.Input((5,))
    model = OwnStep(inputs, layers.Dense(1)(inputs))
    model.compile(loss="mse")
    return model


def two_outputs() -> keras.Model:
    inputs = keras.Input((5,))
    model = keras.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(1)(inputs)])
    model.compile(loss=["mse", "mse"])
    return model


def not_compiled() -> keras.Model:
    return keras.Sequential([keras.Input((5,)), layers.Dense(1)])


@pytest.mark.parametrize(
    ("make", "x", "y", "says"),
    [
        (not_compiled, X, VALUE, "is not compiled"),
        (two_outputs, X, VALUE, "one output at a time"),
        (own_step, X, VALUE, "a train_step of its own"),
        (uncopied, X, VALUE, "give its class a get_config"),
        (binary, X[:, :3], TWO, "cannot be called on rows of shape"),
        (binary, X, TWO[:-1], "X has 240 rows, y has 239"),
        (binary, X.astype(str), TWO, "expected an array of numbers"),
        (binary, X[:10], TWO[:10], "at least 20"),
        (lambda: model_of(layers.Dense(3, "sigmoid"), loss="binary_crossentropy"), X, np.ones((240, 3)), "at once"),
        (lambda: model_of(layers.Reshape((5, 1)), loss="mse"), X, VALUE, "expected (8, n_outputs)"),
    ],
)
def test_what_cannot_be_checked_is_refused_with_a_way_out(make, x, y, says):
    with pytest.raises(UserError, match=says.replace("(", r"\(").replace(")", r"\)")):
        user_bench(make(), x, y)
