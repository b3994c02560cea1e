from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from sklearn.metrics import log_loss

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from small_data import recipe_for, small_data, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.record.readings import NotMeasured, Preflight  # noqa: E402
from autorecipe.training import probes  # noqa: E402
from autorecipe.training.bench import Bench, BenchRows  # noqa: E402
from autorecipe.training.learning_rate import PRIOR_RANGE  # noqa: E402
from autorecipe.training.own_bench import own_bench  # noqa: E402
from autorecipe.training.probes.tiny_batch import conflict_free_rows  # noqa: E402
from autorecipe.training.trainer import NetworkTrainer  # noqa: E402

TASKS = ("binary", "multiclass", "regression")
DATA = {task: small_data(task) for task in TASKS}
TRAINERS = {task: small_trainer(DATA[task]) for task in TASKS}
SIZE = {"width": 32, "depth": 2, "learning_rate": 1e-3}
each_task = pytest.mark.parametrize("task", TASKS)


def bench(task: str = "binary", *, trainer: NetworkTrainer | None = None, **edits) -> Bench:
    trainer, recipe = trainer or TRAINERS[task], dataclasses.replace(recipe_for(task, **SIZE), **edits)
    data = trainer.data
    return own_bench(
        trainer.prepare(recipe, 0), recipe, task=data.task, n_classes=data.n_classes, metric=trainer.metric
    )


def with_rows(place: Bench, **edits) -> Bench:
    """The bench with other training rows."""
    place.train = dataclasses.replace(place.train, **edits)
    return place


def weighted(task: str, weight: np.ndarray) -> NetworkTrainer:
    """The trainer of a task with other weights, and the graphs of the plain one."""
    trainer = small_trainer(dataclasses.replace(DATA[task], weight=weight.astype("float32")))
    trainer._graphs = TRAINERS[task]._graphs
    return trainer


def is_memorised(found) -> bool:
    return found.best <= found.limit and found.accuracy == 1.0 and found.n_steps > 0


def test_every_probe_fills_the_field_of_its_name():
    assert list(probes.PROBES) == [field.name for field in dataclasses.fields(Preflight)]


@pytest.mark.parametrize(
    ("task", "expected"), [("binary", math.log(2)), ("multiclass", math.log(3)), ("regression", 1)]
)
def test_before_training_a_network_knows_nothing(task, expected):
    found = probes.loss_at_start(bench(task))
    assert found.ignorance == pytest.approx(expected, rel=1e-4)
    assert found.value == pytest.approx(expected, rel=0.02)


@each_task
def test_the_bias_knows_the_prior(task):
    found = probes.loss_with_prior_bias(bench(task))
    assert found.value == pytest.approx(found.prior, rel=0.1)
    if task != "regression":
        data = DATA[task]
        rows = data.fold(0).train
        share = np.bincount(data.y[rows], weights=data.weight[rows], minlength=data.n_classes) / data.weight[rows].sum()
        entropy = log_loss(data.y[rows], np.tile(share, (len(rows), 1)), sample_weight=data.weight[rows])
        assert found.prior == pytest.approx(entropy)
        assert found.value < probes.loss_at_start(bench(task)).value
    if task == "binary":
        share = DATA[task].y[DATA[task].fold(0).train].mean()
        assert found.bias_for_prior == pytest.approx(math.log(share / (1 - share)))


@pytest.mark.parametrize("kind", ["loss_at_start", "loss_with_prior_bias"])
def test_weights_do_not_make_a_sound_start_look_broken(kind):
    y = DATA["regression"].y
    heavy_tails = 1 + 50.0 * (np.abs(y - y.mean()) > y.std())
    found = probes.PROBES[kind](bench(trainer=weighted("regression", heavy_tails), task="regression"))
    assert found.value == pytest.approx(found.ignorance, rel=0.1)


def test_a_head_that_does_not_start_near_nothing_is_noticed():
    place = bench()
    head = place.network.get_layer("head").kernel
    head.assign(tf.ones_like(head.value))
    place._first = place.snapshot()
    found = probes.loss_at_start(place)
    assert abs(found.value / found.ignorance - 1) > 0.1


@pytest.mark.parametrize(
    ("task", "loss"),
    [("binary", loss) for loss in ("cross_entropy", "focal", "hinge")]
    + [("multiclass", "cross_entropy")]
    + [("regression", loss) for loss in ("mse", "mae", "huber")],
)
def test_a_tiny_batch_is_memorised(task, loss):
    found = probes.tiny_batch(bench(task, loss=loss))
    assert is_memorised(found), found
    assert found.n_rows == 32
    assert found.curve[0] == (0.0, found.start)
    assert found.best < found.start


def test_dropout_and_penalties_are_off_while_a_tiny_batch_is_memorised():
    recipe = {"dropout": 0.9, "l2": 1.0, "label_smoothing": 0.3, "weight_decay": 0.5}
    place = bench(**recipe)
    assert is_memorised(probes.tiny_batch(place))
    assert float(place.network.get_layer("dropout_1").rate) == pytest.approx(0.9)


def test_rows_of_weight_0_are_memorised_too():
    weight = (np.arange(300) % 2).astype("float32")
    assert is_memorised(probes.tiny_batch(bench(trainer=weighted("binary", weight))))


def test_a_tiny_batch_has_rows_of_all_classes_and_none_twice():
    place = bench()
    y = np.zeros(200, "int32")
    y[:5] = 1
    codes = np.repeat(np.arange(40), 5).astype("float32")
    numbers = np.stack([codes, codes, codes], axis=1)
    x = {**place.train.x, "numbers": tf.constant(numbers), "codes": tf.zeros_like(place.train.x["codes"])}
    x["tokens_0"] = tf.zeros_like(x["tokens_0"])
    rows = conflict_free_rows(with_rows(place, x=x, y=tf.constant(y)))
    assert rows.n_rows == 32
    assert int(np.asarray(rows.y).sum()) == 1  # the five of class 1 are one row five times
    assert len(np.unique(rows.x["numbers"][:, 0])) == 32


def test_rows_that_the_network_cannot_tell_apart_are_not_memorised():
    place = bench()
    x = {name: np.zeros_like(values.numpy()) for name, values in place.train.x.items()}
    # as numbers these are distinct, and the scaling puts them all at its bound
    x["numbers"][:, 0] = 1e30 + 1e25 * np.arange(place.train.n_rows)
    found = probes.tiny_batch(with_rows(place, x={name: tf.constant(values) for name, values in x.items()}))
    assert not is_memorised(found)
    assert found.n_steps == 0


@each_task
def test_zeroed_inputs_and_the_prior_do_worse_where_there_is_signal(task):
    found = probes.controls(bench(task))
    assert found.gain_over_zeroed > max(0.1, 2 * found.zeroed_error)
    assert found.gain_over_chance > max(0.1, 2 * found.chance_error)
    assert found.shuffled_gain <= 3 * found.shuffled_error
    assert found.n_validation == 60


def test_zeroed_inputs_do_no_worse_where_there_is_only_noise():
    noise = small_trainer(small_data("binary", signal=0.0))
    noise._graphs = TRAINERS["binary"]._graphs
    found = probes.controls(bench(trainer=noise))
    assert found.gain_over_zeroed <= 2 * found.zeroed_error
    assert found.shuffled_gain <= 3 * found.shuffled_error


def test_targets_that_reach_the_network_past_the_shuffling_are_noticed(monkeypatch):
    place = bench()
    true_rows = place.train
    take = place.take_steps

    def leaking(rows: BenchRows, n_steps: int, **settings):
        is_shuffled = rows.y is not true_rows.y and rows.n_rows == true_rows.n_rows
        return take(dataclasses.replace(rows, y=true_rows.y) if is_shuffled else rows, n_steps, **settings)

    monkeypatch.setattr(place, "take_steps", leaking)
    found = probes.controls(place)
    assert found.shuffled_gain > 3 * found.shuffled_error


@each_task
def test_the_range_test_stays_near_the_default(task):
    found = probes.rate_range(bench(task))
    assert PRIOR_RANGE[0] * 1e-3 <= found.chosen <= PRIOR_RANGE[1] * 1e-3
    assert found.default == 1e-3
    assert found.largest_fall > 0.05
    assert len(found.curve) > 10


def test_a_range_test_without_a_finite_loss_keeps_the_default():
    place = bench("regression")
    found = probes.rate_range(with_rows(place, y=place.train.y * np.nan))
    assert found.chosen == place.setup.learning_rate
    assert found.largest_fall == 0.0
    assert found.diverged_at == pytest.approx(1e-6)
    assert found.curve == ()


def test_a_repeated_batch_costs_what_one_does():
    found = probes.duplication(bench())
    assert [factor for factor, _ in found.losses] == [1, 2, 4, 8, 16, 32]
    assert [loss for _, loss in found.losses] == pytest.approx([found.losses[0][1]] * 6, rel=1e-5)


def test_rows_do_not_see_each_other():
    found = probes.cross_talk(bench())
    assert found.n_rows == 16
    assert found.largest_share == 0.0


@pytest.mark.parametrize("edits", [{}, {"normalization": "batch", "dropout": 0.3}])
def test_a_network_answers_alike_when_asked_again_and_when_loaded(edits):
    found = probes.parity(bench(**edits))
    assert found.repeat_difference == 0.0
    assert found.reload_difference < 1e-5
    assert found.n_epochs >= 1
    assert (found.train_mode_loss == pytest.approx(found.inference_mode_loss, rel=1e-4)) == (not edits)


def test_heavy_dropout_shows_as_a_gap_between_the_modes():
    found = probes.parity(bench(dropout=0.95, learning_rate=3e-2, batch_size=8))
    assert found.train_mode_loss > 1.5 * found.inference_mode_loss


@each_task
def test_the_metric_of_a_constant_agrees_with_its_formula(task):
    found = probes.evaluation(bench(task))
    assert found.constant_score == pytest.approx(found.expected_score)
    assert found.sorted_difference < 1e-6


def test_what_enters_the_network_is_scaled_and_complete():
    found = probes.inputs(bench())
    assert found.n_rows == 200
    assert (found.label_minimum, found.label_maximum, found.n_distinct_labels) == (0, 1, 2)
    assert all(column.n_not_finite == 0 and abs(column.mean) < 10 for column in found.columns)


@pytest.mark.parametrize(
    ("task", "loss"),
    [
        ("binary", "binary_crossentropy"),
        ("multiclass", "sparse_categorical_crossentropy"),
        ("regression", "mean_squared_error"),
    ],
)
def test_the_head_is_linear_and_its_loss_takes_logits(task, loss):
    found = probes.head(bench(task, linear_path=True))
    assert found.activations == ("linear",)
    assert found.loss == loss
    assert found.from_logits is (None if task == "regression" else True)
    assert found.n_outputs == {"binary": 1, "multiclass": 3, "regression": 1}[task]


def test_the_layout_tells_activations_and_rates():
    found = {layer.name: layer for layer in probes.layout(bench(dropout=0.3)).layers}
    assert found["hidden_1"].kind == "Dense"
    assert found["hidden_1"].n_units == 32
    assert found["hidden_1"].kernel_initializer == "HeNormal"
    assert found["activation_1"].activation == "relu"
    assert found["dropout_1"].rate == pytest.approx(0.3)


def test_a_probe_that_fails_says_why_and_leaves_a_fresh_network():
    place = bench()
    before = place.snapshot()
    broken = with_rows(place, y=place.train.y + 5)
    found = probes.measure(broken, "loss_at_start")
    assert isinstance(found, NotMeasured)
    assert "labels go from 5 to 6" in found.cause
    assert all(np.array_equal(a, b) for a, b in zip(before, place.snapshot(), strict=True))


def test_the_same_seed_gives_the_same_readings():
    once, again = ([probes.PROBES[name](bench(dropout=0.2)) for name in ("parity", "rate_range")] for _ in range(2))
    assert once == again


def test_a_probe_leaves_nothing_behind():
    trainer, recipe = TRAINERS["binary"], recipe_for("binary", **SIZE)
    alone = small_trainer(DATA["binary"])
    alone._graphs = trainer._graphs
    before = alone.fit(recipe, 0)
    for kind in probes.PROBES:
        trainer.probe(kind, recipe)
    assert trainer.fit(recipe, 0).history == before.history
