"""What holds for all stages, one after the other."""

from __future__ import annotations

import dataclasses
import importlib
import math
import pkgutil
import random
from typing import get_args

import pytest
from stage_runs import BASELINES, RATE, CurveTrainer, run_after

import autorecipe.stages
from autorecipe.config import Config, StageName
from autorecipe.effects import Effects
from autorecipe.errors import TrainingFailed
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.stages import Stage
from autorecipe.stages.order import STAGES, stages_for
from autorecipe.testing import fake_effects, make_run

GIVEN = Recipe(width=99, epochs=3)


def lifelike(recipe: Recipe, fold: int) -> float:
    """Better with a fitting learning rate and some dropout, with the noise of seeds and folds."""
    noise = random.Random(f"{recipe.key} {fold}").gauss(0, 0.003)
    return 0.8 - 0.02 * abs(math.log10(recipe.learning_rate / 2e-3)) + 0.05 * min(recipe.dropout, 0.3) + noise


def lifelike_effects(*, n_folds: int = 5, limit_s: float = math.inf) -> Effects:
    trainer = CurveTrainer(
        lifelike, baselines=BASELINES, probes={"rate_range": RATE}, losses=lambda r, f: (32 / r.width, 0.6)
    )
    return fake_effects(trainer=trainer, n_folds=n_folds, limit_s=limit_s)


def worked_through(effects: Effects) -> Run:
    run = make_run(n_folds=effects.n_folds, config=Config(target="bought", time_limit_s=math.inf))
    for stage in STAGES:
        run = dataclasses.replace(run, stages=(*run.stages, stage.work(run, effects)))
    return run


def names(stages: tuple[Stage, ...]) -> list[str]:
    return [stage.name for stage in stages]


def timeless(result: StageResult) -> StageResult:
    return dataclasses.replace(result, seconds=0.0)


def test_every_stage_file_is_listed():
    found = pkgutil.iter_modules(autorecipe.stages.__path__, "autorecipe.stages.")
    modules = [importlib.import_module(module.name) for module in found]
    assert {id(m.STAGE) for m in modules if hasattr(m, "STAGE")} == {id(stage) for stage in STAGES}


def test_the_order_is_that_of_the_names_and_every_question_is_one():
    assert ["profile", *names(STAGES)] == list(get_args(StageName))
    assert all(stage.question.endswith("?") for stage in STAGES)


@pytest.mark.parametrize("until", get_args(StageName))
def test_a_run_stops_after_the_stage_that_was_named(until):
    order = get_args(StageName)
    assert names(stages_for(Config(until=until))) == list(order[1 : order.index(until) + 1])


def test_a_given_recipe_is_trained_without_search():
    stages = stages_for(Config(recipe=GIVEN))
    assert names(stages) == ["baseline", "tune", "squeeze"]
    assert "no search" in stages[1].question
    assert names(stages_for(Config(recipe=GIVEN, until="regularize"))) == ["baseline"]


@pytest.mark.parametrize("n_folds", [1, 5])
def test_every_stage_goes_on_from_the_one_before(n_folds):
    run = worked_through(lifelike_effects(n_folds=n_folds))
    assert [result.stage for result in run.stages] == names(STAGES)
    assert all(result.ended == "done" for result in run.stages)
    assert all(result.best.recipe == result.end for result in run.stages)
    assert run.stages[-1].members


@pytest.mark.parametrize("n_folds", [1, 5])
@pytest.mark.parametrize("place", range(len(STAGES)), ids=names(STAGES))
def test_a_stage_entered_again_replays_what_it_found(place, n_folds):
    effects = lifelike_effects(n_folds=n_folds)
    run = worked_through(effects)
    trained = dict(effects.trainer.trained)
    before = dataclasses.replace(run, stages=run.stages[:place])
    again = STAGES[place].work(before, effects)
    assert timeless(again) == timeless(run.stages[place])
    assert effects.trainer.trained == trained


@pytest.mark.parametrize("n_folds", [1, 5])
@pytest.mark.parametrize("stage", STAGES, ids=names(STAGES))
def test_without_time_a_stage_ends_by_its_budget_with_a_network(stage, n_folds):
    effects = lifelike_effects(n_folds=n_folds)
    run = run_after(effects)
    effects.clock.limit_s = effects.clock.used_s
    result = stage.work(run, effects)
    assert result.ended == "budget"
    assert result.best.status == "ok"
    assert result.best.recipe == result.end


@pytest.mark.parametrize("n_folds", [1, 5])
@pytest.mark.parametrize("stage", STAGES, ids=names(STAGES))
def test_an_interrupted_stage_says_so_and_has_a_network(stage, n_folds):
    effects = lifelike_effects(n_folds=n_folds)
    run = run_after(effects)
    effects.clock.stopped = True
    result = stage.work(run, effects)
    assert result.ended == "interrupted"
    assert result.best.status == "ok"


@pytest.mark.parametrize("limit_s", [3.0, 20.0, 60.0, 150.0, 400.0])
def test_whatever_the_time_no_stage_goes_far_beyond_it(limit_s):
    effects = lifelike_effects(limit_s=limit_s)
    run = worked_through(effects)
    least_s = 3 * 5 + 5 + 5  # baselines, probes and one network come whatever the clock
    assert effects.clock.used_s <= max(limit_s, least_s)
    assert run.best.status == "ok"


def test_a_given_recipe_is_trained_even_without_time():
    effects = lifelike_effects(limit_s=0.0)
    stage = stages_for(Config(recipe=GIVEN))[1]
    result = stage.work(make_run(), effects)
    assert result.end == result.best.recipe == GIVEN
    assert len(result.best.fits) == 5
    assert result.ended == "budget"


def test_a_given_recipe_that_cannot_be_trained_ends_the_run():
    trainer = CurveTrainer(lifelike, fails=lambda recipe, fold: "out of memory")
    with pytest.raises(TrainingFailed, match="given recipe could not be trained: out of memory"):
        stages_for(Config(recipe=GIVEN))[1].work(make_run(), fake_effects(trainer=trainer))
