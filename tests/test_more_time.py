from __future__ import annotations

from autorecipe.ensemble.earlier import with_larger_ensemble
from autorecipe.more_time import cut_for_more_time, without_interrupted
from autorecipe.recipe import Recipe
from autorecipe.record.stage import Diagnosis, StageResult
from autorecipe.record.trial import Fit, Trial
from autorecipe.testing import make_run

START, TUNED = Recipe(), Recipe(dropout=0.2)


def trial_of(recipe: Recipe) -> Trial:
    return Trial(name="net", recipe=recipe, fits=(Fit(key="a", fold=0),))


def stage(name, recipe: Recipe, *, members: tuple[str, ...] = ()) -> StageResult:
    return StageResult(stage=name, question="?", end=recipe, best=trial_of(recipe), members=members)


def run_of(*stages: StageResult):
    return make_run(stages=stages)


def test_more_time_searches_on_from_the_best_recipe_that_was_found():
    before = run_of(stage("baseline", START), stage("regularize", START), stage("tune", TUNED), stage("squeeze", TUNED))
    cut = cut_for_more_time(before)
    assert [s.stage for s in cut.stages] == ["baseline", "regularize"]
    assert cut.recipe == TUNED
    assert cut.best.recipe == TUNED


def test_more_time_does_not_lose_copies_that_were_averaged_before():
    earlier = stage("squeeze", TUNED, members=("a", "b", "c"))
    now = run_of(stage("tune", TUNED), stage("squeeze", TUNED, members=("a",)))
    assert with_larger_ensemble(now, earlier).stage("squeeze") == earlier


def test_copies_of_another_recipe_are_not_brought_back():
    earlier = stage("squeeze", START, members=("a", "b", "c"))
    now = run_of(stage("tune", TUNED), stage("squeeze", TUNED, members=("a",)))
    assert with_larger_ensemble(now, earlier) == now
    assert with_larger_ensemble(now, None) == now


def test_more_time_looks_again_where_too_short_a_time_found_no_signal():
    nothing = Diagnosis(name="no signal", reason="", remedy="")
    stages = (
        StageResult(stage="profile", question=""),
        StageResult(stage="baseline", question="", diagnosis=nothing, ended="budget"),
        StageResult(stage="overfit", question="", diagnosis=nothing),
    )
    assert [stage.stage for stage in cut_for_more_time(make_run(stages=stages)).stages] == ["profile"]


def test_more_time_climbs_the_ladder_again_where_the_first_network_was_cut_short():
    short = Diagnosis(name="cut short", reason="", remedy="")
    stages = (
        StageResult(stage="profile", question=""),
        StageResult(stage="baseline", question="", diagnosis=short, ended="budget"),
        StageResult(stage="overfit", question="", diagnosis=short),
    )
    assert [stage.stage for stage in cut_for_more_time(make_run(stages=stages)).stages] == ["profile"]


def interrupted(name) -> StageResult:
    return StageResult(stage=name, question="?", end=TUNED, best=trial_of(TUNED), ended="interrupted")


def test_a_run_goes_on_before_the_first_stage_that_was_interrupted():
    run = run_of(stage("baseline", START), interrupted("overfit"), interrupted("regularize"))
    assert without_interrupted(run, left_s=60.0).stages == run.stages[:1]


def test_a_run_that_nobody_interrupted_goes_on_as_it_is():
    run = run_of(stage("baseline", START), stage("overfit", TUNED))
    assert without_interrupted(run, left_s=60.0) == run


def test_interrupted_stages_stand_where_no_time_is_left_to_do_better():
    run = run_of(stage("baseline", START), interrupted("overfit"))
    assert without_interrupted(run, left_s=3.0) == run


def test_more_time_gives_interrupted_stages_another_go():
    run = run_of(stage("baseline", START), interrupted("overfit"), interrupted("tune"))
    cut = cut_for_more_time(run)
    assert [result.stage for result in cut.stages] == ["baseline"]
    assert cut.recipe == START
