from __future__ import annotations

import dataclasses
import math
import random

import pytest
from stage_runs import CurveTrainer

from autorecipe.config import Config
from autorecipe.effects import Clock, Effects, Knob
from autorecipe.errors import TrainingFailed
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import Diagnosis, StageResult
from autorecipe.record.trial import Trial
from autorecipe.stages import tune
from autorecipe.stages.trials import try_recipe
from autorecipe.testing import FakeClock, FakeTrainer, fake_effects, make_run

START = Recipe(learning_rate=1e-3, epochs=40)


def peak(rate: float, *, height: float = 0.1):
    """Scores that peak at a learning rate; folds differ, and a little by recipe."""

    def score(recipe: Recipe, fold: int) -> float:
        wobble = 0.001 * math.sin(7 * fold + 1e4 * recipe.learning_rate + recipe.seed % 97)
        return 0.8 - height * abs(math.log10(recipe.learning_rate / rate)) - 0.02 * fold + wobble

    return score


def run_from(effects: Effects, *, start: Recipe = START, **options) -> Run:
    """Return a run whose last stage ended with a start recipe, its trial trained."""
    best = try_recipe(start, effects, name="start")
    regularized = StageResult(stage="regularize", question="?", start=start, end=start, best=best)
    return make_run(n_folds=effects.n_folds, stages=(regularized,), **options)


def tuned(score, *, max_tuner_trials: int = 24, **options) -> StageResult:
    effects = fake_effects(score, max_tuner_trials=max_tuner_trials)
    return tune.work(run_from(effects, **options), effects)


def test_a_better_learning_rate_is_found_kept_and_confirmed():
    result = tuned(peak(3e-3))
    assert result.start == START
    assert result.end.learning_rate == pytest.approx(3e-3, rel=0.5)
    assert result.best.recipe == result.end
    assert result.decisions[0].kept
    assert result.confirmation.confirmed
    assert result.ended == "done"


def test_the_decision_names_every_field_that_changed():
    result = tuned(peak(3e-3))
    change = result.decisions[0].change
    assert change.apply(START) == result.end
    assert f"learning rate 0.001 -> {result.end.learning_rate:.3g}" in change.title


def test_a_metric_that_should_be_low_is_driven_down():
    up = peak(3e-3)
    result = tuned(lambda r, f: 1 - up(r, f), task="regression")
    assert result.end.learning_rate == pytest.approx(3e-3, rel=0.5)
    assert result.decisions[0].effect > 0


def test_the_winner_is_judged_as_the_best_of_all_candidates():
    result = tuned(peak(3e-3))
    full = {t.recipe for t in result.trials if t.recipe.epochs == START.epochs} - {START}
    assert result.decisions[0].n_tried == len(full)


def test_noise_alone_seldom_changes_anything():
    # ties go to the simpler recipe, and no recipe is simpler than this one
    smallest = dataclasses.replace(START, width=1, depth=1)

    def noise(seed: int):
        return lambda recipe, fold: 0.8 + random.Random(f"{seed} {recipe.key} {fold}").gauss(0, 0.01)

    results = [tuned(noise(seed), start=smallest) for seed in range(20)]
    assert sum(r.end != smallest for r in results) <= 1
    assert all(r.confirmation is None for r in results if not r.decisions[0].kept)


def test_a_gain_that_fresh_seeds_do_not_show_is_taken_back():
    lucky = peak(3e-3)

    def score(recipe: Recipe, fold: int) -> float:
        return lucky(recipe if recipe.seed == START.seed else START, fold)

    result = tuned(score)
    assert result.decisions[0].kept
    assert not result.confirmation.confirmed
    assert result.end == START
    assert result.best.recipe == START


def test_the_learning_rate_is_scanned_first_on_fewer_epochs():
    effects = fake_effects(peak(5e-4), max_tuner_trials=24)
    result = tune.work(run_from(effects), effects)
    space, start, n_trials = effects.searcher.searches[0]
    assert [knob.field for knob in space] == ["learning_rate", "weight_decay"]
    assert space[1].choices == (0.0, 1e-5, 1e-4)
    assert (start.epochs, n_trials) == (25, 6)  # 100 steps of 4 an epoch
    center = effects.searcher.searches[1][1]
    assert center.epochs == START.epochs
    assert abs(math.log(center.learning_rate / 5e-4)) < abs(math.log(START.learning_rate / 5e-4))
    assert any(note.startswith("learning rate first, 6 of them for 25 epochs each") for note in result.notes)


def test_on_many_rows_the_scan_takes_five_epochs():
    effects = fake_effects(peak(3e-3), max_tuner_trials=24)
    tune.work(run_from(effects, n_rows=20_000), effects)
    assert effects.searcher.searches[0][1].epochs == 5


@pytest.mark.parametrize("decay", [0.0, 0.02])
def test_a_penalty_that_earlier_stages_kept_is_not_overruled_by_a_few_epochs(decay):
    def score(recipe: Recipe, fold: int) -> float:
        return 0.8 + (0.1 if recipe.weight_decay == 1e-4 else 0.0)

    effects = fake_effects(score, max_tuner_trials=24)
    tune.work(run_from(effects, start=dataclasses.replace(START, weight_decay=decay)), effects)
    assert effects.searcher.searches[1][1].weight_decay == (decay or 1e-4)


def test_a_short_trial_of_the_scan_never_wins():
    def score(recipe: Recipe, fold: int) -> float:
        return 0.9 if recipe.epochs < START.epochs else 0.7

    result = tuned(score)
    assert result.end.epochs == START.epochs


def test_with_few_trials_there_is_no_scan_and_their_number_is_kept():
    effects = fake_effects(peak(3e-3), max_tuner_trials=6)
    result = tune.work(run_from(effects), effects)
    assert len(effects.searcher.searches[0][0]) > 1
    assert len({t.recipe for t in result.trials} - {START}) == 6


def test_a_best_at_the_edge_of_the_space_widens_it_once():
    effects = fake_effects(peak(1.0), max_tuner_trials=40)
    searcher = _Corner(effects.searcher)
    result = tune.work(run_from(effects), dataclasses.replace(effects, searcher=searcher))
    *_, searched, widened = dict.fromkeys(searcher.spaces)
    assert [knob.field for knob in widened] == ["learning_rate"]
    assert widened[0].high > searched[0].high
    assert any("the best learning rate lay at the edge of the space: widened once" in n for n in result.notes)


def test_without_time_nothing_is_tried_and_it_says_so():
    effects = fake_effects(peak(3e-3))
    run = run_from(effects)
    effects.clock.limit_s = effects.clock.used_s + 1.0
    result = tune.work(run, effects)
    assert result.ended == "budget"
    assert result.end == START
    assert result.best is run.best
    assert result.trials == ()
    assert result.notes == ("nothing was tuned: no time was left",)


def test_a_stage_that_begins_after_an_interrupt_blames_no_clock():
    effects = fake_effects(peak(3e-3))
    run = run_from(effects)
    effects.clock.stopped = True
    result = tune.work(run, effects)
    assert (result.ended, result.notes) == ("interrupted", ("nothing was tuned: you interrupted the run",))


def test_when_time_ends_the_best_so_far_is_confirmed_within_the_limit():
    trainer = FakeTrainer(peak(3e-3), clock=FakeClock())
    effects = fake_effects(trainer=trainer, max_tuner_trials=200)
    run = run_from(effects)
    effects.clock.limit_s = 150.0
    result = tune.work(run, effects)
    assert result.ended == "budget"
    assert result.confirmation is not None
    # the fake searcher looks at its clock before a trial, not at the trial's length: one may be too long
    assert effects.clock.used_s <= 150.0 + 5


def test_an_interruption_ends_the_stage_with_what_there_is():
    effects = fake_effects(peak(3e-3))
    run = run_from(effects)
    effects.clock.stopped = True
    result = tune.work(run, effects)
    assert result.ended == "interrupted"
    assert result.end == START


def test_recipes_that_fail_are_kept_as_failed_and_the_start_stands():
    def fails(recipe: Recipe, fold: int) -> str:
        known = (recipe.learning_rate, recipe.width) == (START.learning_rate, START.width)
        return "" if known and recipe.dropout == 0 else "the loss is not finite"

    effects = fake_effects(trainer=FakeTrainer(peak(3e-3), fails=fails), max_tuner_trials=12)
    result = tune.work(run_from(effects), effects)
    assert result.end == START
    assert result.decisions == ()
    n_failed = sum(t.cause == "the loss is not finite" for t in result.trials)
    assert n_failed > 0
    (note,) = (note for note in result.notes if "could not be trained" in note)
    assert note.startswith(f"{n_failed} of ")
    assert note.endswith("trials could not be trained (first: the loss is not finite): the others decide")


def test_when_not_even_the_start_can_be_trained_the_first_cause_is_named():
    trainer = FakeTrainer(peak(3e-3), fails=lambda r, f: "out of memory")
    effects = fake_effects(trainer=trainer)
    regularized = StageResult(stage="regularize", question="?", end=START)
    with pytest.raises(TrainingFailed, match="could be trained in Tune: out of memory"):
        tune.work(make_run(stages=(regularized,)), effects)


def test_without_an_earlier_recipe_there_is_nothing_to_tune():
    with pytest.raises(ValueError, match="an earlier stage ended with"):
        tune.work(make_run(), fake_effects())


def test_on_one_split_the_spread_over_seeds_is_measured_once():
    effects = fake_effects(peak(3e-3), n_folds=1, max_tuner_trials=8)
    result = tune.work(run_from(effects), effects)
    assert result.measurements[0].kind == "seed_spread"
    assert result.measurements[0].value > 0
    assert result.decisions[0].error > math.sqrt(2) * result.measurements[0].value


def test_tuning_again_from_memory_gives_the_same_result_at_no_cost():
    effects = fake_effects(peak(3e-3), max_tuner_trials=24)
    run = run_from(effects)
    first = tune.work(run, effects)
    used = effects.clock.used_s
    again = tune.work(run, effects)
    assert dataclasses.replace(again, seconds=first.seconds) == first
    assert effects.clock.used_s == used


def test_a_search_that_gains_nothing_stops_early_and_says_so():
    effects = fake_effects(lambda recipe, fold: 0.8, n_folds=1, max_tuner_trials=60)
    result = tune.work(run_from(effects), effects)
    in_search = {t.recipe for t in result.trials if t.recipe.epochs == START.epochs}
    assert len(in_search) <= 1 + 11  # the start, and ten after the first
    assert result.ended == "done"
    gain = result.plan.detectable_gain
    assert gain == pytest.approx(2.247 * math.sqrt(3) * 0.01, rel=1e-2)  # rows 0.01; seeds unknown, so as large
    said = f"stopped: the last 10 recipes gained less than {gain:.4f}, which the validation rows cannot tell from noise"
    assert said in result.notes


def test_where_a_search_stops_depends_on_counts_alone():
    def score(recipe: Recipe, fold: int) -> float:
        return 0.8 + 0.001 * (recipe.width / 64) + 0.01 * (fold % 2)

    def stopped_after(seconds: float) -> tuple[list[str], int]:
        effects = fake_effects(trainer=FakeTrainer(score, seconds=seconds), max_tuner_trials=60)
        run = run_from(effects)
        effects.trainer.seconds *= 3  # a busy machine: predictions are wrong
        return [t.recipe.key for t in tune.work(run, effects).trials], len(effects.trainer.trained)

    (quick, _), (slow, _) = stopped_after(0.1), stopped_after(9.0)
    assert quick == slow


def test_a_search_that_goes_on_gaining_is_not_stopped():
    effects = fake_effects(lambda r, fold: 0.8, max_tuner_trials=60)
    scores = iter(range(100_000))
    effects.trainer.score = lambda recipe, fold: 0.1 * next(scores)
    result = tune.work(run_from(effects), effects)
    assert not any(note.startswith("stopped") for note in result.notes)
    assert len({t.recipe for t in result.trials}) > 50


def test_a_grid_that_was_asked_for_is_gone_through():
    effects = fake_effects(lambda recipe, fold: 0.8, max_tuner_trials=60)
    result = tune.work(run_from(effects, config=Config(target="bought", search="grid")), effects)
    assert not any(note.startswith("stopped") for note in result.notes)


def test_without_a_signal_nothing_is_tuned():
    effects = fake_effects(peak(3e-3))
    run = run_from(effects)
    signal = Diagnosis(name="no signal", reason="the numbers", remedy="")
    run = dataclasses.replace(run, stages=(dataclasses.replace(run.stages[0], diagnosis=signal),))
    result = tune.work(run, effects)
    assert (result.trials, result.end, result.ended) == ((), START, "done")


LONG = dataclasses.replace(START, epochs=60)


def slow_tuning(score, *, limit_s: float, max_tuner_trials: int = 60) -> tuple[StageResult, Effects]:
    """On one split of 16,000 rows: a whole trial takes 60 s, and its best epoch is the 2nd of 60."""
    trainer = CurveTrainer(score, epoch_s=1.0, error_of_rows=0.001)
    effects = fake_effects(trainer=trainer, n_folds=1, max_tuner_trials=max_tuner_trials)
    run = run_from(effects, start=LONG, n_rows=20_000)
    effects.clock.limit_s = effects.clock.used_s + limit_s
    return tune.work(run, effects), effects


def test_trials_that_are_too_long_are_shortened_and_the_winner_is_trained_whole():
    result, _ = slow_tuning(peak(3e-3), limit_s=250.0)
    assert result.plan.epochs < 60
    assert all(t.recipe.epochs <= 20 or t.recipe.epochs == result.plan.epochs for t in result.trials)
    assert result.end.learning_rate == pytest.approx(3e-3, rel=0.7)
    assert (result.end.epochs, result.end.row_share) == (60, 1.0)
    assert result.best.fits[0].epochs == 60
    assert any("was trained whole" in note for note in result.notes)


def test_in_a_hurry_the_best_is_refined_on_a_few_epochs_at_a_constant_rate():
    score = peak(3e-3)
    result, effects = slow_tuning(score, limit_s=600.0)
    hurried = [(space, start) for space, start, _ in effects.searcher.searches if 10 <= start.epochs <= 20]
    assert hurried
    assert all(start.schedule == "constant" for _, start in hurried)
    assert any("at a constant rate" in note for note in result.notes)
    assert result.end.epochs == 60


def test_every_knob_of_an_own_architecture_that_changed_is_named():
    before, after = (Recipe(family="custom", knobs=(("units", n), ("gated", True))) for n in (32, 64))
    change = tune.change_between(before, after, n_tried=3)
    assert (change.edits, change.title) == ((("knobs.units", 64),), "units 32 -> 64")
    assert change.apply(before) == after


class _Corner:
    """A searcher that tries only the start and the highest learning rate of each space."""

    def __init__(self, searcher) -> None:
        self.searcher, self.spaces = searcher, []

    def search(self, space: tuple[Knob, ...], start: Recipe, *, max_trials: int, clock: Clock) -> tuple[Trial, ...]:
        self.spaces.append(space)
        highest = dataclasses.replace(start, learning_rate=space[0].high)
        fits = self.searcher.trainer.fit
        return tuple(
            Trial(name="corner", recipe=r, fits=tuple(fits(r, k) for k in range(5)))
            for r in (start, highest)[:max_trials]
        )
