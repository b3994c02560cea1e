from __future__ import annotations

from autorecipe.record.stage import StageResult
from autorecipe.report.progress import QuietProgress
from autorecipe.stages import Stage
from autorecipe.testing import fake_effects, make_run
from autorecipe.testing.fake_world import MemoryStore
from autorecipe.work_through import work_through


def stage(name):
    return Stage(name=name, question="?", work=lambda run, effects: StageResult(stage=name, question="?"))


def test_the_report_is_given_the_run_after_each_stage_when_the_store_has_it():
    store, seen = MemoryStore(), []
    work_through(
        make_run(),
        [stage("baseline"), stage("overfit")],
        effects_for=lambda stage, run: fake_effects(),
        store=store,
        progress=QuietProgress(),
        report=lambda run: seen.append((len(run.stages), store.runs[-1] is run)),
    )
    assert seen == [(1, True), (2, True)]
