from __future__ import annotations

import dataclasses

import pytest
from stage_runs import BASELINES, RATE, CurveTrainer, even

from autorecipe.config import Config
from autorecipe.errors import TrainingFailed
from autorecipe.recipe import Recipe
from autorecipe.run import Measurement, SplitSummary, StageResult
from autorecipe.stages import baseline
from autorecipe.testing import fake_effects, make_run


def climbed(score=even, *, limit_s: float = float("inf"), task="binary", **options) -> StageResult:
    trainer = CurveTrainer(score, **{"baselines": BASELINES, "probes": {"lr_range": RATE}, **options})
    return baseline.work(make_run(task=task), fake_effects(trainer=trainer, limit_s=limit_s))


def wide(recipe: Recipe, fold: int) -> float:
    return 0.8 if recipe.width > 64 else 0.6


def names(result: StageResult) -> list[str]:
    return [trial.name for trial in result.ladder]


def test_the_ladder_rises_from_the_worst_score_to_the_best():
    assert names(climbed(wide)) == ["always the same", "net 2x64", "linear", "textbook net", "gradient boosting"]


def test_the_ladder_of_an_error_begins_with_the_largest():
    assert names(climbed(wide, task="regression")) == names(climbed(wide))[::-1]


def test_the_simplest_network_is_what_the_next_stage_starts_from():
    result = climbed(wide)
    assert result.best.name == "net 2x64"
    assert result.start == result.end == result.best.recipe


def test_every_rung_is_trained_on_every_fold():
    assert {len(trial.fits) for trial in climbed().trials} == {5}


def test_a_failed_baseline_is_told_but_stands_on_no_rung():
    result = climbed(baselines={"constant": 0.5, "linear": 0.7})
    assert "gradient boosting" not in names(result)
    failed = next(t for t in result.trials if t.name == "gradient boosting")
    assert "no such baseline" in failed.cause


def test_without_the_simplest_network_the_run_cannot_go_on():
    with pytest.raises(TrainingFailed, match="simplest network could not be trained: out of memory"):
        climbed(fails=lambda recipe, fold: "out of memory")


def test_a_failing_textbook_net_leaves_the_ladder_standing():
    result = climbed(fails=lambda recipe, fold: "NaN" if recipe.dropout else "")
    assert "textbook net" not in names(result)
    assert result.best.status == "ok"
    assert result.ended == "done"


def test_the_rate_of_the_range_test_is_taken_with_two_digits():
    rate = Measurement(kind="lr_range", value=0.003214)
    assert climbed(probes={"lr_range": rate}).end.learning_rate == 0.0032


def test_every_probe_is_asked_before_the_network_is_trained():
    result = climbed()
    asked = [m.kind for m in result.measurements]
    assert asked == ["loss_at_start", "loss_with_prior_bias", "tiny_batch", "zeroed_inputs", "lr_range"]


def test_a_failed_probe_is_the_first_thing_said():
    broken = Measurement(kind="tiny_batch", value=0.4, passed=False, text="32 rows not memorised")
    assert climbed(probes={"tiny_batch": broken}).notes[0] == (
        "check this before trusting the network: 32 rows not memorised"
    )


def test_a_gap_between_training_and_validation_is_said():
    near, far = (climbed(losses=lambda r, f, v=v: (0.5, v)) for v in (0.51, 0.9))
    assert "feasible, not yet overfitting" in near.notes[-1]
    assert "it learns more than carries over" in far.notes[-1]


def test_without_time_there_is_still_one_network():
    result = climbed(limit_s=0.0)
    assert result.ended == "budget"
    assert len(result.best.fits) == 5
    assert "textbook net" not in [t.name for t in result.trials]


def test_a_textbook_net_cut_off_between_folds_ends_the_stage_by_its_time():
    slow = CurveTrainer(even, baselines=BASELINES, losses=lambda recipe, fold: (0.3, 0.5))

    def score(recipe: Recipe, fold: int) -> float:
        slow.clock.spend(0.0 if recipe.width == 64 else 20.0)
        return 0.8

    slow.score = score
    result = baseline.work(make_run(), fake_effects(trainer=slow, limit_s=60.0))
    assert result.trials[-1].cause == "out of time"
    assert result.ended == "budget"


def test_an_interruption_leaves_one_network_and_is_said():
    trainer = CurveTrainer(even, baselines=BASELINES)
    trainer.clock.stopped = True
    result = baseline.work(make_run(), fake_effects(trainer=trainer))
    assert result.ended == "interrupted"
    assert result.best.status == "ok"


@pytest.mark.parametrize(
    ("n_train", "batch", "epochs", "patience"),
    [
        (400, 64, 200, 15),
        (8192, 128, 200, 15),
        (10_001, 256, 100, 10),
        (100_000, 512, 100, 10),
        (2_000_000, 1024, 30, 5),
    ],
)
def test_more_rows_get_larger_batches_and_fewer_epochs(n_train, batch, epochs, patience):
    split = SplitSummary(scheme="holdout", n_train=n_train, n_validation=1, n_test=0, n_folds=1, reason="")
    recipe = baseline.first_recipe(dataclasses.replace(make_run(), split=split))
    assert (recipe.batch_size, recipe.epochs, recipe.patience) == (batch, epochs, patience)


@pytest.mark.parametrize(
    ("task", "metric", "asked", "loss"),
    [
        ("binary", "roc_auc", "auto", "cross_entropy"),
        ("multiclass", "log_loss", "focal", "focal"),
        ("regression", "rmse", "auto", "mse"),
        ("regression", "mae", "auto", "mae"),
        ("regression", "rmse", "huber", "huber"),
    ],
)
def test_the_loss_follows_the_task_the_metric_and_the_wish(task, metric, asked, loss):
    run = make_run(task=task, deciding_metric=metric, config=Config(target="bought", loss=asked))
    assert baseline.first_recipe(run).loss == loss
