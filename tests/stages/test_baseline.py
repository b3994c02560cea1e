from __future__ import annotations

import dataclasses

import pytest
from stage_runs import BASELINES, CurveTrainer, even

from autorecipe.config import Config
from autorecipe.errors import TrainingFailed
from autorecipe.recipe import Recipe
from autorecipe.record.readings import NotMeasured, RateReading
from autorecipe.record.run import SplitSummary
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Fit, Trial
from autorecipe.stages import baseline
from autorecipe.testing import FakeClock, fake_effects, make_run
from autorecipe.testing.sound_readings import SOUND_READINGS


def climbed(score=even, *, limit_s: float = float("inf"), task="binary", **options) -> StageResult:
    trainer = CurveTrainer(score, **{"baselines": BASELINES, **options})
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
    assert any(note.startswith("not on the ladder: gradient boosting, which failed: ") for note in result.notes)


def test_without_the_simplest_network_the_run_cannot_go_on():
    with pytest.raises(TrainingFailed, match="simplest network could not be trained: out of memory"):
        climbed(fails=lambda recipe, fold: "out of memory")


def test_a_failing_textbook_net_leaves_the_ladder_standing():
    result = climbed(fails=lambda recipe, fold: "NaN" if recipe.dropout else "")
    assert "textbook net" not in names(result)
    assert result.best.status == "ok"
    assert result.ended == "done"


def test_the_rate_of_the_range_test_is_taken_with_two_digits():
    rate = RateReading(chosen=0.003214, default=0.001, largest_fall=0.4)
    assert climbed(probes={"rate_range": rate}).end.learning_rate == 0.0032


def test_every_reading_is_taken_before_the_network_is_trained():
    assert climbed().preflight == SOUND_READINGS


def test_a_probe_that_failed_is_told_with_its_cause():
    result = climbed(probes={"parity": NotMeasured(cause="OSError: disk full")})
    assert result.notes == ("not measured: parity: OSError: disk full",)
    assert result.preflight.parity is None


def test_a_healthy_network_passes_the_checks_before_training():
    result = climbed()
    codes = [o.code for o in result.outcomes if o.status == "found" and o.code < "T013"]
    assert codes == []


def test_what_a_check_finds_is_kept_with_the_stage():
    hopeless = dataclasses.replace(SOUND_READINGS.tiny_batch, best=0.6, accuracy=0.5, n_steps=0)
    result = climbed(probes={"tiny_batch": hopeless})
    assert ("T008", "stop") in [(f.code, f.severity) for f in result.findings]


def test_a_network_that_overfits_is_diagnosed():
    curves = lambda recipe: ((0.5, 0.3, 0.1, 0.05, 0.02, 0.01), (0.6, 0.4, 0.5, 0.6, 0.7, 0.8))  # noqa: E731  one use
    assert climbed(curves=curves, error_of_rows=0.01).diagnosis.name == "overfit"


def test_without_time_there_is_still_one_network():
    result = climbed(limit_s=0.0)
    assert result.ended == "budget"
    assert len(result.best.fits) == 5
    assert "textbook net" not in [t.name for t in result.trials]
    assert "not on the ladder: gradient boosting, for lack of time" in result.notes


def test_what_an_interrupt_left_out_is_not_blamed_on_the_clock():
    trainer = CurveTrainer(even, baselines=BASELINES, clock=FakeClock(stopped=True))
    result = baseline.work(make_run(), fake_effects(trainer=trainer, limit_s=0.0))
    assert result.ended == "interrupted"
    assert "not on the ladder: linear and gradient boosting, as you interrupted the run" in result.notes
    assert any(note.endswith("parity: you interrupted the run") for note in result.notes)


@pytest.mark.parametrize(("is_interrupted", "who"), [(True, "your interrupt"), (False, "the clock")])
def test_a_cut_network_says_who_cut_it(is_interrupted, who):
    whole = Fit(key="a", fold=0, epochs=20)
    cut = Fit(key="b", fold=1, epochs=3, is_cut=True, is_interrupted=is_interrupted)
    net = Trial(name="net", recipe=Recipe(), fits=(whole, cut))
    assert baseline.cut_note(net) == (f"{who} cut the training of net short on 1 of 2 folds, in epoch 3",)


def test_a_cheap_linear_model_stands_beside_the_network_even_without_time():
    assert names(climbed(limit_s=0.0)) == ["always the same", "linear", "net 2x64"]


def test_a_dear_linear_model_waits_for_time():
    run = make_run()
    wide = dataclasses.replace(run.schema, columns=run.schema.columns * 20)
    run = dataclasses.replace(run, schema=wide, split=dataclasses.replace(run.split, n_train=10_000_000))
    result = baseline.work(run, fake_effects(trainer=CurveTrainer(even, baselines=BASELINES), limit_s=0.0))
    assert "not on the ladder: linear and gradient boosting, for lack of time" in result.notes


def test_a_network_that_takes_all_the_time_leaves_gradient_boosting_on_the_ladder():
    slow = CurveTrainer(even, baselines=BASELINES)

    def score(recipe: Recipe, fold: int) -> float:
        slow.clock.spend(100.0)
        return 0.8

    slow.score = score
    result = baseline.work(make_run(), fake_effects(trainer=slow, limit_s=60.0))
    assert "gradient boosting" in names(result)


def test_a_textbook_net_cut_off_between_folds_ends_the_stage_by_its_time():
    slow = CurveTrainer(even, baselines=BASELINES, losses=lambda recipe, fold: (0.3, 0.5))

    def score(recipe: Recipe, fold: int) -> float:
        slow.clock.spend(0.0 if recipe.width == 64 else 60.0)
        return 0.8

    slow.score = score
    result = baseline.work(make_run(), fake_effects(trainer=slow, limit_s=150.0))
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


def test_the_first_network_is_small_and_nothing_but_early_stopping_regularizes_it():
    recipe = baseline.first_recipe(make_run())
    assert (recipe.family, recipe.depth, recipe.width, recipe.activation) == ("mlp", 2, 64, "relu")
    assert (recipe.optimizer, recipe.learning_rate, recipe.schedule) == ("adam", 1e-3, "constant")
    assert recipe.patience > 0
    usual = Recipe(loss=recipe.loss, batch_size=recipe.batch_size, epochs=recipe.epochs, patience=recipe.patience)
    assert recipe == usual


def test_the_textbook_net_is_a_rung_of_its_own():
    net = next(t.recipe for t in climbed(wide).ladder if t.name == "textbook net")
    assert (net.depth, net.width, net.dropout) == (3, 128, 0.3)


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


def test_a_short_limit_trains_a_constant_a_linear_model_and_one_network():
    result = climbed(limit_s=5.0)
    assert {t.name for t in result.trials} == {"always the same", "linear", "net 2x64"}
    assert result.preflight.tiny_batch is None
    assert result.ended == "budget"
