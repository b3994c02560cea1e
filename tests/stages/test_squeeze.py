from __future__ import annotations

import pytest
from stage_runs import NET, effects_with, even, run_after

from autorecipe.config import Config
from autorecipe.effects import Effects
from autorecipe.recipe import Recipe
from autorecipe.run import StageResult
from autorecipe.stages import squeeze
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


def test_a_copy_that_fails_leaves_what_there_is():
    result = squeezed(fails=lambda recipe, fold: "" if recipe.seed == NET.seed else "NaN")
    assert [trial.name for trial in result.trials] == ["net"]
    assert result.decisions == ()
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
