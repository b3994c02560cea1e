from __future__ import annotations

import dataclasses

import pytest
from rich_run import classification_run

from autorecipe.record.run import Run
from autorecipe.record.trial import Fit, Trial
from autorecipe.report.text_rivals import missing_rivals
from autorecipe.stages.baseline import BOOSTING_LEFT_OUT
from autorecipe.testing.runs import with_images


def with_ladder(*rungs: Trial, run: Run | None = None, ended="budget") -> Run:
    run = run or classification_run()
    first = run.stage("baseline")
    stage = dataclasses.replace(first, ladder=tuple(t for t in rungs if t.status == "ok"), trials=rungs, ended=ended)
    return dataclasses.replace(run, stages=tuple(stage if s is first else s for s in run.stages))


def rung(name: str, *, status="ok") -> Trial:
    return Trial(name=name, recipe=None, fits=(Fit(key=name, fold=0, status=status, cause="no such thing"),))


CONSTANT, LINEAR, BOOSTED = rung("always the same"), rung("linear"), rung("gradient boosting")


@pytest.mark.parametrize(
    ("rungs", "ended", "said"),
    [
        ((CONSTANT, LINEAR, BOOSTED), "done", ""),
        ((CONSTANT,), "budget", "no linear model or gradient boosting was fitted: the time was up"),
        ((CONSTANT, LINEAR), "interrupted", "no gradient boosting was fitted: the run was interrupted"),
        ((CONSTANT, BOOSTED), "budget", "no linear model was fitted: the time was up"),
        ((CONSTANT, LINEAR, rung("gradient boosting", status="failed")), "done", "gradient boosting failed"),
    ],
)
def test_what_is_missing_beside_the_network_is_named_with_its_reason(rungs, ended, said):
    assert missing_rivals(with_ladder(*rungs, ended=ended)) == said


def test_a_run_without_a_ladder_misses_nothing():
    run = classification_run()
    assert missing_rivals(dataclasses.replace(run, stages=run.stages[:1])) == ""


def test_gradient_boosting_of_images_that_is_left_out_by_plan_is_not_missing():
    run = with_images(with_ladder(CONSTANT, rung("linear on 8 x 8 colours")))
    assert missing_rivals(run) == "no gradient boosting on 4 x 4 colours was fitted: the time was up"
    first = run.stage("baseline")
    planned = dataclasses.replace(first, notes=(*first.notes, BOOSTING_LEFT_OUT))
    run = dataclasses.replace(run, stages=tuple(planned if s is first else s for s in run.stages))
    for limit_s in (1.0, 36_000.0):  # more time that is given later changes nothing of what was planned
        later = dataclasses.replace(run, config=dataclasses.replace(run.config, time_limit_s=limit_s))
        assert missing_rivals(later) == ""
