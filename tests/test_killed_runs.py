"""A run that was killed comes to the decisions of one that was not; `test_run_end_to_end` kills a real one."""

from __future__ import annotations

import dataclasses
import functools
import math
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from autorecipe.budget import plan_budget, stage_deadline_s
from autorecipe.config import Config
from autorecipe.effects import Effects
from autorecipe.more_time import without_interrupted
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Fit, Trial
from autorecipe.report.progress import QuietProgress
from autorecipe.stages import Stage, squeeze
from autorecipe.stages.order import STAGES
from autorecipe.store import atomic
from autorecipe.store.codec import read_run
from autorecipe.store.contents import RUN_NAME, check_ours_or_empty, is_run
from autorecipe.store.directory import RunDirectory
from autorecipe.testing import FakeClock, FakeSearcher, FakeTrainer, make_run
from autorecipe.work_through import work_through

BASELINES = {"constant": 0.5, "linear": 0.7, "gradient_boosting": 0.75}
PLAIN = Config(target="bought", families=("mlp",))  # no other family beside the plain net
AMPLE_S, SHORT_S = 1e6, 250.0  # seconds: of the second, stages must shorten their trials
SEARCHING = ("overfit", "regularize", "tune", "squeeze")
N_FOLDS = 3
N_ROWS = 5000


class Killed(BaseException):
    """The end of a process: nothing in the package catches it."""


class EpochTrainer(FakeTrainer):
    """A fit takes a fiftieth of a second per epoch on all rows, and the clock has moved before it is known.

    Copies err apart: their mean is better than each.
    """

    def fit(self, recipe: Recipe, fold: int, *, n_more: int | None = None) -> Fit:
        self.seconds = 0.02 * recipe.epochs * recipe.row_share
        return super().fit(recipe, fold)

    def blend(self, trials: tuple[Trial, ...], name: str) -> Trial:
        mean = super().blend(trials, name)
        fits = (dataclasses.replace(fit, validation_score=fit.validation_score + 0.01) for fit in mean.fits)
        return dataclasses.replace(mean, fits=tuple(fits))


@dataclass(slots=True)
class Death:
    """Kills when something has happened so many times in a stage; without a moment it never comes."""

    moment: str = ""
    stage: str = ""
    after: int = 1
    at: str = field(default="", init=False)  # the stage that is worked through

    def may_come(self, moment: str) -> None:
        if (moment, self.at) == (self.moment, self.stage):
            self.after -= 1
            if self.after == 0:
                raise Killed(moment)


@dataclass(slots=True)
class TwoInterrupts(Death):
    """The first Ctrl-C cuts short what is trained; the second leaves when so many interrupted stages are kept."""

    n_stages: int = 1
    clock: FakeClock = field(default_factory=FakeClock)

    def may_come(self, moment: str) -> None:
        try:
            Death.may_come(self, moment)
        except Killed:
            self.clock.stopped = True

    def may_come_after(self, run: Run) -> None:
        if sum(stage.ended == "interrupted" for stage in run.stages) == self.n_stages:
            raise Killed(self.moment)


class MortalDirectory(RunDirectory):
    """A run directory whose process may die right after a plan, or after a fit, was kept."""

    def __init__(self, path: Path, *, now_s: Callable[[], float], death: Death) -> None:
        super().__init__(path, now_s=now_s)
        self.death = death

    def save(self, run: Run) -> None:
        super().save(run)
        if isinstance(self.death, TwoInterrupts):
            self.death.may_come_after(run)

    def save_plan(self, stage, plan) -> None:
        super().save_plan(stage, plan)
        self.death.may_come("planned")


class RememberingTrainer:
    """Keeps fits on the disk, as the real trainer does."""

    def __init__(self, inner: FakeTrainer, memory: RunDirectory, death: Death) -> None:
        self.inner, self.memory, self.death = inner, memory, death

    def fit(self, recipe: Recipe, fold: int, *, n_more: int | None = None) -> Fit:
        return self._remembered(f"{recipe.key}-{fold}", lambda: self.inner.fit(recipe, fold))

    def knows(self, recipe: Recipe, fold: int) -> bool:
        return self.memory.load_fit(f"{recipe.key}-{fold}") is not None

    def baseline(self, name, fold: int) -> Fit:
        return self._remembered(f"{name}-{fold}", lambda: self.inner.baseline(name, fold))

    def probe(self, kind, recipe: Recipe):
        return self.inner.probe(kind, recipe)

    def row_error(self, before, after) -> float:
        return self.inner.row_error(before, after)

    def blend(self, trials, name: str):
        return self.inner.blend(trials, name)

    def weigh(self, trials, *, in_order: bool = False):
        return self.inner.weigh(trials, in_order=in_order)

    def serving_rate(self, trial) -> float:
        return self.inner.serving_rate(trial)

    def _remembered(self, key: str, fit: Callable[[], Fit]) -> Fit:
        if (found := self.memory.load_fit(key)) is not None:
            return found
        done = fit()
        self.death.may_come("training")
        if isinstance(self.death, TwoInterrupts) and self.death.clock.stopped:
            return dataclasses.replace(done, key=f"{key}-cut", is_cut=True)  # as the trainer keeps it: not as the whole
        self.memory.save_fit(key, done, predictions={"validation": np.zeros(3)}, weights=None)
        self.death.may_come("trained")
        return done


def score(recipe: Recipe, fold: int) -> float:
    """Scores that some changes raise, and faster learning without end, with a noise for every recipe and fold."""
    noise = random.Random(f"{recipe.key} {fold}").gauss(0.0, 0.002)
    gain = 0.02 * min(recipe.width, 128) / 128 - 0.3 * (recipe.dropout - 0.2) ** 2 + 0.01 * (recipe.l2 > 0)
    return 0.78 + gain + 0.01 * recipe.linear_path + 0.1 * math.log10(recipe.learning_rate / 1e-3) + noise


def session(path: Path, limit_s: float, death: Death | None = None) -> Run:
    """What a process does: begin or go on with the run in a directory, from what is on the disk alone."""
    begun, clock, death = is_run(path), FakeClock(), death or Death()
    check_ours_or_empty(path)
    path.mkdir(exist_ok=True)
    with MortalDirectory(path, now_s=clock.now_s, death=death) as directory:
        clock.spend(directory.spent_s())
        run = directory.load() if begun else make_run(n_folds=N_FOLDS, n_rows=N_ROWS, config=PLAIN)
        run = without_interrupted(run, left_s=limit_s - clock.now_s())
        if isinstance(death, TwoInterrupts):
            death.clock = clock
        trainer = RememberingTrainer(EpochTrainer(score, clock=clock, baselines=BASELINES), directory, death)
        budget = plan_budget(limit_s, startup_s=0.0, ending_s=2.0, stages=tuple(s.name for s in STAGES))

        def effects_for(stage: Stage, known: Run) -> Effects:
            death.at = stage.name
            last_s = squeeze.needed_s(known)
            clock.limit_s = stage_deadline_s(budget, stage.name, now_s=clock.now_s(), last_s=last_s)
            return Effects(
                trainer=trainer,
                searcher=FakeSearcher(trainer, n_folds=N_FOLDS),
                clock=clock,
                store=directory,
                n_folds=N_FOLDS,
                max_tuner_trials=6,
            )

        try:
            directory.save(run)
            return work_through(run, STAGES, effects_for=effects_for, store=directory, progress=QuietProgress())
        finally:
            directory.save_spent(clock.now_s())


def timeless(run: Run) -> tuple[StageResult, ...]:
    """The results of the stages without the seconds of the session that they were found in."""
    plans = [stage.plan and dataclasses.replace(stage.plan, available_s=0.0, kept_s=0.0) for stage in run.stages]
    return tuple(dataclasses.replace(s, seconds=0.0, plan=p) for s, p in zip(run.stages, plans, strict=True))


def killed(path: Path, limit_s: float, death: Death) -> None:
    """A session that dies; what it leaves is what is on the disk."""
    with pytest.raises(Killed, match=death.moment):
        session(path, limit_s, death)


@pytest.fixture(autouse=True)
def disk_that_forgets_nothing(monkeypatch):
    """Processes die here, not machines: what was written need not be forced to the disk."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(scope="module")
def never_killed(tmp_path_factory) -> Callable[[float], tuple[StageResult, ...]]:
    """The stages of the run that was not killed, by its time limit."""

    @functools.cache
    def stages_within(limit_s: float) -> tuple[StageResult, ...]:
        return timeless(session(tmp_path_factory.mktemp("never_killed") / "run", limit_s))

    return stages_within


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "run"


def test_the_run_that_is_never_killed_decides_something_in_every_stage(never_killed):
    stages = {stage.stage: stage for stage in never_killed(AMPLE_S)}
    for name in SEARCHING:
        assert any(decision.kept for decision in stages[name].decisions), name
    assert not all(decision.kept for stage in stages.values() for decision in stage.decisions)
    assert [stages[name].confirmation is not None for name in ("regularize", "tune")] == [True, True]


@pytest.mark.parametrize(("stage", "after"), [("baseline", 9), ("overfit", 8), ("regularize", 21), ("tune", 13)])
def test_a_run_killed_while_a_trial_is_trained_comes_to_the_same_decisions(path, never_killed, stage, after):
    killed(path, AMPLE_S, Death("training", stage, after))
    assert timeless(session(path, AMPLE_S)) == never_killed(AMPLE_S)


@pytest.mark.parametrize(("stage", "after"), [("overfit", 3), ("regularize", 2), ("tune", 6), ("squeeze", 3)])
def test_a_run_killed_between_two_trials_comes_to_the_same_decisions(path, never_killed, stage, after):
    killed(path, AMPLE_S, Death("trained", stage, after))
    assert timeless(session(path, AMPLE_S)) == never_killed(AMPLE_S)


def test_what_was_trained_before_the_kill_is_not_trained_again(path):
    killed(path, AMPLE_S, Death("trained", "regularize", 4))
    kept = {file: file.stat().st_mtime_ns for file in path.glob("trials/*/fit.json")}
    session(path, AMPLE_S)
    assert kept
    assert {file: file.stat().st_mtime_ns for file in kept} == kept


@pytest.mark.parametrize("after", [1, 2])
@pytest.mark.parametrize("stage", ["overfit", "regularize", "tune"])
def test_a_run_killed_right_after_a_plan_was_recorded_comes_to_the_same_decisions(path, never_killed, stage, after):
    killed(path, SHORT_S, Death("planned", stage, after))
    assert timeless(session(path, SHORT_S)) == never_killed(SHORT_S)


def test_a_plan_that_was_not_kept_would_be_another(path, never_killed, monkeypatch):
    killed(path, SHORT_S, Death("planned", "overfit", 2))
    monkeypatch.setattr(RunDirectory, "plan", lambda directory, stage: None)
    assert timeless(session(path, SHORT_S)) != never_killed(SHORT_S)


@pytest.mark.parametrize("stage", ["baseline", "overfit", "regularize", "tune", "squeeze"])
def test_a_run_killed_while_it_is_written_comes_to_the_same_decisions(path, never_killed, monkeypatch, stage):
    death, rename = Death("writing", stage), os.replace

    def die_half_way(written: Path, to: Path) -> None:
        if to.name == RUN_NAME:
            to.with_name(f".{RUN_NAME}.1.part").write_bytes(written.read_bytes()[:100])
            death.may_come("writing")
        rename(written, to)

    monkeypatch.setattr(atomic.os, "replace", die_half_way)
    killed(path, AMPLE_S, death)
    known = [result.stage for result in read_run(path / RUN_NAME).stages]
    assert known == [s.name for s in STAGES[: [s.name for s in STAGES].index(stage)]]
    assert timeless(session(path, AMPLE_S)) == never_killed(AMPLE_S)


@pytest.mark.parametrize("n_stages", [1, 2])
@pytest.mark.parametrize(("stage", "after"), [("baseline", 9), ("overfit", 4), ("regularize", 5), ("tune", 4)])
def test_a_run_interrupted_twice_works_through_its_interrupted_stages_again(path, never_killed, stage, after, n_stages):
    killed(path, AMPLE_S, TwoInterrupts("training", stage, after, n_stages=n_stages))
    assert [result.ended for result in read_run(path / RUN_NAME).stages[-n_stages:]] == ["interrupted"] * n_stages
    assert timeless(session(path, AMPLE_S)) == never_killed(AMPLE_S)


@pytest.mark.parametrize("stage", ["overfit", "tune"])
def test_a_run_interrupted_twice_keeps_the_plan_that_its_time_had_shortened(path, never_killed, stage):
    killed(path, SHORT_S, TwoInterrupts("training", stage, 6))
    again = session(path, SHORT_S).stage(stage).plan
    before = next(result.plan for result in never_killed(SHORT_S) if result.stage == stage)
    assert (again.epochs, again.row_share, again.n_trials) == (before.epochs, before.row_share, before.n_trials)


def test_a_run_killed_again_and_again_comes_to_the_same_decisions(path, never_killed):
    for death in (
        Death("training", "overfit", 4),
        Death("planned", "regularize"),
        Death("trained", "regularize", 7),
        Death("training", "tune", 2),
        Death("trained", "squeeze"),
    ):
        killed(path, AMPLE_S, death)
    assert timeless(session(path, AMPLE_S)) == never_killed(AMPLE_S)
