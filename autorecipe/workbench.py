"""Where the stages are worked through: the clock, the run directory and the training side, joined."""

from __future__ import annotations

import dataclasses
import math
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from autorecipe.architecture import Build
from autorecipe.budget import Budget, Start, WallClock, plan_budget, stage_deadline_s
from autorecipe.config import Config, Preset
from autorecipe.effects import Effects
from autorecipe.end_cost import LEAST_LOOK_S, ending_s
from autorecipe.ensemble.earlier import with_larger_ensemble
from autorecipe.intake import Intake
from autorecipe.interrupts import LEFT, STOPPING, Interrupts
from autorecipe.journal import ToldJournal
from autorecipe.metrics.choose import metric_named
from autorecipe.paired import keep_rows
from autorecipe.planner import TIME_MARGIN
from autorecipe.record.run import Run, TimeUse
from autorecipe.record.stage import StageResult
from autorecipe.report.page.write import GrowingReport
from autorecipe.report.progress import LiveProgress, Progress, QuietProgress
from autorecipe.stages import Stage, squeeze
from autorecipe.stages.baseline import first_recipe
from autorecipe.stages.order import stages_for
from autorecipe.stages.portfolio import portfolio_s
from autorecipe.store.choose import Choice
from autorecipe.store.directory import RunDirectory
from autorecipe.told_fits import ToldFits
from autorecipe.warm_up import WarmUp
from autorecipe.work_through import work_through

if TYPE_CHECKING:
    from autorecipe.export.early_prover import EarlyProver
    from autorecipe.final import Final, Spec
    from autorecipe.training.tensorboard_log import Curves
    from autorecipe.training.trainer import NetworkTrainer

N_TUNER_TRIALS: dict[Preset, int] = {"quick": 3, "standard": 60, "thorough": 300}
BASELINE_SHARE = 0.6  # of the time left, at most, but of a short time all: a network that is cut short is no start
LEAST_BASELINE_S = 15.0  # seconds that are such a short time; choice
MIN_IMPORT_S = 5.0  # seconds that the proof's fresh process takes to import TensorFlow, if it was imported here before
# trials of the simplest network's seconds that Overfit has time for besides the first families, if need be at the cost
# of the later stages: embedded numbers, which it tries first, cost some three of them and a new graph
LEAST_TRIALS = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """A run that was worked through, and what is still in memory of it."""

    run: Run
    final: Final | None = None
    spec: Spec | None = None


class Workbench:
    """Holds a run's directory, its clock and the user's wish to stop, while the stages are worked through.

    The first Ctrl-C stops the search: what there is is evaluated and exported. The second one leaves; the run can be
    continued.
    """

    def __init__(
        self,
        choice: Choice,
        config: Config,
        *,
        start: Start,
        progress: Progress,
        warm_up: WarmUp | None = None,
        architecture: Build | None = None,
    ) -> None:
        self.choice, self.config, self.progress, self._warm_up = choice, config, progress, warm_up
        self.architecture = architecture
        self._stop = threading.Event()
        self._start = start
        self.clock = WallClock(config.time_limit_s, start=start, stop=self._stop)
        self.earlier_squeeze: StageResult | None = None
        self._last_steps, self._slowness = ExitStack(), 1.0

    def __enter__(self) -> Self:
        """Open the directory, count what earlier sessions used, and listen for Ctrl-C."""
        open_directory: Callable[..., RunDirectory] = (
            RunDirectory.open if self.choice.continues else RunDirectory.create
        )
        self.directory = open_directory(self.choice.path, now_s=lambda: self.clock.now_s())
        self._last_steps.callback(self.directory.close)
        self.report = GrowingReport(self.directory.path, self.progress.warn)
        self._last_steps.callback(lambda: self.directory.save_spent(self.clock.now_s()))
        leave = self._leave if self._start.is_process else None  # a caller's process is the caller's to end
        self._interrupts = Interrupts(self._stop, tell=self._say_stopping, leave=leave).__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep the seconds used, let the directory go, and give Ctrl-C back."""
        try:
            self._last_steps.close()
        finally:
            self._interrupts.__exit__(kind, error, trace)

    def count_earlier(self, *, more: bool) -> None:
        """Count the seconds that earlier sessions used; with `more` the time limit is for this session alone."""
        spent = self.directory.spent_s()
        limit = self.config.time_limit_s + (spent if more else 0.0)
        self.clock = WallClock(limit, start=self._start, already_spent_s=spent, stop=self._stop)

    def work(self, run: Run, intake: Intake, early: EarlyProver) -> Outcome:
        """Work through the stages that are left, then evaluate, export and prove the export."""
        began_s = time.monotonic()
        (self._warm_up or WarmUp()).join()
        from autorecipe.training.own_network import check_own_network
        from autorecipe.training.prepare import prepare_dataset
        from autorecipe.training.trainer import NetworkTrainer

        import_s = max(time.monotonic() - began_s, MIN_IMPORT_S)
        data, spec = prepare_dataset(intake, run, folder=self.directory.arrays_path)
        metric = metric_named(run.deciding_metric, run.schema.task)
        trainer = NetworkTrainer(
            data, self.directory, metric=metric, seed=run.config.seed, clock=self.clock, architecture=self.architecture
        )
        if self.architecture is not None:
            check_own_network(first_recipe(run), trainer.shape, self.architecture)
        stages = stages_for(run.config)
        names = tuple(stage.name for stage in stages)
        now_s, limit_s = self.clock.now_s(), self.clock.deadline_s
        budget = plan_budget(limit_s, startup_s=import_s, ending_s=ending_s(run), stages=names, now_s=now_s)
        searching = self.clock.until(limit_s, budget=budget)
        earlier_s = self.directory.spent_s() if self.choice.continues else 0.0
        parts = [("start", max(0.0, now_s - earlier_s - self.report.seconds))]
        if earlier_s > 0:
            parts.append(("earlier", earlier_s))
        run = work_through(
            run,
            stages,
            effects_for=lambda stage, known: self._effects(stage, known, trainer, budget),
            store=self.directory,
            progress=self.progress,
            report=lambda known: self.write_so_far(known, left_s=searching.left_s()),
        )
        parts += [(name, next(s.seconds for s in run.stages if s.stage == name)) for name in names]
        run = with_larger_ensemble(run, self.earlier_squeeze)
        if run.config.until != "squeeze":
            return Outcome(run=self._timed(run, parts))
        return self._finish(run, intake, spec, trainer, parts, early=early)

    def write_so_far(self, run: Run, *, left_s: float = math.inf) -> None:
        """Write what can be looked at while the rest trains: the report, and the tuned trials for TensorBoard.

        Parameters
        ----------
        left_s : float
            Seconds left to search with, of which the report may take a small share.
        """
        self.report.rewrite(run, left_s=left_s)
        if (tuned := run.stage("tune")) is not None:
            self._curves(run).write_tuned(tuned.trials)

    def _clock_for(self, stage: Stage, run: Run, budget: Budget) -> WallClock:
        now_s, slowness = self.clock.now_s(), self.clock.slowness()
        trial_s = run.best.seconds if run.best is not None else 0.0
        end_s = stage_deadline_s(
            budget,
            stage.name,
            now_s=now_s,
            last_s=squeeze.needed_s(run),
            least_s=self._least_s(stage, run, trial_s),
            slowness=slowness,
        )
        if run.config.preset == "quick":
            end_s = budget.search_end_s  # a small fixed plan, which shares would only make depend on the machine
        elif stage.name == "baseline":  # a fixed amount of work, which all later comparisons rest on
            left_s = budget.end_at(slowness) - now_s
            end_s = now_s + max(BASELINE_SHARE * left_s, min(LEAST_BASELINE_S, left_s))
        return self.clock.until(end_s, budget=budget)

    def _least_s(self, stage: Stage, run: Run, trial_s: float) -> float:
        if stage.name != "overfit":
            return 0.0
        from autorecipe.training.devices import gpu_details

        families_s = portfolio_s(run, has_gpu=bool(gpu_details()))
        return LEAST_TRIALS * trial_s + TIME_MARGIN * families_s

    def _effects(self, stage: Stage, run: Run, trainer: NetworkTrainer, budget: Budget) -> Effects:
        from autorecipe.training.devices import gpu_details
        from autorecipe.training.histograms import HistogramLog
        from autorecipe.tuning.search import KerasTunerSearcher

        clock, n_folds = self._clock_for(stage, run, budget), run.split.n_folds
        seen = HistogramLog() if self.config.histograms else None
        metric = metric_named(run.deciding_metric, run.schema.task)
        told = ToldFits(
            stage=stage.name,
            progress=self.progress,
            directory=self.directory,
            clock=self.clock,
            sign=1 if metric.direction == "max" else -1,
            curves=self._curves(run),
            histograms=seen,
        )
        trainer = trainer.with_clock(clock, heard=told, shown=seen.look if seen is not None else None)
        searcher = KerasTunerSearcher(
            trainer=trainer,
            directory=self.directory.path / "tuner",
            direction=metric.direction,
            n_folds=n_folds,
            seed=run.config.seed,
            method=run.config.search,
        )
        return Effects(
            trainer=trainer,
            searcher=searcher,
            clock=clock,
            store=ToldJournal(store=self.directory, progress=self.progress, stage=stage.name),
            n_folds=n_folds,
            max_tuner_trials=N_TUNER_TRIALS[run.config.preset],
            has_gpu=bool(gpu_details()),
        )

    def _curves(self, run: Run) -> Curves:
        from autorecipe.training.tensorboard_log import Curves

        asked = self.config.tensorboard
        return Curves(folder=Path(asked) if asked else self.directory.curves_path, metric=run.deciding_metric)

    def _finish(
        self,
        run: Run,
        intake: Intake,
        spec: Spec,
        trainer: NetworkTrainer,
        parts: list[tuple[str, float]],
        *,
        early: EarlyProver,
    ) -> Outcome:
        from autorecipe.final import export_final, finish
        from autorecipe.interpretation.interpret import interpret

        early.begin()  # it imports TensorFlow while the model is evaluated
        self._slowness, began = self.clock.slowness(), self.clock.now_s()
        final = finish(run, intake, spec, trainer)
        opened = run.test_opened + (1 if run.split.n_test else 0)
        run = dataclasses.replace(run, evaluation=final.evaluation, test_opened=opened)
        if final.kept is not None:
            keep_rows(self.directory.scored_path, final.kept)
        self.directory.save(run)
        parts.append(("evaluate", self.clock.now_s() - began))
        began = self.clock.now_s()
        export = export_final(final, intake, spec, directory=self.directory.export_path, prover=early.take())
        parts.append(("export and proof", self.clock.now_s() - began))
        run = dataclasses.replace(run, export=export)
        has_time = self.clock.left_s() > LEAST_LOOK_S * self.clock.slowness()
        if has_time and not self.clock.interrupted():
            began = self.clock.now_s()
            known = interpret(run, intake, spec, trainer, self.clock, pictures=self.directory.pictures_path)
            run = dataclasses.replace(run, interpretation=known)
            parts.append(("interpretation", self.clock.now_s() - began))
        run = self._timed(run, parts)
        self.progress.finished(run, str(self.directory.path))
        return Outcome(run=run, final=final, spec=spec)

    def _timed(self, run: Run, parts: list[tuple[str, float]]) -> Run:
        self.report.rewrite(self._with_time(run, parts), is_last=True)
        run = self._with_time(run, parts)  # with the seconds of that report
        self.directory.save(run)
        return run

    def _with_time(self, run: Run, parts: list[tuple[str, float]]) -> Run:
        clock, spent = self.clock, (*parts, ("report", self.report.seconds))
        slowness = max(self._slowness, clock.slowness())
        use = TimeUse(asked_s=clock.deadline_s, used_s=clock.now_s(), parts=spent, slowness=slowness)
        return dataclasses.replace(run, time=use)

    def _say_stopping(self) -> None:
        if isinstance(self.progress, QuietProgress):  # whoever pressed Ctrl-C is there to be answered
            print(f"autorecipe: {STOPPING}", file=sys.stderr, flush=True)
        else:
            self.progress.note(STOPPING)

    def _leave(self) -> None:
        self._last_steps.close()  # done already, unless the main thread does not come back
        if isinstance(self.progress, LiveProgress):
            self.progress.stop()
        sys.stdout.flush()
        print(f"autorecipe: {LEFT}", file=sys.stderr, flush=True)
