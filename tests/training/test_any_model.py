from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from autorecipe.errors import UserError
from autorecipe.training.plan import TrainingPlan

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
import keras  # noqa: E402  TensorFlow may be absent

from autorecipe import train  # noqa: E402
from autorecipe.training.callbacks import first_batch_listener, hears_batches  # noqa: E402
from autorecipe.training.compiled_model import suits_xla  # noqa: E402
from autorecipe.training.steps import Steps  # noqa: E402

RANDOM = np.random.default_rng(0)
N_ROWS, N_VALIDATION = 200, 60
X = RANDOM.normal(size=(N_ROWS + N_VALIDATION, 4)).astype("float32")
Y = (X @ RANDOM.normal(size=(4, 3))).argmax(axis=1)
X, X_VALIDATION, Y, Y_VALIDATION = X[:N_ROWS], X[N_ROWS:], Y[:N_ROWS], Y[N_ROWS:]
VALIDATION = (X_VALIDATION, Y_VALIDATION)
IN_ORDER = TrainingPlan(epochs=2, batch_size=64, shuffle=False)  # the last batch has 8 rows
EVERYTHING = TrainingPlan(
    epochs=3, batch_size=64, schedule="cosine", warm_up_share=0.2, clip_norm=0.1, ema_decay=0.8, seed=5
)
ROOT = Path(__file__).parents[2]


class HearsBatches(keras.callbacks.Callback):
    """Counts batches."""

    n_batches = 0

    def on_train_batch_end(self, batch, logs=None):
        self.n_batches += 1


class Traced(keras.layers.Layer):
    """Passes its input on and counts how often it is built into a graph."""

    n_graphs = 0

    def call(self, inputs):
        self.n_graphs += not tf.executing_eagerly()
        return inputs


def classifier(*extra, rate=0.02, loss="sparse_categorical_crossentropy", metrics=(), optimizer=None):
    """A compiled network of three classes with a penalty, and the same first weights each time."""
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(8, activation="tanh", kernel_regularizer=keras.regularizers.L2(0.01)), *extra]
    model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(3, activation="softmax")])
    model.compile(optimizer or keras.optimizers.Adam(rate), loss=loss, metrics=list(metrics))
    return model


def assert_same_weights(a, b):
    for one, other in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def two_headed():
    """Two inputs, two outputs by name, losses of different weight."""
    keras.utils.set_random_seed(2)
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    both = keras.layers.Dense(6, activation="relu")(keras.layers.Concatenate()([left, right]))
    outputs = {"kind": keras.layers.Dense(3, name="kind")(both), "size": keras.layers.Dense(1, name="size")(both)}
    model = keras.Model({"left": left, "right": right}, outputs)
    kind = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss={"kind": kind, "size": "mse"}, loss_weights={"kind": 1.0, "size": 0.3})
    return model


def test_without_shuffling_it_ends_where_model_fit_ends():
    ours, theirs, weight = classifier(), classifier(), RANDOM.uniform(0, 2, N_ROWS)
    found = train(ours, X, Y, plan=IN_ORDER, validation_data=VALIDATION, sample_weight=weight)
    expected = theirs.fit(
        X, Y, batch_size=64, epochs=2, shuffle=False, validation_data=VALIDATION, sample_weight=weight, verbose=0
    )
    assert_same_weights(ours, theirs)
    assert found.history.keys() == expected.history.keys()
    for name, values in expected.history.items():
        assert found.history[name] == pytest.approx(values, rel=1e-4)
    assert int(ours.optimizer.iterations) == int(theirs.optimizer.iterations)


def test_several_inputs_and_outputs_train_as_in_model_fit():
    x, y = {"left": X, "right": X[::-1].copy()}, {"kind": Y, "size": X[:, :1] * 2.0}
    ours, theirs = two_headed(), two_headed()
    found = train(ours, x, y, plan=IN_ORDER, validation_data=(x, y))
    expected = theirs.fit(x, y, batch_size=64, epochs=2, shuffle=False, validation_data=(x, y), verbose=0)
    assert_same_weights(ours, theirs)
    assert found.history["val_loss"] == pytest.approx(expected.history["val_loss"], rel=1e-4)
    # Keras averages the losses of single outputs over batches, however small the last: one batch has the plain mean
    whole = theirs.evaluate(x, y, batch_size=N_ROWS, return_dict=True, verbose=0)
    assert found.history["val_kind_loss"][-1] == pytest.approx(whole["kind_loss"], rel=1e-4)


def test_statistics_of_a_batch_are_learned_as_in_model_fit():
    ours, theirs = (classifier(keras.layers.BatchNormalization()) for _ in range(2))
    train(ours, X[:192], Y[:192], plan=IN_ORDER)
    theirs.fit(X[:192], Y[:192], batch_size=64, epochs=2, shuffle=False, verbose=0)
    assert_same_weights(ours, theirs)


def test_a_subclassed_model_that_was_never_called_is_built_and_trained():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden, self.head = keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)

        def call(self, inputs):
            return self.head(self.hidden(inputs))

    model = Net()
    model.compile("adam", loss="mse")
    losses = train(model, X, X[:, 0] + 1.0, plan=TrainingPlan(epochs=8, batch_size=16)).history["loss"]
    assert losses[-1] < 0.7 * losses[0]


def test_metrics_of_both_parts_are_those_that_evaluate_finds():
    model = classifier(metrics=["accuracy"])
    history = train(model, X, Y, plan=TrainingPlan(epochs=2), validation_data=VALIDATION).history
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert history["accuracy"][-1] == pytest.approx(model.evaluate(X, Y, verbose=0)[1])
    loss, accuracy = model.evaluate(*VALIDATION, verbose=0)
    assert (history["val_loss"][-1], history["val_accuracy"][-1]) == pytest.approx((loss, accuracy))


def test_the_seed_gives_the_order_of_the_rows():
    first, again, other = (
        train(classifier(), X, Y, plan=TrainingPlan(epochs=2, batch_size=32, seed=seed)).history["loss"]
        for seed in (3, 3, 4)
    )
    assert first == again != other


@pytest.mark.parametrize("plan", [TrainingPlan(epochs=2, batch_size=64), EVERYTHING], ids=["plain", "everything"])
def test_model_fit_behind_a_batch_callback_ends_where_the_loop_ends(plan):
    ours, theirs, counter = classifier(), classifier(), HearsBatches()
    found = train(ours, X, Y, plan=plan, validation_data=VALIDATION)
    with pytest.warns(UserWarning, match=r"through Model\.fit.* callback HearsBatches"):
        other = train(theirs, X, Y, plan=plan, validation_data=VALIDATION, callbacks=[counter])
    assert counter.n_batches == 4 * plan.epochs
    assert_same_weights(ours, theirs)
    for name, values in found.history.items():
        assert other.history[name] == pytest.approx(values, rel=1e-4)
    for model in (ours, theirs):
        assert float(model.optimizer.learning_rate) == pytest.approx(0.02)


def test_data_beyond_the_share_of_memory_are_read_batch_by_batch(tmp_path):
    mapped = np.memmap(tmp_path / "x", dtype="float32", mode="w+", shape=X.shape)
    mapped[:] = X
    plan, small = (TrainingPlan(epochs=2, batch_size=64, memory_share=share) for share in (1.0, 1e-12))
    ours, theirs = classifier(), classifier()
    train(ours, mapped, Y, plan=plan)
    with pytest.warns(UserWarning, match=r"a copy of the data takes 4,800 bytes, more than 0% of"):
        train(theirs, mapped, Y, plan=small)
    assert_same_weights(ours, theirs)


def test_a_second_call_compiles_nothing_anew():
    traced = Traced()
    model = classifier(traced, metrics=["accuracy"])
    train(model, X, Y, plan=TrainingPlan(batch_size=64, clip_norm=1.0), validation_data=VALIDATION)
    n_graphs = traced.n_graphs
    model.optimizer.learning_rate = 0.5
    other = TrainingPlan(epochs=3, batch_size=64, clip_norm=2.0, schedule="linear", seed=9)
    train(model, X[:150], Y[:150], plan=other, validation_data=VALIDATION)
    assert traced.n_graphs == n_graphs > 0


def test_compiling_a_model_again_changes_what_it_is_trained_for():
    model = classifier()
    train(model, X, Y)
    model.compile("adam", loss="categorical_crossentropy")
    with pytest.raises(UserError, match=r"a row of the target has shape \(\)"):
        train(model, X, Y)
    model.compile(keras.optimizers.SGD(0.0), loss="mse")
    target = np.zeros((N_ROWS, 3))
    loss = train(model, X, target).history["loss"][0]
    assert loss == pytest.approx(model.evaluate(X, target, verbose=0), rel=1e-4)


def test_a_frozen_layer_stays_as_it_is():
    model = classifier()
    train(model, X, Y)
    model.layers[0].trainable = False
    model.compile("adam", loss="sparse_categorical_crossentropy")
    before = [w.copy() for w in model.layers[0].get_weights()]
    train(model, X, Y)
    for was, now in zip(before, model.layers[0].get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_the_optimizer_goes_on_where_it_stopped():
    once, twice = classifier(), classifier()
    train(once, X, Y, plan=IN_ORDER)
    for _ in range(2):
        train(twice, X, Y, plan=TrainingPlan(epochs=1, batch_size=64, shuffle=False))
    assert_same_weights(once, twice)


def test_callbacks_between_epochs_work_in_the_compiled_loop(tmp_path):
    model, seen = classifier(rate=1e-9), []
    callbacks = [
        keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.1, min_delta=1.0),
        keras.callbacks.EarlyStopping(patience=3, min_delta=1.0),
        keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        keras.callbacks.TensorBoard(tmp_path / "board"),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs["val_loss"])),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # which would say that training goes through Model.fit
        history = train(model, X, Y, plan=TrainingPlan(epochs=9), validation_data=VALIDATION, callbacks=callbacks)
    assert history.epoch == [0, 1, 2, 3]
    assert float(model.optimizer.learning_rate) < 1e-11
    assert seen == history.history["val_loss"]
    assert sorted(p.name for p in tmp_path.glob("*.h5")) == [f"{i}.weights.h5" for i in (1, 2, 3, 4)]
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 5
    assert list((tmp_path / "board").rglob("events*"))


def test_early_stopping_gives_back_the_best_weights_of_the_average():
    model = classifier(rate=0.3)
    stopping = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    plan = TrainingPlan(epochs=30, batch_size=16, ema_decay=0.5)
    history = train(model, X, Y, plan=plan, validation_data=VALIDATION, callbacks=[stopping]).history
    assert len(history["val_loss"]) < 30
    assert model.evaluate(*VALIDATION, verbose=0) == pytest.approx(min(history["val_loss"]), rel=1e-4)


def test_a_rate_set_at_the_begin_of_an_epoch_is_the_one_that_the_schedule_multiplies():
    still = keras.callbacks.LearningRateScheduler(lambda epoch: 0.0)
    for callbacks in ([still], [still, HearsBatches()]):
        model = classifier()
        before = model.get_weights()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            train(model, X, Y, plan=TrainingPlan(schedule="cosine"), callbacks=callbacks)
        for was, now in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(was, now)


def test_what_a_callback_raises_is_raised():
    def fail(epoch, logs):
        raise RuntimeError("no room for the checkpoint")

    with pytest.raises(RuntimeError, match="no room for the checkpoint"):
        train(classifier(), X, Y, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=fail)])


@pytest.mark.parametrize(
    ("callback", "hears"),
    [
        (keras.callbacks.Callback(), False),
        (keras.callbacks.EarlyStopping(), False),
        (keras.callbacks.ModelCheckpoint("x.keras"), False),
        (keras.callbacks.ModelCheckpoint("x.keras", save_freq=10), True),
        (keras.callbacks.TensorBoard(update_freq=5), True),
        (keras.callbacks.LambdaCallback(on_train_batch_end=print), True),
        (keras.callbacks.TerminateOnNaN(), True),
        (HearsBatches(), True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, keras.callbacks.Callback) else str(value),
)
def test_only_an_overridden_hook_for_batches_counts(callback, hears):
    assert hears_batches(callback) is hears
    assert first_batch_listener([keras.callbacks.CSVLogger("x"), callback]) == (
        type(callback).__name__ if hears else ""
    )


def test_ctrl_c_between_slices_leaves_the_weights_it_has_reached(monkeypatch):
    model, taken, take = classifier(), [], Steps.take
    before = model.get_weights()

    def interrupted(self, *data, **given):
        if len(taken) == 3:
            raise KeyboardInterrupt
        taken.append(len(given["batches"]))
        return take(self, *data, **given)

    monkeypatch.setattr(Steps, "take", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(model, X, Y, plan=TrainingPlan(epochs=9, batch_size=8, schedule="cosine", ema_decay=0.5))
    assert int(model.optimizer.iterations) == sum(taken)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.02)
    assert np.isfinite(model.get_weights()[0]).all()
    assert not np.array_equal(before[0], model.get_weights()[0])


@pytest.mark.filterwarnings("ignore:training goes through:UserWarning")
def test_ctrl_c_in_model_fit_leaves_the_plain_rate_and_the_averaged_weights():
    class Interrupts(HearsBatches):
        def on_train_batch_end(self, batch, logs=None):
            self.reached = self.model.get_weights()
            if batch == 2:
                raise KeyboardInterrupt

    model, callback = classifier(), Interrupts()
    with pytest.raises(KeyboardInterrupt):
        train(model, X, Y, plan=TrainingPlan(batch_size=8, schedule="cosine", ema_decay=0.5), callbacks=[callback])
    assert float(model.optimizer.learning_rate) == pytest.approx(0.02)
    assert np.isfinite(model.get_weights()[0]).all()
    assert not np.array_equal(callback.reached[0], model.get_weights()[0])


@pytest.mark.filterwarnings("ignore:training goes through:UserWarning")
@pytest.mark.parametrize("callbacks", [[], [HearsBatches()]], ids=["loop", "Model.fit"])
def test_training_that_blows_up_ends_with_the_weights_from_before(callbacks):
    model = classifier(optimizer=keras.optimizers.SGD(1e36))
    before = model.get_weights()
    with pytest.warns(UserWarning, match="training stopped in epoch 1, where the loss or a weight"):
        history = train(model, X, Y, plan=TrainingPlan(epochs=5, batch_size=16), callbacks=callbacks)
    assert len(history.epoch) == 1
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_a_train_step_of_ones_own_is_kept():
    class Doubled(keras.Sequential):
        n_own = 0

        def train_step(self, data):
            type(self).n_own += 1
            return super().train_step(data)

    model = Doubled([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("adam", loss="mse")
    with pytest.warns(UserWarning, match="Doubled has a train_step of its own"):
        train(model, X, X[:, 0])
    assert Doubled.n_own > 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"loss": keras.losses.SparseCategoricalCrossentropy(reduction="sum")}, "reduction='sum'"),
        ({"optimizer": keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 9))}, "schedule of the opti"),
    ],
    ids=["sum", "schedule"],
)
def test_what_the_loop_cannot_keep_goes_through_model_fit(settings, said):
    with pytest.warns(UserWarning, match=said):
        history = train(classifier(**settings), X, Y, plan=TrainingPlan(batch_size=64, ema_decay=0.5))
    assert np.isfinite(history.history["loss"]).all()


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_a_network_of_mixed_precision_trains(precision):
    keras.config.set_dtype_policy(precision)
    try:
        model = classifier()
    finally:
        keras.config.set_dtype_policy("float32")
    losses = train(model, X, Y, plan=TrainingPlan(epochs=4, batch_size=16)).history["loss"]
    assert model.layers[0].compute_dtype == precision.removeprefix("mixed_")
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]


def test_xla_is_for_many_steps_of_dense_networks():
    image = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten()])
    assert suits_xla(classifier(), n_steps=10**6)
    assert not suits_xla(classifier(), n_steps=10)
    assert not suits_xla(image, n_steps=10**6)


def test_xla_ends_where_the_plain_graph_ends():
    plain, fast = classifier(), classifier()
    for model, with_xla in ((plain, False), (fast, True)):
        train(model, X, Y, plan=TrainingPlan(epochs=2, batch_size=64, with_xla=with_xla))
    assert_same_weights(plain, fast)


def test_the_batch_goes_by_the_rows():
    auto = TrainingPlan()
    assert [auto.batch_for(n) for n in (10, 1024, 1025, 20_000, 100_000, 10**6)] == [64, 64, 128, 256, 512, 1024]
    assert TrainingPlan(batch_size=48).batch_for(10**6) == 48


def test_epochs_stand_in_for_the_plans():
    assert len(train(classifier(), X, Y, epochs=2).history["loss"]) == 2
    assert len(train(classifier(), X, Y, plan=TrainingPlan(epochs=5, batch_size=64), epochs=1).history["loss"]) == 1


def test_a_batch_beyond_the_rows_is_all_rows():
    models = classifier(), classifier()
    for model, size in zip(models, (N_ROWS, 10**7), strict=True):
        train(model, X, Y, plan=TrainingPlan(batch_size=size, shuffle=False))
    assert_same_weights(*models)


BROKEN_X = X.copy()
BROKEN_X[7, 2] = np.nan


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"x": X[:90]}, r"200 rows, but x has 90\nwhere: y\n"),
        ({"x": BROKEN_X}, r"nan in row 7, column 2 .*\nwhere: x\nfix: fill missing cells"),
        ({"x": X[:0], "y": Y[:0]}, r"there are no rows\nwhere: x"),
        ({"x": X[:, :2]}, r"the model cannot be called on rows of shape .*\nwhere: x\nfix: .*4"),
        ({"x": X.astype(str)}, r"dtype <U\d+, expected numbers"),
        ({"y": np.eye(3)[Y]}, r"shape \(3,\), expected \(\): one label\nwhere: y\nfix: .*categorical_cross"),
        ({"y": Y + 1}, r"labels run from 1 to 3, but the model has 3 outputs\nwhere: y"),
        ({"sample_weight": np.ones(5)}, r"shape \(5,\), expected \(200,\)\nwhere: sample_weight"),
        ({"sample_weight": -np.ones(N_ROWS)}, r"the smallest weight is -1\nwhere: sample_weight"),
        ({"validation_data": (X[:, :2], Y)}, r"a row of x has shape \(2,\), expected \(4,\).*\nwhere: validation"),
        ({"validation_data": (X, Y[:9])}, r"9 rows, but validation_data: x has 200\nwhere: validation_data: y"),
        ({"validation_data": X}, r"ndarray, expected \(x, y\).*\nwhere: validation_data"),
    ],
)
def test_wrong_input_says_what_where_and_how_to_mend_it(given, said):
    with pytest.raises(UserError, match=said):
        train(classifier(), given.pop("x", X), given.pop("y", Y), **given)


def test_a_target_of_another_width_is_not_broadcast():
    with pytest.raises(
        UserError, match=r"target has shape \(4,\), but the model's output has \(3,\)\nwhere: y\nfix: give"
    ):
        train(classifier(loss="mse"), X, X)


def test_a_model_that_cannot_be_trained_is_told_why():
    with pytest.raises(UserError, match=r"is not compiled\nwhere: model\nfix: model\.compile"):
        train(keras.Sequential([keras.layers.Dense(1)]), X, Y)
    still = classifier()
    still.trainable = False
    with pytest.raises(UserError, match="no weight of the model is trainable"):
        train(still, X, Y)
    with pytest.raises(UserError, match=r"str, expected a keras\.Model"):
        train("model", X, Y)


@pytest.mark.parametrize(
    ("optimizer", "plan", "said"),
    [
        (keras.optimizers.Adam(clipnorm=1.0), TrainingPlan(clip_norm=1.0), "the optimizer's clipnorm both clip"),
        (keras.optimizers.Adam(use_ema=True), TrainingPlan(ema_decay=0.9), "use_ema both average"),
        (
            keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 9)),
            TrainingPlan(schedule="linear"),
            "a schedule of its own, and the plan has another: linear",
        ),
    ],
    ids=["clip", "average", "schedule"],
)
def test_plan_and_optimizer_must_not_do_the_same_twice(optimizer, plan, said):
    with pytest.raises(UserError, match=said):
        train(classifier(optimizer=optimizer), X, Y, plan=plan)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"schedule": "cosin"}, r"schedule is 'cosin', expected 'cosine'\nwhere: TrainingPlan"),
        ({"epochs": 0}, "epochs is 0"),
        ({"batch_size": 0}, "batch_size is 0, expected 'auto' or"),
        ({"ema_decay": 1.0}, "ema_decay is 1.0"),
        ({"warm_up_share": -0.1}, "warm_up_share is -0.1"),
        ({"memory_share": 0.0}, "memory_share is 0.0"),
        ({"clip_norm": -1.0}, "clip_norm is -1.0"),
        ({"epochs": "3"}, "epochs is '3', expected a whole number from 1"),
        ({"epochs": 2.5}, "epochs is 2.5, expected a whole number from 1"),
        ({"epochs": True}, "epochs is True"),
        ({"batch_size": 32.0}, "batch_size is 32.0"),
        ({"warm_up_share": "0.1"}, "warm_up_share is '0.1'"),
        ({"clip_norm": None}, "clip_norm is None"),
        ({"ema_decay": "0.9"}, "ema_decay is '0.9'"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"shuffle": "no"}, "shuffle is 'no'"),
        ({"with_xla": "yes"}, "with_xla is 'yes'"),
        ({"memory_share": "half"}, "memory_share is 'half'"),
    ],
)
def test_a_plan_refuses_values_of_another_type_or_outside_their_range(values, said):
    with pytest.raises(UserError, match=said):
        TrainingPlan(**values)


def test_a_plan_takes_the_numbers_of_numpy():
    assert TrainingPlan(epochs=np.int64(3), clip_norm=np.float32(1.0)).epochs == 3


def test_the_speed_benchmark_prints_what_it_measured(capsys):
    path = ROOT / "benchmarks" / "training_speed.py"
    spec = importlib.util.spec_from_file_location("training_speed", path)
    benchmark = importlib.util.module_from_spec(spec)
    sys.modules["training_speed"] = benchmark  # its dataclasses look their module up
    spec.loader.exec_module(benchmark)
    benchmark.main(["--quick"])
    (row,) = [
        line for line in capsys.readouterr().out.splitlines() if line.startswith("| 3 x 64 | 256 |") and "%" in line
    ]
    default, loop, gain = (float(cell.replace(",", "")) for cell in row.split("|")[3:6])
    assert gain == pytest.approx(default / loop, rel=0.1)
