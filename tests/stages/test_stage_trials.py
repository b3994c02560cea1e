from __future__ import annotations

import dataclasses
import math

import pytest
from stage_runs import NET, effects_with, even, run_after

from autorecipe import decide
from autorecipe.change import Change
from autorecipe.decide import spread_of
from autorecipe.planner import SEEDS_SHARE, TIME_MARGIN
from autorecipe.recipe import Recipe
from autorecipe.record.trial import Measurement
from autorecipe.stages.trials import (
    OUT_OF_TIME,
    Noise,
    confirm_stage,
    effect_of,
    ended_by,
    fresh_seed,
    has_time_for,
    judged,
    measure_noise,
    seed_spread,
    try_recipe,
)

DEEPER = dataclasses.replace(NET, depth=3)
CHANGE = Change(edits=(("depth", 3),), title="depth 2 -> 3")


def by_depth(recipe: Recipe, fold: int) -> float:
    return 0.6 + 0.05 * recipe.depth + 0.01 * fold * recipe.depth


def by_seed(recipe: Recipe, fold: int) -> float:
    return 0.7 + recipe.seed % 1000 / 10_000


def test_a_trial_is_one_recipe_on_every_fold():
    trial = try_recipe(NET, effects_with(by_depth), name="net", first_fold=5)
    assert trial.recipe == NET
    assert [fit.fold for fit in trial.fits] == [5, 6, 7, 8, 9]
    assert trial.status == "ok"


def test_a_trial_ends_with_the_first_fold_that_fails():
    effects = effects_with(by_depth, fails=lambda recipe, fold: "NaN" if fold == 2 else "")
    trial = try_recipe(NET, effects)
    assert len(trial.fits) == 3
    assert (trial.status, trial.cause) == ("failed", "NaN")


def test_a_trial_stops_between_folds_when_another_would_not_fit():
    effects = effects_with(by_depth)
    effects.clock.limit_s = 3.0
    trial = try_recipe(NET, effects)
    assert [fit.status for fit in trial.fits] == ["ok", "ok", "failed"]
    assert trial.cause == "out of time"


def test_the_one_network_that_a_run_needs_is_trained_whatever_the_clock():
    effects = effects_with(by_depth)
    effects.clock.limit_s = 0.0
    assert len(try_recipe(NET, effects, whatever_the_clock=True).fits) == 5


def test_the_one_network_that_a_run_needs_leaves_each_fold_its_share_of_the_time():
    effects = effects_with(by_depth)
    trainer, left = effects.trainer, []

    class Sharing:
        def __getattr__(self, name):
            return getattr(trainer, name)

        def fit(self, recipe, fold, *, n_more):
            left.append(n_more)
            return trainer.fit(recipe, fold)

    sharing = dataclasses.replace(effects, trainer=Sharing())
    try_recipe(NET, sharing, whatever_the_clock=True, first_fold=5)
    assert left == [4, 3, 2, 1, 0]
    try_recipe(NET, sharing)
    assert left[5:] == [None] * 5


def test_a_trial_is_started_only_with_a_margin():
    effects = effects_with(by_depth)
    effects.clock.limit_s = 10.0
    assert has_time_for(9.99 / TIME_MARGIN, effects)
    assert not has_time_for(10.0 / TIME_MARGIN, effects)
    effects.clock.stopped = True
    assert not has_time_for(0.0, effects)


def test_a_stage_ends_by_the_user_before_it_ends_by_its_time():
    effects = effects_with(by_depth)
    assert ended_by(effects, out_of_time=False) == "done"
    assert ended_by(effects, out_of_time=True) == "budget"
    effects.clock.stopped = True
    assert ended_by(effects, out_of_time=True) == "interrupted"


def test_with_folds_the_error_is_that_of_the_folds_differences():
    effects = effects_with(by_depth)
    run = run_after(effects)
    effect, error = effect_of(try_recipe(NET, effects), try_recipe(DEEPER, effects), run, effects, seed_spread=9.9)
    gains = [0.05 + 0.01 * fold for fold in range(5)]
    assert effect == pytest.approx(sum(gains) / 5)
    expected = decide.fold_error(gains, n_train=run.split.n_train, n_validation=run.split.n_validation)
    assert error == pytest.approx(expected)


def test_a_gain_is_positive_whatever_the_direction_of_the_metric():
    effects = effects_with(by_depth)
    before, after = try_recipe(NET, effects), try_recipe(DEEPER, effects)
    up, _ = effect_of(before, after, run_after(effects), effects, seed_spread=0.0)
    down, _ = effect_of(before, after, run_after(effects, task="regression"), effects, seed_spread=0.0)
    assert up == -down > 0


def test_with_one_split_rows_and_seeds_make_the_error():
    effects = effects_with(by_depth, n_folds=1, error_of_rows=0.03)
    pair = try_recipe(NET, effects), try_recipe(DEEPER, effects)
    _, error = effect_of(*pair, run_after(effects), effects, seed_spread=0.02)
    assert error == pytest.approx(math.sqrt(0.03**2 + 2 * 0.02**2))


def test_a_spread_that_nobody_measured_does_not_make_the_error_small():
    effects = effects_with(by_depth, n_folds=1, error_of_rows=0.03)
    pair = try_recipe(NET, effects), try_recipe(DEEPER, effects)
    _, error = effect_of(*pair, run_after(effects), effects, seed_spread=0.0)
    assert error > 0.03


def test_folds_need_no_spread_of_seeds():
    effects = effects_with(by_seed)
    assert seed_spread(try_recipe(NET, effects), run_after(effects), effects) == 0.0


def test_the_spread_is_the_deviation_of_three_seeds():
    effects = effects_with(by_seed, n_folds=1)
    trial = try_recipe(NET, effects)
    found = seed_spread(trial, run_after(effects), effects)
    others = [by_seed(fresh_seed(NET, "spread", i), 0) for i in (1, 2)]
    assert found == pytest.approx(spread_of([trial.validation_score, *others]))


def test_a_seed_that_fails_says_nothing_of_the_spread():
    effects = effects_with(by_seed, n_folds=1, fails=lambda recipe, fold: "" if recipe.seed == 0 else "NaN")
    assert seed_spread(try_recipe(NET, effects), run_after(effects), effects) == 0.0


def with_known_spread(run, value: float):
    stage = dataclasses.replace(run.stages[0], measurements=(Measurement(kind="seed_spread", value=value),))
    return dataclasses.replace(run, stages=(stage,))


def test_a_known_spread_stands_in_when_measuring_would_take_much_of_the_time():
    effects = effects_with(by_seed, n_folds=1)
    trial = try_recipe(NET, effects)
    run = with_known_spread(run_after(effects), 0.123)
    two_seeds_s = 2 * trial.seconds
    effects.clock.limit_s = effects.clock.used_s + 0.99 * two_seeds_s / SEEDS_SHARE
    assert seed_spread(trial, run, effects) == 0.123
    effects.clock.limit_s = effects.clock.used_s + 1.01 * two_seeds_s / SEEDS_SHARE
    assert seed_spread(trial, run, effects) != 0.123


def test_without_time_the_spread_is_not_measured():
    effects = effects_with(by_seed, n_folds=1)
    trial, run = try_recipe(NET, effects), run_after(effects)
    effects.clock.limit_s = effects.clock.used_s
    assert seed_spread(trial, run, effects) == 0.0


def test_the_noise_of_one_split_is_that_of_its_rows_and_seeds():
    effects = effects_with(by_seed, n_folds=1, error_of_rows=0.03)
    trial = try_recipe(NET, effects)
    noise = measure_noise(trial, run_after(effects), effects)
    assert noise.seed_spread == seed_spread(trial, run_after(effects), effects) > 0
    assert noise.error == pytest.approx(math.sqrt(0.03**2 + 2 * noise.seed_spread**2))


def test_with_folds_the_noise_is_what_the_last_stage_found():
    effects = effects_with(by_depth)
    run = run_after(effects)
    trial = run.stages[0].best
    assert measure_noise(trial, run, effects) == Noise(seed_spread=0.0, error=0.0)
    decisions = [decide.judge(CHANGE, effect=0.1, error=error) for error in (0.01, 0.03, 0.02)]
    decided = dataclasses.replace(run, stages=(dataclasses.replace(run.stages[0], decisions=tuple(decisions)),))
    assert measure_noise(trial, decided, effects).error == 0.02


def test_before_any_decision_the_two_networks_of_the_ladder_tell_the_noise():
    effects = effects_with(by_depth)
    run = run_after(effects)
    nets = (run.stages[0].best, try_recipe(DEEPER, effects, name="textbook net"))
    run = dataclasses.replace(run, stages=(dataclasses.replace(run.stages[0], ladder=nets),))
    assert measure_noise(nets[0], run, effects).error == effect_of(*nets, run, effects, seed_spread=0.0)[1] > 0


def test_a_change_needs_more_than_its_error():
    scores = {2: (0.8, 0.8, 0.8, 0.8, 0.8), 3: (0.81, 0.83, 0.82, 0.80, 0.84)}
    effects = effects_with(lambda recipe, fold: scores[recipe.depth][fold])
    pair = try_recipe(NET, effects), try_recipe(DEEPER, effects)
    decision = judged(CHANGE, pair, run_after(effects), effects, seed_spread=0.0)
    assert decision.rule.startswith("kept: +0.0200 > 1.41 x error")
    best_of_four = judged(CHANGE, pair, run_after(effects), effects, seed_spread=0.0, n_candidates=4)
    assert "2.04 x error" in best_of_four.rule


def test_a_failed_trial_is_rejected_with_its_cause():
    effects = effects_with(by_depth, fails=lambda recipe, fold: "out of memory" if recipe.depth == 3 else "")
    pair = try_recipe(NET, effects), try_recipe(DEEPER, effects)
    decision = judged(CHANGE, pair, run_after(effects), effects, seed_spread=0.0)
    assert (decision.kept, decision.rule) == (False, "rejected: out of memory")


def test_a_fresh_seed_follows_from_the_recipe_and_the_reason():
    assert fresh_seed(NET, "confirm") == fresh_seed(NET, "confirm")
    seeds = {
        fresh_seed(recipe, *why).seed for recipe in (NET, fresh_seed(NET, 7)) for why in (("a",), ("a", 1), ("b",))
    }
    assert len(seeds) == 6
    assert dataclasses.replace(fresh_seed(NET, "a"), seed=NET.seed) == NET


def confirmed(start: Recipe, end: Recipe, *, n_folds: int = 5, left_s: float = math.inf, **options):
    effects = effects_with(by_depth, n_folds=n_folds, **options)
    run = run_after(effects)
    effects.clock.limit_s = effects.clock.used_s + left_s
    found = confirm_stage(start, end, run, effects, seed_spread=0.0)
    return found, [fold for recipe, fold in effects.trainer.calls if recipe.seed != NET.seed]


def test_nothing_changed_needs_no_confirmation():
    assert confirmed(NET, NET) == (None, [])


def test_a_confirmation_uses_folds_drawn_anew():
    found, folds = confirmed(NET, DEEPER)
    assert found.confirmed
    assert found.effect == pytest.approx(0.05 + 0.01 * 7)  # by_depth on folds 5 to 9
    assert folds == [*range(5, 10)] * 2


def test_with_one_split_a_confirmation_has_fresh_seeds_alone():
    found, folds = confirmed(NET, DEEPER, n_folds=1)
    assert found.effect == pytest.approx(0.05)
    assert folds == [0, 0]


def test_a_confirmation_without_time_says_nothing():
    assert confirmed(NET, DEEPER, left_s=7.0)[0] is None


def test_a_confirmation_that_fails_says_nothing():
    assert confirmed(NET, DEEPER, fails=lambda r, f: "NaN" if r.seed and r.depth == 3 else "")[0] is None


def test_an_equal_score_is_no_confirmation():
    effects = effects_with(even)
    found = confirm_stage(NET, DEEPER, run_after(effects), effects, seed_spread=0.0)
    assert not found.confirmed


def test_a_trial_that_the_clock_cut_short_is_not_judged():
    effects = effects_with(even)
    trainer = effects.trainer
    fit = trainer.fit

    class Cutting:
        def __getattr__(self, name):
            return getattr(trainer, name)

        def fit(self, recipe, fold, *, n_more):
            return dataclasses.replace(fit(recipe, fold), is_cut=fold == 1)

    cutting = dataclasses.replace(effects, trainer=Cutting())
    trial = try_recipe(NET, cutting)
    assert (trial.status, trial.cause) == ("failed", OUT_OF_TIME)
    assert try_recipe(NET, cutting, whatever_the_clock=True).status == "ok"
