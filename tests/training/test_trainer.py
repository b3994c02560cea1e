from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
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
from autorecipe.run import Fit, Trial  # noqa: E402
from autorecipe.testing import FakeClock  # noqa: E402
from autorecipe.training.dataset import Dataset  # noqa: E402
from autorecipe.training.members import build_member  # noqa: E402
from autorecipe.training.trainer import NetworkTrainer, title  # noqa: E402

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
    assert dataclasses.replace(again, seconds=0.0) == dataclasses.replace(fit()[1], seconds=0.0)


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
    assert found.cause == "NotFinite: the loss was no longer a finite number in epoch 1"
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
    trainer = small_trainer(dataclasses.replace(data, split=dataclasses.replace(data.split, groups=groups)))
    trainer.memory = TRAINER.memory
    first, second = fit()[1], fit(seed=4)[1]
    assert trainer.row_error(trial(first), trial(second)) == TRAINER.row_error(trial(first), trial(second)) > 0


def test_each_fold_scales_the_target_by_its_own_training_rows():
    trainer, data = TRAINERS["regression"], DATA["regression"]
    for fold in (0, 2):
        rows = data.y[data.fold(fold).train]
        scale = trainer.target_scale(fold)
        assert (scale.mean, scale.std) == (pytest.approx(rows.mean()), pytest.approx(rows.std()))
