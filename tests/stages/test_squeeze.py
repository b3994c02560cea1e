from __future__ import annotations

import dataclasses

import pytest
from stage_runs import NET, effects_with, even, run_after

from autorecipe.config import Config
from autorecipe.effects import Effects
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Trial
from autorecipe.stages import squeeze
from autorecipe.stages.trials import try_recipe
from autorecipe.testing import make_run


def squeezed(score=even, *, n_folds: int = 5, config: Config | None = None, **options) -> StageResult:
    effects = effects_with(score, n_folds=n_folds, **options)
    return squeeze.work(run_after(effects, stage="tune", config=config), effects)


def short_of_time(left_s: float, *, n_folds: int, **options) -> tuple[StageResult, Effects]:
    effects = effects_with(even, n_folds=n_folds, **options)
    run = run_after(effects, stage="tune")
    effects.clock.limit_s = effects.clock.used_s + left_s
    return squeeze.work(run, effects), effects


def test_three_copies_on_every_fold_are_averaged():
    result = squeezed()
    assert [trial.name for trial in result.trials] == ["net", "copy 2", "copy 3"]
    assert len(result.members) == len(set(result.members)) == 15
    assert result.notes == ("15 networks in the final model, averaged",)


def test_members_are_the_keys_of_the_fits():
    result = squeezed()
    assert result.members == tuple(fit.key for trial in result.trials for fit in trial.fits)


def test_copies_differ_in_nothing_but_the_seed():
    result = squeezed()
    seeds = {trial.recipe.seed for trial in result.trials}
    assert len(seeds) == 3
    assert {trial.recipe.key for trial in result.trials} == {Recipe(epochs=3, seed=s).key for s in seeds}


def test_the_recipe_stays_what_it_was():
    result = squeezed()
    assert result.start == result.end == NET
    assert result.best.recipe == NET


def test_a_copy_that_spoils_the_average_is_left_out():
    result = squeezed(lambda recipe, fold: 0.8 if recipe.seed == NET.seed else 0.7)
    assert [d.kept for d in result.decisions] == [False]
    assert [trial.name for trial in result.trials] == ["net"]
    assert len(result.members) == 5


def test_a_copy_that_fails_leaves_what_there_is_and_its_cause_is_told():
    result = squeezed(fails=lambda recipe, fold: "" if recipe.seed == NET.seed else "NaN")
    assert [trial.name for trial in result.trials] == ["net"]
    assert [(d.kept, d.rule) for d in result.decisions] == [(False, "rejected: NaN")]
    assert len(result.members) == 5


def test_the_quick_preset_makes_one_copy():
    result = squeezed(config=Config(target="bought", preset="quick"))
    assert [trial.name for trial in result.trials] == ["net", "copy 2"]


def test_after_one_split_the_members_come_from_folds_of_all_rows():
    result = squeezed(n_folds=1)
    (bag,) = result.trials
    assert [fit.fold for fit in bag.fits] == [1, 2, 3, 4, 5]
    assert result.members == tuple(fit.key for fit in bag.fits)
    assert bag.recipe == result.end == NET
    assert "5 of them on folds of all rows" in result.notes[0]
    assert result.ended == "done"


def test_the_folds_of_a_bag_that_was_not_finished_join_the_copies():
    result = squeezed(n_folds=1, fails=lambda recipe, fold: "NaN" if fold == 4 else "")
    assert [fit.fold for fit in result.trials[-1].fits] == [1, 2, 3]
    assert result.members[0] == result.best.fits[0].key
    assert set(result.members) >= {fit.key for fit in result.trials[-1].fits}


def test_with_time_for_some_folds_alone_those_are_trained():
    result, effects = short_of_time(3.0, n_folds=1)
    assert [fit.fold for fit in result.trials[-1].fits] == [1, 2]
    assert result.members[0] == result.best.fits[0].key
    assert effects.clock.left_s() >= 0


@pytest.mark.parametrize("n_folds", [1, 5])
def test_without_time_the_best_network_stands_alone(n_folds):
    result, effects = short_of_time(0.0, n_folds=n_folds)
    assert result.ended == "budget"
    assert result.members == tuple(fit.key for fit in result.best.fits)
    assert len(effects.trainer.trained) == n_folds


def test_the_bag_comes_before_copies_when_time_is_short():
    result, effects = short_of_time(6.5, n_folds=1)
    assert result.decisions == ()
    assert [fit.fold for fit in result.trials[0].fits] == [1, 2, 3, 4, 5]
    assert effects.clock.left_s() >= 0
    assert result.ended == "done"


def test_an_interruption_leaves_the_best_network():
    effects = effects_with(even)
    run = run_after(effects, stage="tune")
    effects.clock.stopped = True
    result = squeeze.work(run, effects)
    assert result.ended == "interrupted"
    assert len(result.members) == 5


@pytest.mark.parametrize("n_folds", [1, 5])
def test_the_seconds_that_are_kept_back_are_enough(n_folds):
    effects = effects_with(even, n_folds=n_folds)
    run = run_after(effects, stage="tune")
    effects.clock.limit_s = effects.clock.used_s + squeeze.needed_s(run) + 1e-6
    result = squeeze.work(run, effects)
    assert result.ended == "done"
    assert len(result.members) > n_folds


def test_no_seconds_are_kept_back_before_there_is_a_network():
    assert squeeze.needed_s(make_run()) == 0.0


def test_without_a_network_there_is_nothing_to_copy():
    with pytest.raises(ValueError, match="needs a trained network"):
        squeeze.work(make_run(), effects_with(even))


WIDE, DEEP = Recipe(epochs=3, width=99), Recipe(epochs=3, depth=9)
THREE_RECIPES = (NET, WIDE, DEEP)


def by_width(*weights: float):
    """Weights of a fake `weigh`: of the recipes NET, WIDE and DEEP, as far as they are asked for, made to sum to 1."""
    own = dict(zip(THREE_RECIPES, weights, strict=True))

    def weigh(trials: tuple[Trial, ...]) -> tuple[float, ...]:
        found = [own[t.recipe] for t in trials]
        return tuple(weight / sum(found) for weight in found)

    return weigh


def after_three_recipes(effects: Effects, **options) -> Run:
    run = run_after(effects, stage="tune", **options)
    more = tuple(try_recipe(recipe, effects, name=f"net {i}") for i, recipe in enumerate((WIDE, DEEP)))
    return dataclasses.replace(run, stages=(dataclasses.replace(run.stages[0], trials=more),))


def ensembled(*weights: float, n_folds: int, left_s: float = 1e9, config: Config | None = None, **options):
    effects = effects_with(even, n_folds=n_folds, weights=by_width(*weights), **options)
    run = after_three_recipes(effects, config=config)
    effects.clock.limit_s = effects.clock.used_s + left_s
    return squeeze.work(run, effects), effects


def test_whole_trials_of_the_run_are_candidates_at_no_cost():
    result, effects = ensembled(0.5, 0.3, 0.2, n_folds=5, left_s=11.0)
    assert [t.recipe for t in effects.trainer.weighed[0]] == [NET, WIDE, DEEP]
    assert [(p.recipe, p.weight) for p in result.ensemble.parts] == [(NET, 0.5), (WIDE, 0.3), (DEEP, 0.2)]
    assert len(effects.trainer.trained) == 15
    assert result.members == tuple(key for p in result.ensemble.parts for key in p.keys)
    assert result.decisions[0].change.title == "average 3 recipes, weighted"
    assert result.decisions[0].kept
    assert result.notes == ("15 networks of 3 recipes in the final model, averaged",)


def test_trials_that_were_shortened_or_cut_are_no_candidates():
    effects = effects_with(even)
    run = after_three_recipes(effects)
    cut = run.stages[0].trials[0]
    cut = dataclasses.replace(cut, fits=(*cut.fits[:-1], dataclasses.replace(cut.fits[-1], is_cut=True)))
    half = try_recipe(Recipe(epochs=3, row_share=0.5), effects)
    part = dataclasses.replace(run.stages[0].trials[1], fits=run.stages[0].trials[1].fits[:3])
    run = dataclasses.replace(run, stages=(dataclasses.replace(run.stages[0], trials=(cut, half, part)),))
    assert [t.recipe for t in squeeze.candidates(run, run.best, effects)] == [NET]


def cut_short(trial: Trial) -> Trial:
    return dataclasses.replace(trial, fits=tuple(dataclasses.replace(fit, is_cut=True) for fit in trial.fits))


@pytest.mark.parametrize("left_s", [1e9, 0.0])
def test_the_best_that_the_clock_cut_short_is_trained_whole_where_there_is_time_now(left_s):
    effects = effects_with(even)
    run = run_after(effects, stage="tune")
    run = dataclasses.replace(
        run, stages=(*run.stages[:-1], dataclasses.replace(run.stages[-1], best=cut_short(run.best)))
    )
    effects.clock.limit_s = effects.clock.used_s + left_s
    result = squeeze.work(run, effects)
    assert run.best.is_cut
    assert result.best.is_cut == (left_s == 0.0)
    assert not any(trial.is_cut for trial in result.trials) or left_s == 0.0


def test_a_given_recipe_is_the_only_candidate():
    effects = effects_with(even)
    run = after_three_recipes(effects, config=Config(target="bought", recipe=NET))
    assert [t.recipe for t in squeeze.candidates(run, run.best, effects)] == [NET]


def test_after_one_split_every_part_is_trained_on_folds_of_all_rows_and_weighed_anew():
    result, effects = ensembled(0.2, 0.5, 0.3, n_folds=1)
    assert [t.recipe for t in result.trials] == [WIDE, DEEP, NET]
    assert all([f.fold for f in t.fits] == [1, 2, 3, 4, 5] for t in result.trials)
    assert len(effects.trainer.weighed) == 2
    assert [len(t.fits) for t in effects.trainer.weighed[1]] == [5, 5, 5]
    assert len(result.members) == 15
    assert result.ended == "done"


def test_with_time_for_one_bag_the_heaviest_part_gets_it():
    result, effects = ensembled(0.2, 0.7, 0.1, n_folds=1, left_s=6.5)
    folds = {t.recipe: [f.fold for f in t.fits] for t in result.trials}
    assert folds == {WIDE: [1, 2, 3, 4, 5], NET: [0], DEEP: [0]}
    assert [len(p.keys) for p in result.ensemble.parts] == [5, 1, 1]
    assert effects.clock.left_s() >= 0


def test_the_quick_preset_trains_one_bag():
    result, _ = ensembled(0.5, 0.3, 0.2, n_folds=1, config=Config(target="bought", preset="quick"))
    assert [len(p.keys) for p in result.ensemble.parts] == [5, 1, 1]


def test_a_part_that_serves_too_slowly_is_dropped_and_said():
    rates = {NET: 60_000.0, WIDE: 60_000.0, DEEP: 10_000.0}
    result, effects = ensembled(0.5, 0.3, 0.2, n_folds=5, left_s=11.0, rows_per_s=rates.get)
    assert [p.recipe for p in result.ensemble.parts] == [NET, WIDE]
    assert result.ensemble.rows_per_s >= 5_000
    assert any("net 1 (weight 0.20)" in text and "wanted 5,000" in text for text in result.ensemble.left_out)
    assert [t.recipe for t in effects.trainer.weighed[-1]] == [NET, WIDE]


def test_without_a_limit_every_part_is_served():
    config = Config(target="bought", serve_rows_per_s=0)
    result, _ = ensembled(0.5, 0.3, 0.2, n_folds=5, left_s=11.0, rows_per_s=lambda r: 10.0, config=config)
    assert len(result.ensemble.parts) == 3
    assert result.ensemble.left_out == ()


def test_no_more_networks_are_trained_than_can_be_served():
    result, effects = ensembled(0.5, 0.3, 0.2, n_folds=1, rows_per_s=lambda r: 36_000.0)
    assert [len(p.keys) for p in result.ensemble.parts] == [3, 1, 1]
    assert result.ensemble.rows_per_s >= 5_000
    assert len(effects.trainer.trained) == 3 + 2


def test_networks_of_the_folds_are_thinned_to_what_can_be_served():
    result, _ = ensembled(1.0, 0.0, 0.0, n_folds=5, left_s=11.0, rows_per_s=lambda r: 20_000.0)
    assert len(result.members) == 3
    assert any("2 of 5 networks of net" in text for text in result.ensemble.left_out)
    assert set(result.members) <= {f.key for t in result.trials for f in t.fits}


def test_copies_of_the_heaviest_part_share_its_weight_up_to_the_most_networks():
    result, effects = ensembled(0.6, 0.4, 0.0, n_folds=5)
    assert [len(p.keys) for p in result.ensemble.parts] == [10, 5]
    assert [p.weight for p in result.ensemble.parts] == [0.6, 0.4]
    assert len(effects.trainer.trained) == 15 + 5


def test_where_there_are_networks_enough_no_copy_is_trained():
    result, effects = ensembled(0.5, 0.3, 0.2, n_folds=5)
    assert len(result.members) == len(effects.trainer.trained) == 15
    assert result.ended == "done"


def test_every_copy_leaves_the_time_to_export_it():
    result, _ = short_of_time(16.0, n_folds=5)  # 5 s a copy; the first is exported in 3 s more, the second in 6 s
    assert [trial.name for trial in result.trials] == ["net", "copy 2"]


def test_where_time_goes_forward_it_does_so_for_the_ensemble_and_there_are_no_bags():
    config = Config(target="bought", split_by_time="day")
    result, effects = ensembled(0.6, 0.4, 0.0, n_folds=1, config=config)
    assert effects.trainer.asked_in_order == [True]
    assert {f.fold for t in result.trials for f in t.fits} == {0}


def test_an_interruption_leaves_the_best_of_several_alone():
    effects = effects_with(even, weights=by_width(0.5, 0.3, 0.2))
    run = after_three_recipes(effects)
    effects.clock.stopped = True
    result = squeeze.work(run, effects)
    assert [p.recipe for p in result.ensemble.parts] == [NET]
    assert effects.trainer.weighed == []
    assert len(result.members) == 5
    assert "an average of up to 3 recipes: interrupted, net stands alone" in result.ensemble.left_out


def test_the_best_that_stands_alone_for_lack_of_time_is_measured_and_says_so():
    result, effects = ensembled(0.5, 0.3, 0.2, n_folds=5, left_s=0.9)
    assert effects.trainer.weighed == []
    assert [p.recipe for p in result.ensemble.parts] == [NET]
    assert result.ensemble.rows_per_s > 0
    assert "an average of up to 3 recipes: no time to choose it, net stands alone" in result.ensemble.left_out


def test_no_round_of_choosing_begins_after_the_clock():
    effects = effects_with(even, rows_per_s={NET: 6e4, WIDE: 6e4, DEEP: 1e4}.get)
    run, weigh = after_three_recipes(effects), by_width(0.5, 0.3, 0.2)
    effects.trainer.weights = lambda trials: effects.clock.spend(4.0) or weigh(trials)
    effects.clock.limit_s = effects.clock.used_s + 7.5
    result = squeeze.work(run, effects)
    assert len(effects.trainer.weighed) == 1
    assert [p.recipe for p in result.ensemble.parts] == [NET]
    assert any("no time to choose it" in text for text in result.ensemble.left_out)


def test_parts_that_there_is_no_time_to_export_are_dropped_in_one_round():
    result, effects = ensembled(0.5, 0.3, 0.2, n_folds=5, left_s=1.5)
    assert [p.recipe for p in result.ensemble.parts] == [NET]
    assert [len(trials) for trials in effects.trainer.weighed] == [3, 1]
    assert sum("no time to export it" in text for text in result.ensemble.left_out) == 2


def test_the_part_with_the_least_weight_for_its_seconds_is_dropped():
    rates = {NET: 18_000.0, WIDE: 60_000.0, DEEP: 60_000.0}
    result, _ = ensembled(0.5, 0.3, 0.2, n_folds=5, left_s=11.0, rows_per_s=rates.get)
    assert [p.recipe for p in result.ensemble.parts] == [WIDE, DEEP]
    assert any("net (weight 0.50)" in text for text in result.ensemble.left_out)


def test_a_faster_recipe_may_stand_in_for_one_that_is_too_slow():
    def weigh(trials):
        return tuple(float(len(trials) < 3 or t.recipe != DEEP) / 2 for t in trials)

    effects = effects_with(even, weights=weigh, rows_per_s={NET: 1e5, WIDE: 9e3, DEEP: 1e5}.get)
    run = after_three_recipes(effects)
    effects.clock.limit_s = effects.clock.used_s + 11.0
    assert {p.recipe for p in squeeze.work(run, effects).ensemble.parts} == {NET, DEEP}


def test_a_part_whose_serving_cannot_be_measured_is_dropped_where_a_limit_is_set():
    rates = {NET: 1e6, WIDE: 1e6, DEEP: 0.0}
    result, _ = ensembled(0.5, 0.3, 0.2, n_folds=5, left_s=11.0, rows_per_s=rates.get)
    assert [p.recipe for p in result.ensemble.parts] == [NET, WIDE]
    assert any("its serving is not measured" in text for text in result.ensemble.left_out)


def test_a_network_that_is_too_slow_by_itself_says_so():
    result, _ = ensembled(1.0, 0.0, 0.0, n_folds=5, left_s=11.0, rows_per_s=lambda r: 1000.0)
    assert len(result.members) == 1
    assert any("the 5,000 rows/s wanted: net alone serves" in text for text in result.ensemble.left_out)


def test_the_decision_is_that_of_the_ensemble_of_the_bags():
    def weigh(trials):
        return by_width(0.5, 0.3, 0.2)(trials) if len(trials[0].fits) == 1 else (1.0, *[0.0] * (len(trials) - 1))

    effects = effects_with(even, n_folds=1, weights=weigh)
    result = squeeze.work(after_three_recipes(effects), effects)
    assert len(effects.trainer.weighed) == 2
    assert len(result.ensemble.parts) == 1
    assert result.decisions == ()
    assert result.notes == ("5 networks, 5 of them on folds of all rows that are not locked away, averaged",)


def test_what_was_left_out_before_the_bags_is_still_said():
    rates = {NET: 1e6, WIDE: 1e6, DEEP: 4e3}
    result, effects = ensembled(0.5, 0.3, 0.2, n_folds=1, rows_per_s=rates.get)
    assert [len(trials) for trials in effects.trainer.weighed] == [3, 2, 2]
    assert any("net 1 (weight 0.20)" in text for text in result.ensemble.left_out)
    assert [p.recipe for p in result.ensemble.parts] == [NET, WIDE]


def test_a_part_that_there_is_no_time_to_export_is_dropped_and_said():
    result, _ = ensembled(0.5, 0.3, 0.2, n_folds=5, left_s=4.0)
    assert [p.recipe for p in result.ensemble.parts] == [NET, WIDE]
    assert any("no time to export it" in text for text in result.ensemble.left_out)
