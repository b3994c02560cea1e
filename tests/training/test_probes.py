from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
from small_data import recipe_for, small_data, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.run import Measurement  # noqa: E402
from autorecipe.training import probes  # noqa: E402
from autorecipe.training.learning_rate import PRIOR_RANGE  # noqa: E402
from autorecipe.training.target import prior_entropy  # noqa: E402
from autorecipe.training.trainer import NetworkTrainer  # noqa: E402

TASKS = ("binary", "multiclass", "regression")
DATA = {task: small_data(task) for task in TASKS}
TRAINERS = {task: small_trainer(DATA[task]) for task in TASKS}
SIZE = {"width": 32, "depth": 2, "learning_rate": 1e-3}
each_task = pytest.mark.parametrize("task", TASKS)


def probe(kind: str, task: str = "binary", *, trainer: NetworkTrainer | None = None, **edits) -> Measurement:
    return (trainer or TRAINERS[task]).probe(kind, recipe_for(task, **SIZE, **edits))


def weighted(task: str, weight: np.ndarray) -> NetworkTrainer:
    """The trainer of a task with other weights, and the graphs of the plain one."""
    trainer = small_trainer(dataclasses.replace(DATA[task], weight=weight.astype("float32")))
    trainer._graphs = TRAINERS[task]._graphs
    return trainer


def bench(task: str = "binary") -> probes.Bench:
    trainer, recipe = TRAINERS[task], recipe_for(task, **SIZE)
    graph, train, validation = trainer.prepare(recipe, 0)
    return probes.Bench(
        graph=graph,
        recipe=recipe,
        train=train,
        validation=validation,
        task=task,
        n_classes=DATA[task].n_classes,
        prepare=lambda: trainer.prepare(recipe, 0)[0],
    )


@pytest.mark.parametrize(
    ("task", "expected"), [("binary", math.log(2)), ("multiclass", math.log(3)), ("regression", 1)]
)
def test_before_training_a_network_knows_nothing(task, expected):
    found = probe("loss_at_start", task)
    assert found.expected == pytest.approx(expected, rel=1e-4)
    assert found.value == pytest.approx(expected, rel=0.02)
    assert found.passed


@each_task
def test_the_bias_knows_the_prior(task):
    found = probe("loss_with_prior_bias", task)
    assert found.passed
    if task != "regression":
        data = DATA[task]
        rows = data.fold(0).train
        assert found.expected == pytest.approx(prior_entropy(data.y[rows], data.weight[rows], data.n_classes))
        assert found.value < probe("loss_at_start", task).value


@pytest.mark.parametrize("kind", ["loss_at_start", "loss_with_prior_bias"])
def test_weights_do_not_make_a_sound_start_look_broken(kind):
    y = DATA["regression"].y
    heavy_tails = 1 + 50.0 * (np.abs(y - y.mean()) > y.std())
    assert probe(kind, trainer=weighted("regression", heavy_tails), task="regression").passed


def test_a_head_that_does_not_start_near_nothing_is_noticed():
    place = bench()
    place.graph.network.get_layer("head").kernel.assign(tf.ones_like(place.graph.network.get_layer("head").kernel))
    assert not probes.loss_at_start(place).passed


@pytest.mark.parametrize(
    ("task", "loss"),
    [("binary", "cross_entropy"), ("binary", "focal"), ("multiclass", "cross_entropy")]
    + [("regression", loss) for loss in ("mse", "mae", "huber")],
)
def test_a_tiny_batch_is_memorised(task, loss):
    found = TRAINERS[task].probe("tiny_batch", dataclasses.replace(recipe_for(task, **SIZE), loss=loss))
    assert found.passed, found
    assert found.value <= found.expected
    assert "32 rows memorised in" in found.text


def test_rows_of_weight_0_are_memorised_too():
    weight = (np.arange(300) % 2).astype("float32")
    assert probe("tiny_batch", trainer=weighted("binary", weight)).passed


def test_rows_that_the_network_cannot_tell_apart_are_not_memorised():
    place = bench()
    x = {name: np.zeros_like(values.numpy()) for name, values in place.train.x.items()}
    # as numbers these are distinct, and the scaling puts them all at its bound
    x["numbers"][:, 0] = 1e30 + 1e25 * np.arange(place.train.n_rows)
    alike = dataclasses.replace(place.train, x={name: tf.constant(values) for name, values in x.items()})
    found = probes.tiny_batch(dataclasses.replace(place, train=alike))
    assert not found.passed
    assert found.text == "32 rows not memorised"


@each_task
def test_zeroed_inputs_do_worse_where_there_is_signal(task):
    found = probe("zeroed_inputs", task)
    assert found.passed
    assert found.value > 0.1


def test_zeroed_inputs_do_no_worse_where_there_is_only_noise():
    noise = small_trainer(small_data("binary", signal=0.0))
    noise._graphs = TRAINERS["binary"]._graphs
    found = probe("zeroed_inputs", trainer=noise)
    assert not found.passed
    assert "no signal" in found.text


@each_task
def test_the_range_test_stays_near_the_default(task):
    found = probe("lr_range", task)
    assert PRIOR_RANGE[0] * 1e-3 <= found.value <= PRIOR_RANGE[1] * 1e-3
    assert found.passed is None
    assert found.expected == 1e-3
    assert len(found.curve) > 10


def test_a_range_test_without_a_finite_loss_keeps_the_default():
    place = bench("regression")
    without = dataclasses.replace(place.train, y=place.train.y * np.nan)
    found = probes.lr_range(dataclasses.replace(place, train=without))
    assert found.value == place.recipe.learning_rate
    assert found.text.startswith("flat")
    assert found.curve == ()


def test_a_probe_leaves_nothing_behind():
    trainer, recipe = TRAINERS["binary"], recipe_for("binary", **SIZE)
    alone = small_trainer(DATA["binary"])
    alone._graphs = trainer._graphs
    before = alone.fit(recipe, 0)
    for kind in probes.PROBES:
        trainer.probe(kind, recipe)
    assert trainer.fit(recipe, 0).history == before.history
