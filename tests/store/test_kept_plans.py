"""A stage's plan outlives the process, until the stage has ended."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from autorecipe.effects import Store
from autorecipe.record.stage import StagePlan, StageResult
from autorecipe.store.directory import RunDirectory
from autorecipe.testing import MemoryStore, make_run

PLAN = StagePlan(available_s=45.0, trial_s=3.0, n_trials=14, epochs=20, row_share=0.5, detectable_gain=0.004)


@pytest.fixture(params=["memory", "directory"])
def store(request, tmp_path: Path):
    if request.param == "memory":
        yield MemoryStore()
        return
    with RunDirectory.create(tmp_path / "run", now_s=lambda: 0.0) as directory:
        yield directory


def test_a_plan_is_kept_for_its_stage_alone(store: Store):
    store.save_plan("tune", PLAN)
    store.save_plan("overfit", dataclasses.replace(PLAN, n_trials=3))
    assert store.plan("tune") == PLAN
    assert store.plan("regularize") is None


def test_a_plan_is_forgotten_when_its_stage_has_ended(store: Store):
    run = make_run()
    store.save_plan("tune", PLAN)
    store.save(run)
    assert store.plan("tune") == PLAN
    store.save(dataclasses.replace(run, stages=(StageResult(stage="tune", question="?", plan=PLAN),)))
    assert store.plan("tune") is None


def test_a_plan_outlives_a_stage_that_the_user_interrupted(store: Store):
    store.save_plan("tune", PLAN)
    stage = StageResult(stage="tune", question="?", plan=PLAN, ended="interrupted")
    store.save(dataclasses.replace(make_run(), stages=(stage,)))
    assert store.plan("tune") == PLAN


def test_a_plan_is_found_by_the_process_that_goes_on(tmp_path: Path):
    path = tmp_path / "run"
    with RunDirectory.create(path, now_s=lambda: 0.0) as directory:
        directory.save(make_run())
        directory.save_plan("tune", PLAN)
    with RunDirectory.open(path, now_s=lambda: 0.0) as directory:
        assert directory.plan("tune") == PLAN


def test_starting_afresh_forgets_every_plan(tmp_path: Path):
    path = tmp_path / "run"
    with RunDirectory.create(path, now_s=lambda: 0.0) as directory:
        directory.save(make_run())
        directory.save_plan("tune", PLAN)
    with RunDirectory.create(path, now_s=lambda: 0.0) as directory:
        assert directory.plan("tune") is None
