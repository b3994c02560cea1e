from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from stage_runs import NET, CurveTrainer, effects_with, even, kept_by_title, run_after, wobbling

from autorecipe.config import Config
from autorecipe.effects import Effects
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import Diagnosis, StageResult
from autorecipe.record.trial import Measurement
from autorecipe.stages import regularize
from autorecipe.stages.regularize import best_so_far, learning_curve
from autorecipe.stages.trials import try_recipe
from autorecipe.testing import fake_effects, make_run

SIMPLER = "width 32"
Score = Callable[[Recipe, int], float]


def tamed(score: Score = even, *, config: Config | None = None, **options) -> StageResult:
    effects = effects_with(score, **options)
    return regularize.work(run_after(effects, stage="overfit", config=config), effects)


def dropout_helps(upto: float) -> Score:
    """Every step of dropout up to a rate gains, every one beyond it loses; folds differ a little."""
    return lambda recipe, fold: 0.8 - 0.2 * abs(recipe.dropout - upto) + 0.001 * fold * recipe.dropout


def with_ladder(effects: Effects, rung: Recipe) -> Run:
    """A run whose ladder holds another network beside the one that Overfit ended with."""
    run = run_after(effects, stage="overfit")
    textbook = try_recipe(rung, effects, name="textbook net")
    baseline = StageResult(stage="baseline", question="?", ladder=(textbook,))
    return dataclasses.replace(run, stages=(baseline, *run.stages))


def tried(result: StageResult, name: str) -> list[str]:
    return [title for title in kept_by_title(result) if title.startswith(name)]


def test_what_helps_is_kept_and_confirmed():
    result = tamed(dropout_helps(0.25))
    assert result.end.dropout == 0.25
    assert result.best.recipe == result.end
    assert result.confirmation.confirmed
    assert result.ended == "done"


def test_stronger_comes_only_after_the_milder_helped():
    assert tried(tamed(dropout_helps(0.25)), "dropout") == ["dropout 0.1", "dropout 0.25", "dropout 0.4"]
    assert tried(tamed(dropout_helps(0.0)), "dropout") == ["dropout 0.1"]
    assert len(tried(tamed(dropout_helps(0.6)), "dropout")) == 4


def test_a_metric_that_should_be_low_is_driven_down():
    up = dropout_helps(0.25)
    effects = effects_with(lambda r, f: 1 - up(r, f), losses=lambda r, f: (0.3, 0.5))
    result = regularize.work(run_after(effects, stage="overfit", task="regression"), effects)
    assert result.end.dropout == 0.25


def test_changes_within_the_noise_are_taken_back():
    result = tamed(wobbling())
    strict = [d for d in result.decisions if not d.change.source and d.change.title != SIMPLER]
    assert {"L2 1e-5", "halve the rate on a plateau"} & {d.change.title for d in strict}
    assert not any(d.kept for d in strict)
    assert result.end.l2 == 0.0


def test_a_tie_goes_to_the_simpler_net():
    result = tamed()
    assert kept_by_title(result)[SIMPLER]
    worse = tamed(lambda recipe, fold: 0.7 if recipe.width == 32 else 0.8)
    assert not kept_by_title(worse)[SIMPLER]


def test_evidence_reverses_the_burden_of_proof_for_light_strengths_alone():
    result = tamed(wobbling())
    favoured = [d for d in result.decisions if d.change.source]
    assert [d.change.title for d in favoured] == ["dropout 0.1", "cosine schedule over 40 epochs", "weight decay 0.02"]
    assert all(d.kept for d in favoured)
    assert "dropout 0.25" in kept_by_title(result)  # the milder one stands, so the next is tried, without favour
    assert not kept_by_title(result)["dropout 0.25"]


def test_what_does_not_suit_is_not_offered():
    result = tamed(wobbling())
    assert not tried(result, "label smoothing")  # it spoils the ranking that ROC AUC measures
    assert not tried(result, "Huber")  # a loss of numbers
    assert not tried(result, "halve the rate")  # the cosine schedule was kept before it


def test_gains_that_fresh_seeds_do_not_show_are_taken_back_together():
    lucky = dropout_helps(0.25)
    result = tamed(lambda recipe, fold: lucky(recipe if recipe.seed == NET.seed else NET, fold))
    assert any(d.kept for d in result.decisions)
    assert not result.confirmation.confirmed
    assert result.end == result.start == NET
    assert result.best.recipe == NET


def test_the_confirmation_trains_both_ends_on_fresh_folds_and_seeds():
    effects = effects_with(dropout_helps(0.25))
    regularize.work(run_after(effects, stage="overfit"), effects)
    fresh = [(recipe, fold) for recipe, fold in effects.trainer.calls if fold >= effects.n_folds]
    assert [fold for _, fold in fresh] == [*range(5, 10), *range(5, 10)]
    assert NET.seed not in {recipe.seed for recipe, _ in fresh}
    assert [recipe.dropout for recipe, _ in fresh[::5]] == [0.0, 0.25]


def test_the_best_score_so_far_is_never_lost():
    rung = dataclasses.replace(NET, width=128)
    effects = effects_with(lambda recipe, fold: 0.9 if recipe.width == 128 else 0.7 + 0.1 * recipe.dropout)
    result = regularize.work(with_ladder(effects, rung), effects)
    assert result.end == result.start == rung
    assert result.best.validation_score == pytest.approx(0.9)
    assert result.confirmation is None
    assert "what came out does not beat 'textbook net': that recipe stands" in result.notes


def test_a_regularized_net_that_beats_the_best_so_far_replaces_it():
    rung = dataclasses.replace(NET, width=128)
    effects = effects_with(lambda recipe, fold: 0.78 if recipe.width == 128 else dropout_helps(0.25)(recipe, fold))
    result = regularize.work(with_ladder(effects, rung), effects)
    assert result.start == rung
    assert (result.end.width, result.end.dropout) == (32, 0.25)  # dropout gains, and the tie goes to the smaller net
    assert result.confirmation.effect == pytest.approx(0.02, abs=0.005)


def test_the_luckiest_of_the_rejected_does_not_count_as_the_best_so_far():
    effects = effects_with(lambda recipe, fold: 0.9 if recipe.depth == 3 else 0.8)
    rejected = try_recipe(dataclasses.replace(NET, depth=3), effects, name="deeper")
    run = run_after(effects, stage="overfit")
    stage = dataclasses.replace(run.stages[0], trials=(rejected,))
    assert best_so_far(dataclasses.replace(run, stages=(stage,))).recipe == NET


def test_a_network_of_some_folds_only_is_not_the_best_so_far():
    effects = effects_with(lambda recipe, fold: 0.9 if recipe.depth == 3 else 0.8)
    deeper = try_recipe(dataclasses.replace(NET, depth=3), effects, name="deeper")
    partial = dataclasses.replace(deeper, fits=deeper.fits[:2])
    later = StageResult(stage="tune", question="?", best=partial)
    run = run_after(effects, stage="overfit")
    assert best_so_far(dataclasses.replace(run, stages=(*run.stages, later))).recipe == NET
    assert best_so_far(make_run()) is None


def test_a_failing_trial_is_rejected_with_its_cause():
    result = tamed(fails=lambda recipe, fold: "out of memory" if recipe.dropout else "")
    assert result.decisions[0].rule == "rejected: out of memory"
    assert tried(result, "dropout") == ["dropout 0.1"]
    assert result.end.dropout == 0.0


def test_without_time_nothing_is_tried():
    effects = effects_with(even)
    run = run_after(effects, stage="overfit")
    effects.clock.limit_s = effects.clock.used_s
    result = regularize.work(run, effects)
    assert (result.ended, result.trials, result.end) == ("budget", (), NET)


def test_an_interruption_keeps_what_there_is():
    effects = effects_with(even)
    run = run_after(effects, stage="overfit")
    effects.clock.stopped = True
    result = regularize.work(run, effects)
    assert (result.ended, result.trials, result.end) == ("interrupted", (), NET)


def slow_dropout(*, seconds: float, limit_s: float) -> StageResult:
    """Dropout costs so many seconds more per fold."""
    trainer = CurveTrainer(even, losses=lambda recipe, fold: (0.3, 0.5))

    def score(recipe: Recipe, fold: int) -> float:
        if recipe.dropout:
            trainer.clock.spend(seconds)
        return dropout_helps(0.25)(recipe, fold)

    trainer.score = score
    effects = fake_effects(trainer=trainer)
    run = run_after(effects, stage="overfit", config=Config(target="bought", preset="quick"))
    effects.clock.limit_s = effects.clock.used_s + limit_s
    return regularize.work(run, effects)


def test_a_trial_cut_off_between_folds_ends_the_stage_by_its_time():
    result = slow_dropout(seconds=30.0, limit_s=60.0)
    assert result.trials[-1].cause == "out of time"
    assert result.ended == "budget"
    assert result.end == NET


def test_a_gain_without_time_to_confirm_it_is_kept_and_said():
    result = slow_dropout(seconds=9.0, limit_s=55.0)
    assert result.confirmation is None
    assert result.end.dropout == 0.1
    assert any(note.startswith("not confirmed on new seeds") for note in result.notes)
    assert result.ended == "budget"


def test_the_quick_preset_tries_light_strengths_and_draws_no_curve():
    result = tamed(dropout_helps(0.6), config=Config(target="bought", preset="quick"))
    assert tried(result, "dropout") == ["dropout 0.1"]
    assert [m.kind for m in result.measurements] == ["seed_spread"]


def diagnosed(name: str, score: Score = even) -> StageResult:
    effects = effects_with(score)
    run = run_after(effects, stage="overfit", diagnosis=Diagnosis(name=name, reason="the numbers", remedy=""))
    return regularize.work(run, effects)


@pytest.mark.parametrize(
    ("name", "rates"),
    [("underfit", 1), ("good fit", 1), ("cut short", 1), ("overfit", 4), ("unstable", 4)],
)
def test_only_a_network_that_overfits_is_held_back_strongly(name, rates):
    assert len(tried(diagnosed(name, dropout_helps(0.6)), "dropout")) == rates


def test_without_a_signal_nothing_is_regularized():
    result = diagnosed("no signal")
    assert (result.trials, result.end, result.ended) == ((), NET, "done")
    assert result.notes == ("nothing to do: no signal, as Overfit says",)


def test_records_are_offered_in_their_presets_alone():
    standard, thorough = (tamed(config=Config(target="bought", preset=p)) for p in ("standard", "thorough"))
    assert not tried(standard, "mixup")
    assert tried(thorough, "mixup")
    assert len(thorough.decisions) > len(standard.decisions)


def slow_stage(limit_s: float, *, score: Score) -> tuple[StageResult, Effects]:
    """On one split of 16,000 rows: a whole trial takes 60 s, and its best epoch is the 2nd of 60."""
    effects = effects_with(score, n_folds=1, epoch_s=1.0)
    run = run_after(effects, SLOW, stage="overfit", n_rows=20_000)
    effects.clock.limit_s = effects.clock.used_s + limit_s
    return regularize.work(run, effects), effects


SLOW = dataclasses.replace(NET, epochs=60)


def test_when_trials_are_too_long_they_are_shortened_alike_and_the_end_is_whole():
    result, effects = slow_stage(200.0, score=dropout_helps(0.1))
    lengths = {trial.recipe.epochs for trial in result.trials}
    assert len(lengths - {40}) == 1
    assert max(lengths) < SLOW.epochs
    assert result.end.dropout == 0.1
    assert result.best.recipe == result.end
    assert (result.end.row_share, result.best.fits[0].epochs) == (1.0, result.end.epochs)
    assert "because a whole trial takes 60 s" in result.notes[0]
    assert effects.clock.left_s() >= 0


def test_what_is_worse_when_trained_whole_is_not_kept():
    def score(recipe: Recipe, fold: int) -> float:
        whole_and_tamed = recipe.epochs >= 40 and recipe.dropout > 0
        return 0.6 if whole_and_tamed else 0.8 + recipe.dropout

    result, _ = slow_stage(200.0, score=score)
    assert any(d.kept for d in result.decisions)
    assert result.end == SLOW
    assert any("is worse when trained whole" in note for note in result.notes)


def test_a_stage_broken_off_takes_up_its_plan_again():
    first, effects = slow_stage(200.0, score=dropout_helps(0.1))
    run = run_after(effects, SLOW, stage="overfit", n_rows=20_000)
    effects.clock.limit_s = effects.clock.used_s + 150.0  # a new plan would be shorter
    again = regularize.work(run, effects)
    assert again.plan == first.plan
    assert again.decisions[: len(first.decisions)] == first.decisions


def curve_of(scores: dict[float, float], *, noise: float = 0.0) -> Measurement:
    def score(recipe: Recipe, fold: int) -> float:
        return scores[recipe.row_share] + noise * (-1) ** fold * recipe.row_share

    effects = effects_with(score)
    run = run_after(effects, stage="overfit")
    (found,), not_known = learning_curve(run.stages[-1].best, run, effects, spread=0.0)
    assert not not_known
    return found


def test_a_curve_that_still_rises_says_what_twice_the_rows_might_give():
    found = curve_of({0.25: 0.70, 0.5: 0.76, 1.0: 0.79})
    assert found.value == pytest.approx(0.03 * 0.03 / 0.06)
    assert found.text.startswith("twice the rows might give +0.0150")
    assert found.curve == ((0.25, 0.70), (0.5, 0.76), (1.0, pytest.approx(0.79)))


def test_a_curve_within_its_error_is_flat():
    found = curve_of({0.25: 0.79, 0.5: 0.79, 1.0: 0.79}, noise=0.02)
    assert "flat" in found.text
    assert found.value >= 0.0


def test_twice_the_rows_never_promise_more_than_the_last_doubling_gave():
    found = curve_of({0.25: 0.78, 0.5: 0.79, 1.0: 0.89})
    assert found.value == pytest.approx(0.10)


def test_a_curve_that_a_failed_trial_leaves_out_is_told():
    result = tamed(fails=lambda recipe, fold: "the loss is NaN" if recipe.row_share == 0.5 else "")
    assert "learning_curve" not in [m.kind for m in result.measurements]
    said = "what twice the rows might give is not known: the trial on 50% of the rows failed (the loss is NaN)"
    assert said in result.notes


def test_a_stage_without_a_network_cannot_begin():
    run = make_run(stages=(StageResult(stage="overfit", question="?"),))
    with pytest.raises(ValueError, match="needs the network that Overfit ended with"):
        regularize.work(run, effects_with(even))


def l2_helps(recipe: Recipe, fold: int) -> float:
    """More is better, up to 0.05."""
    return 0.7 + 0.05 * [0.0, 1e-5, 1e-4, 1e-3, 1e-2, 5e-2].index(recipe.l2)


@pytest.mark.parametrize(("preset", "strongest"), [("standard", "L2 0.01"), ("thorough", "L2 0.05")])
def test_the_strongest_penalty_is_for_the_thorough_preset_after_a_milder_one_helped(preset, strongest):
    config = Config(target="bought", preset=preset)
    assert tried(tamed(l2_helps, config=config), "L2 ")[-1] == strongest
    assert "L2 0.05" not in tried(tamed(dropout_helps(0.0), config=config), "L2 ")


def test_patience_grows_with_strong_dropout():
    free = dropout_helps(0.6)
    result = tamed(lambda r, f: free(r, f) - 0.1 * (r.schedule == "cosine"))
    assert (result.end.dropout, result.end.patience) == (0.6, 20)


def test_a_schedule_of_known_length_keeps_it_with_strong_dropout():
    result = tamed(dropout_helps(0.6))
    assert (result.end.schedule, result.end.dropout) == ("cosine", 0.6)
    assert result.end.patience == result.end.epochs
