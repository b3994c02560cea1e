from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
import keras  # noqa: E402  TensorFlow may be absent
from small_data import (  # noqa: E402  TensorFlow may be absent
    N_ROWS,
    N_TRAIN,
    N_VALIDATION,
    SMALL,
    Memory,
    recipe_for,
    small_data,
    small_trainer,
)

from autorecipe.recipe import Recipe  # noqa: E402
from autorecipe.record.network_readings import StartReading  # noqa: E402
from autorecipe.record.readings import NotMeasured  # noqa: E402
from autorecipe.record.trial import Fit, Trial  # noqa: E402
from autorecipe.testing import FakeClock  # noqa: E402
from autorecipe.training import trainer as trainer_module  # noqa: E402
from autorecipe.training.dataset import Dataset  # noqa: E402
from autorecipe.training.fit_keys import title  # noqa: E402
from autorecipe.training.members import build_member  # noqa: E402
from autorecipe.training.probes import PROBES  # noqa: E402
from autorecipe.training.scores import Predicted, row_losses  # noqa: E402
from autorecipe.training.trainer import NetworkTrainer  # noqa: E402

TASKS = ("binary", "multiclass", "regression")
DATA = {task: small_data(task) for task in TASKS}
TRAINERS = {task: small_trainer(DATA[task]) for task in TASKS}
TRAINER = TRAINERS["binary"]
each_task = pytest.mark.parametrize("task", TASKS)


def fit(task: str = "binary", *, fold: int = 0, **edits) -> tuple[NetworkTrainer, Fit]:
    trainer = TRAINERS[task]
    return trainer, trainer.fit(recipe_for(task, **edits), fold)


def with_other_data(data: Dataset, *, x=None, y=None) -> NetworkTrainer:
    """A trainer with the graphs of `TRAINER`, on changed rows, that remembers nothing."""
    trainer = small_trainer(dataclasses.replace(data, x=x or data.x, y=data.y if y is None else y))
    trainer._graphs = TRAINER._graphs
    return trainer


def same_weights(a: NetworkTrainer, b: NetworkTrainer, recipe: Recipe = SMALL) -> bool:
    left, right = (t.memory.load_weights(t.fit(recipe, 0).key) for t in (a, b))
    return all(np.array_equal(x, y) for x, y in zip(left, right, strict=True))


@each_task
def test_a_fit_says_how_it_went(task):
    _, found = fit(task)
    assert (found.status, found.cause, found.fold) == ("ok", "", 0)
    assert found.epochs == found.best_epoch == len(found.history.train_loss) == 3
    assert found.steps == 3 * -(-N_TRAIN // SMALL.batch_size)
    assert found.n_parameters > 0
    assert np.isfinite([found.train_loss, found.validation_loss, found.train_score, found.validation_score]).all()
    assert 0 < found.setup_s < found.seconds
    assert found.repairs == ()


@each_task
def test_a_fit_says_what_chance_would_give(task):
    _, found = fit(task)
    constant = TRAINERS[task].baseline("constant", 0)
    assert found.chance_loss == pytest.approx(constant.validation_loss, rel=1e-3)
    assert found.chance_loss == constant.chance_loss
    y = DATA[task].y[DATA[task].fold(0).validation]
    share = 0.0 if task == "regression" else np.bincount(y).max() / len(y)
    assert found.largest_true_share == pytest.approx(share)


@each_task
def test_a_fit_says_what_it_gains_over_chance_row_by_row(task):
    trainer, found = fit(task)
    assert found.gain_over_chance == pytest.approx(found.chance_loss - found.validation_loss, abs=1e-6)
    rows = DATA[task].fold(0).validation
    y, scale = DATA[task].y[rows], trainer.target_scale(0)
    constant = trainer.baseline("constant", 0)
    said, prior = (trainer.memory.load_predictions(key)["validation"] for key in (found.key, constant.key))
    predicted = [Predicted(y=y, weight=DATA[task].weight[rows], said=of) for of in (prior, said)]
    chance, own = (row_losses(rows, scale) for rows in predicted)
    assert found.gain_error == pytest.approx((chance - own).std(ddof=1) / np.sqrt(len(y)), rel=1e-4)
    assert (constant.gain_over_chance, constant.gain_error) == (0.0, 0.0)


@each_task
def test_a_fit_says_how_sure_its_loss_is_and_how_one_sided_its_predictions(task):
    trainer, found = fit(task)
    rows = DATA[task].fold(0).validation
    y, said = DATA[task].y[rows], trainer.memory.load_predictions(found.key)["validation"]
    if task == "regression":
        losses, share = ((y - said) / trainer.target_scale(0).std) ** 2, 0.0
    else:
        losses = -np.log(said[np.arange(len(y)), y])
        share = np.bincount(said.argmax(axis=1)).max() / len(y)
    assert found.validation_loss_error == pytest.approx(losses.std(ddof=1) / np.sqrt(len(y)), rel=1e-4)
    assert found.largest_class_share == pytest.approx(share)


def test_a_fit_on_the_first_fold_looks_inside_before_and_after_the_first_epoch():
    assert [seen.epoch for seen in fit()[1].internals] == [0, 1]
    assert fit(fold=1)[1].internals == ()
    assert all(seen.layers for seen in fit()[1].internals)


def test_no_look_inside_costs_the_last_seconds():
    trainer = small_trainer(DATA["binary"], clock=FakeClock(limit_s=1.0))
    trainer._graphs = TRAINER._graphs
    assert trainer.fit(SMALL, 0).internals == ()


def test_the_outputs_for_watched_rows_are_kept_for_each_epoch():
    trainer, found = fit("multiclass")
    watched = trainer.memory.load_predictions(found.key)["watched"]
    assert watched.shape == (3, N_VALIDATION, 3)
    assert watched.dtype == np.float32
    last = trainer.memory.load_predictions(found.key)["validation"]
    assert (watched[-1].argmax(axis=1) == last.argmax(axis=1)).all()


@each_task
def test_the_validation_loss_is_that_of_the_epoch_that_was_kept(task):
    _, found = fit(task)
    # regression clips predictions to the range of the training rows, which never makes them worse by much
    assert found.validation_loss == pytest.approx(found.history.validation_loss[-1], rel=0.05)


def test_a_fit_asked_for_again_is_not_trained_again():
    trainer, found = fit()
    trainer.memory.weights[found.key] = []
    assert trainer.fit(SMALL, 0) is found
    assert trainer.memory.weights[found.key] == []
    del trainer.memory.fits[found.key]
    assert trainer.fit(SMALL, 0).history == found.history
    assert trainer.memory.weights[found.key] != []


def test_a_new_trainer_finds_the_same_to_the_last_digit():
    again = with_other_data(DATA["binary"]).fit(SMALL, 0)
    timeless = {"seconds": 0.0, "setup_s": 0.0}
    assert dataclasses.replace(again, **timeless) == dataclasses.replace(fit()[1], **timeless)


def test_every_fold_and_recipe_has_a_seed_of_its_own():
    histories = {fit(**where)[1].history for where in ({}, {"fold": 1}, {"seed": 4})}
    assert len(histories) == 3


def test_validation_labels_teach_nothing():
    y = DATA["binary"].y.copy()
    y[N_TRAIN : N_TRAIN + N_VALIDATION] = 1 - y[N_TRAIN : N_TRAIN + N_VALIDATION]
    other = with_other_data(DATA["binary"], y=y)
    assert same_weights(TRAINER, other)
    assert other.fit(SMALL, 0).validation_score == pytest.approx(1 - fit()[1].validation_score)


def test_validation_and_test_cells_teach_nothing_and_leave_the_prefix_alone():
    recipe = dataclasses.replace(SMALL, numeric_embedding="piecewise_linear", n_bins=6, numeric_scaling="quantile")
    x = {name: values.copy() for name, values in DATA["binary"].x.items()}
    for values in x.values():
        values[N_TRAIN:] = values[N_TRAIN:][::-1]
    x["numbers"][N_TRAIN:] *= 100
    other = with_other_data(DATA["binary"], x=x)
    assert same_weights(TRAINER, other, recipe)


def test_a_loss_that_explodes_is_a_failed_fit_with_its_cause():
    trainer, found = fit(learning_rate=1e30)
    assert found.status == "failed"
    assert found.cause.startswith("NotFinite: the loss was no longer a finite number in epoch 1, even after 2 restarts")
    told = trainer.memory.load_predictions(found.key)["traceback"].tobytes().decode()
    assert "NotFinite" in told
    assert trainer.fit(recipe_for("binary", learning_rate=1e30), 0) is found


def test_whatever_goes_wrong_inside_a_fit_is_its_cause(monkeypatch):
    trainer = small_trainer(DATA["binary"])
    monkeypatch.setattr(trainer, "_fit", lambda recipe, fold, key: {}["no such thing\nsecond line"])
    found = trainer.fit(SMALL, 0)
    assert (found.status, found.cause) == ("failed", r"KeyError: 'no such thing\nsecond line'")


def test_a_fit_cut_by_the_clock_is_not_taken_for_the_whole():
    memory = Memory()
    cut = small_trainer(DATA["binary"], clock=FakeClock(limit_s=0.0), memory=memory)
    cut._graphs = TRAINER._graphs
    short = cut.fit(SMALL, 0)
    assert (short.status, short.epochs) == ("ok", 1)
    assert len(memory.load_predictions(short.key)["validation"]) == N_VALIDATION
    whole = cut.with_clock(FakeClock(), heard=lambda name, fit: None).fit(SMALL, 0)
    assert whole.epochs == 3
    assert whole.key != short.key
    assert whole.history == fit()[1].history


def test_a_network_that_must_be_trained_is_not_ended_in_epoch_1_by_a_clock_that_was_over_before():
    trainer = small_trainer(DATA["binary"], clock=FakeClock(limit_s=0.0), memory=Memory())
    trainer._graphs = TRAINER._graphs
    assert trainer.fit(SMALL, 0, n_more=4).epochs == 3


def test_an_interruption_ends_a_fit_early():
    trainer = small_trainer(DATA["binary"], clock=FakeClock(stopped=True))
    trainer._graphs = TRAINER._graphs
    assert trainer.fit(SMALL, 0).epochs == 1


def test_every_fit_is_told_of():
    heard = []
    trainer = TRAINER.with_clock(FakeClock(), heard=lambda name, fit: heard.append((name, fit.fold)))
    trainer.fit(SMALL, 0)
    trainer.baseline("constant", 0)
    assert heard == [(title(SMALL), 0), ("constant", 0)]


@each_task
def test_a_saved_network_predicts_what_was_saved(task):
    trainer, found = fit(task)
    rows = DATA[task].fold(0).validation
    member = build_member(trainer, recipe_for(task), found)
    said = member.predict(DATA[task].take(rows), verbose=0).reshape(len(rows), -1)
    saved = trainer.memory.load_predictions(found.key)["validation"].reshape(len(rows), -1)
    np.testing.assert_allclose(said, saved, rtol=1e-4, atol=1e-5)


def test_a_share_of_the_rows_takes_fewer_steps():
    assert fit(row_share=0.25)[1].steps == 3
    assert fit()[1].steps == 12


@each_task
def test_a_linear_model_beats_a_constant_and_both_keep_their_test_predictions(task):
    trainer = TRAINERS[task]
    constant, linear, boosting = (trainer.baseline(n, 0) for n in ("constant", "linear", "gradient_boosting"))
    assert linear.validation_loss < 0.8 * constant.validation_loss
    assert boosting.validation_loss < 0.8 * constant.validation_loss
    n_test = N_ROWS - N_TRAIN - N_VALIDATION
    assert len(trainer.memory.load_predictions(linear.key)["test"]) == n_test
    assert "test" not in trainer.memory.load_predictions(trainer.baseline("linear", 1).key)


def test_a_title_names_what_is_not_usual():
    assert title(SMALL) == "mlp 1x8, rate 1.0e-02"
    unusual = dataclasses.replace(SMALL, optimizer="sgd", activation="leaky_relu", dropout=0.1, funnel=True)
    assert title(unusual) == "mlp 1x8 funnel, leaky relu, dropout 0.1, SGD with momentum, rate 1.0e-02"
    assert "AdamW" in title(dataclasses.replace(SMALL, weight_decay=0.1))
    own = dataclasses.replace(SMALL, family="custom", architecture="nets:wide", knobs=(("units", 9),))
    assert title(own) == "wide units=9, rate 1.0e-02"


def wide(inputs, n_outputs, units=6):
    hidden = keras.layers.Dense(units, activation="relu")(inputs)
    hidden = keras.layers.Dropout(0.2)(hidden)
    return keras.layers.Dense(n_outputs)(hidden)


def test_an_architecture_of_the_users_is_trained_as_any_family():
    recipe = dataclasses.replace(SMALL, family="custom", architecture="nets:wide", knobs=(("units", 9),), epochs=6)
    data = DATA["binary"]
    kinds = {"metric": TRAINER.metric, "seed": 0, "clock": FakeClock(), "architecture": wide}
    first, again = (NetworkTrainer(data, Memory(), **kinds).fit(recipe, 0) for _ in range(2))
    assert first.status == "ok", first.cause
    assert first.history.train_loss[-1] < first.history.train_loss[0]
    assert first.history == again.history


def test_a_probe_returns_its_reading():
    found = TRAINER.probe("loss_at_start", SMALL)
    assert isinstance(found, StartReading)
    assert found.value == pytest.approx(np.log(2), rel=0.05)


def test_a_probe_that_fails_says_why(monkeypatch):
    monkeypatch.setattr(TRAINER, "prepare", lambda recipe, fold, at_most: {}["nothing\nmore"])
    assert TRAINER.probe("loss_at_start", SMALL) == NotMeasured(cause=r"KeyError: 'nothing\nmore'")


def trial(*fits: Fit, recipe: Recipe = SMALL) -> Trial:
    return Trial(name="trial", recipe=recipe, fits=fits)


def test_a_blend_is_the_mean_of_the_predictions():
    trainer, first = fit()
    second = trainer.fit(recipe_for("binary", seed=4), 0)
    blend = trainer.blend((trial(first), trial(second)), "average 2 copies")
    (found,) = blend.fits
    saved = [trainer.memory.load_predictions(f.key)["validation"] for f in (first, second, found)]
    np.testing.assert_allclose(saved[2], (saved[0] + saved[1]) / 2, rtol=1e-6)
    assert blend.name == "average 2 copies"
    assert found.key not in (first.key, second.key)
    worst = max(first.validation_loss, second.validation_loss)
    assert found.validation_loss <= worst + 1e-6  # the log loss is convex


def test_rows_held_out_twice_are_averaged():
    trainer, first = fit()
    _, second = fit(fold=2)
    again = trainer.fit(recipe_for("binary", seed=4), 0)
    rows, predicted = trainer.out_of_fold((first, second, again))
    assert rows.tolist() == [*range(N_VALIDATION), *range(N_TRAIN, N_TRAIN + N_VALIDATION)]
    saved = [trainer.memory.load_predictions(f.key)["validation"] for f in (first, again)]
    np.testing.assert_allclose(predicted[N_VALIDATION:], (saved[0] + saved[1]) / 2, rtol=1e-6)


def test_the_error_of_rows_is_that_of_their_difference():
    trainer, first = fit()
    second = trainer.fit(recipe_for("binary", seed=4), 0)
    assert trainer.row_error(trial(first), trial(first)) == 0.0
    assert 0.0 < trainer.row_error(trial(first), trial(second)) < 0.2


def test_too_few_groups_do_not_make_the_error_nothing():
    data = DATA["binary"]
    groups = np.arange(N_ROWS) % 4
    grouped = dataclasses.replace(data, split=dataclasses.replace(data.split, groups=groups))
    trainer = small_trainer(grouped, memory=TRAINER.memory)
    first, second = fit()[1], fit(seed=4)[1]
    assert trainer.row_error(trial(first), trial(second)) == TRAINER.row_error(trial(first), trial(second)) > 0


def test_each_fold_scales_the_target_by_its_own_training_rows():
    trainer, data = TRAINERS["regression"], DATA["regression"]
    for fold in (0, 2):
        rows = data.y[data.fold(fold).train]
        scale = trainer.target_scale(fold)
        assert (scale.mean, scale.std) == (pytest.approx(rows.mean()), pytest.approx(rows.std()))


def on_gpu(monkeypatch, capability) -> NetworkTrainer:
    """A trainer that is told of a GPU."""
    monkeypatch.setattr(trainer_module, "gpu_details", lambda: ({"compute_capability": capability},))
    return small_trainer(DATA["binary"])


def test_on_a_gpu_that_gains_from_it_networks_train_in_mixed_precision(monkeypatch):
    trainer = on_gpu(monkeypatch, (9, 0))
    found = trainer.fit(SMALL, 0)
    assert (found.status, found.precision) == ("ok", "mixed_bfloat16")
    assert keras.config.dtype_policy().name == "float32"
    assert found.validation_loss == pytest.approx(TRAINER.fit(SMALL, 0).validation_loss, rel=0.02)
    assert {str(w.dtype) for w in trainer.memory.load_weights(found.key)} == {"float32"}
    graph, _, _ = trainer.prepare(SMALL, 0)
    assert graph.network.get_layer("hidden_1").compute_dtype == "bfloat16"
    assert graph.network.get_layer("head").compute_dtype == graph.network.get_layer("scale").compute_dtype == "float32"
    assert trainer.network(SMALL, found.key).get_layer("hidden_1").compute_dtype == "float32"


def test_every_probe_measures_a_network_of_mixed_precision(monkeypatch):
    trainer = on_gpu(monkeypatch, (8, 0))
    assert {kind: r for kind in PROBES if isinstance(r := trainer.probe(kind, SMALL), NotMeasured)} == {}


@pytest.mark.parametrize("capability", [(6, 1), (7, 5), None])
def test_other_devices_train_in_float32(monkeypatch, capability):
    graph, _, _ = on_gpu(monkeypatch, capability).prepare(SMALL, 0)
    assert graph.precision == graph.network.get_layer("hidden_1").compute_dtype == "float32"


def test_a_cpu_trains_in_float32(monkeypatch):
    monkeypatch.setattr(trainer_module, "gpu_details", tuple)
    graph, _, _ = small_trainer(DATA["binary"]).prepare(SMALL, 0)
    assert graph.precision == "float32"
