"""Where the stages are worked through: the clock, the run directory and the training side, joined."""

from __future__ import annotations

import dataclasses
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from autorecipe.budget import Budget, WallClock, plan_budget, stage_deadline_s
from autorecipe.config import Config, Preset
from autorecipe.effects import Effects
from autorecipe.intake import Intake
from autorecipe.metrics.choose import metric_named
from autorecipe.report.progress import Progress
from autorecipe.run import Fit, Run, StageResult, TimeUse
from autorecipe.stages import Stage, squeeze
from autorecipe.stages.order import stages_for
from autorecipe.store.choose import Choice
from autorecipe.store.directory import RunDirectory
from autorecipe.warm_up import WarmUp

if TYPE_CHECKING:
    from autorecipe.final import Final
    from autorecipe.preprocessing.spec import EncodeSpec
    from autorecipe.training.trainer import NetworkTrainer

N_TUNER_TRIALS: dict[Preset, int] = {"quick": 3, "standard": 60, "thorough": 300}
EXPORT_S = 4.0  # seconds to join, write and load a model of five members; measured on 2 cores
BASELINE_SHARE = 0.6  # of the time left, at most
MIN_IMPORT_S = 5.0  # seconds that the proof's fresh process takes to import TensorFlow, if it was imported here before
SEARCHING = ("tune", "squeeze")  # what more time is first spent on


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """A run that was worked through, and what is still in memory of it."""

    run: Run
    final: Final | None = None
    spec: EncodeSpec | None = None


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
        start: Literal["call", "process"],
        progress: Progress,
        warm_up: WarmUp | None = None,
    ) -> None:
        self.choice, self.config, self.progress, self._warm_up = choice, config, progress, warm_up
        self._stop = threading.Event()
        self.clock = WallClock(config.time_limit_s, start=start, stop=self._stop)
        self._start = start
        self.earlier_squeeze: StageResult | None = None
        self._handler: Any = None

    def __enter__(self) -> Self:
        """Open the directory, count what earlier sessions used, and listen for Ctrl-C."""
        open_directory: Callable[..., RunDirectory] = (
            RunDirectory.open if self.choice.continues else RunDirectory.create
        )
        self.directory = open_directory(self.choice.path, now_s=lambda: self.clock.now_s())
        if threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep the seconds used, let the directory go, and give Ctrl-C back."""
        self.directory.save_spent(self.clock.now_s())
        self.directory.close()
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)

    def count_earlier(self, *, more: bool) -> None:
        """Count the seconds that earlier sessions used; with `more` the time limit is for this session alone."""
        spent = self.directory.spent_s()
        limit = self.config.time_limit_s + (spent if more else 0.0)
        self.clock = WallClock(limit, start=self._start, already_spent_s=spent, stop=self._stop)

    def work(self, run: Run, intake: Intake) -> Outcome:
        """Work through the stages that are left, then evaluate and export."""
        began = time.monotonic()
        (self._warm_up or WarmUp()).join()
        from autorecipe.training.prepare import prepare_dataset
        from autorecipe.training.trainer import NetworkTrainer

        import_s = max(time.monotonic() - began, MIN_IMPORT_S)
        data, spec = prepare_dataset(intake, run)
        metric = metric_named(run.deciding_metric, run.schema.task)
        trainer = NetworkTrainer(data, self.directory, metric=metric, seed=run.config.seed, clock=self.clock)
        stages = stages_for(run.config)
        names = tuple(stage.name for stage in stages)
        budget = plan_budget(self.clock.deadline_s, startup_s=import_s, export_s=EXPORT_S, stages=names)
        earlier_s = self.directory.spent_s() if self.choice.continues else 0.0
        parts = [("start", max(0.0, self.clock.now_s() - earlier_s))]
        if earlier_s > 0:
            parts.append(("earlier", earlier_s))
        for stage in stages:
            if run.stage(stage.name) is None:
                run = self._stage(stage, run, trainer, budget)
            parts.append((stage.name, next(s.seconds for s in run.stages if s.stage == stage.name)))
        run = with_larger_ensemble(run, self.earlier_squeeze)
        if run.config.until != "squeeze":
            return Outcome(run=self._timed(run, parts))
        return self._finish(run, intake, spec, trainer, parts)

    def _stage(self, stage: Stage, run: Run, trainer: NetworkTrainer, budget: Budget) -> Run:
        now_s = self.clock.now_s()
        end_s = stage_deadline_s(budget, stage.name, now_s=now_s, last_s=squeeze.needed_s(run))
        if run.config.preset == "quick":
            end_s = budget.search_end_s  # a small fixed plan, which shares would only make depend on the machine
        elif stage.name == "baseline":  # a fixed amount of work, which all later comparisons rest on
            end_s = now_s + BASELINE_SHARE * (budget.search_end_s - now_s)
        clock = self.clock.until(end_s)
        self.progress.stage_started(stage.name, stage.question)
        heard = _Heard(stage=stage.name, progress=self.progress, bench=self, sign=_sign(run))
        result = stage.work(run, self._effects(run, trainer.with_clock(clock, heard=heard), clock))
        if result.ended == "done" and any(fit.is_cut for trial in result.trials for fit in trial.fits):
            result = dataclasses.replace(result, ended="budget")  # with more time it would be worked through again
        run = dataclasses.replace(run, stages=(*run.stages, result))
        self.directory.save(run)
        self.directory.event(stage.name, f"{result.ended} after {result.seconds:.1f} s")
        self.progress.stage_ended(result, run)
        return run

    def _effects(self, run: Run, trainer: NetworkTrainer, clock: WallClock) -> Effects:
        from autorecipe.tuning.search import KerasTunerSearcher

        n_folds = run.split.n_folds
        searcher = KerasTunerSearcher(
            trainer=trainer,
            directory=self.directory.path / "tuner",
            direction=metric_named(run.deciding_metric, run.schema.task).direction,
            n_folds=n_folds,
            seed=run.config.seed,
        )
        return Effects(
            trainer=trainer,
            searcher=searcher,
            clock=clock,
            store=self.directory,
            n_folds=n_folds,
            max_tuner_trials=N_TUNER_TRIALS[run.config.preset],
        )

    def _finish(
        self,
        run: Run,
        intake: Intake,
        spec: EncodeSpec,
        trainer: NetworkTrainer,
        parts: list[tuple[str, float]],
    ) -> Outcome:
        from autorecipe.export.parity import start_prover
        from autorecipe.final import export_final, finish

        with start_prover() as prover:
            began = self.clock.now_s()
            final = finish(run, intake, spec, trainer)
            opened = run.test_opened + (1 if run.split.n_test else 0)
            run = dataclasses.replace(run, evaluation=final.evaluation, test_opened=opened)
            self.directory.save(run)
            parts.append(("evaluate", self.clock.now_s() - began))
            began = self.clock.now_s()
            export = export_final(final, intake, spec, directory=self.directory.export_path, prover=prover)
            parts.append(("export and proof", self.clock.now_s() - began))
        run = self._timed(dataclasses.replace(run, export=export), parts)
        self.progress.finished(run, str(self.directory.path))
        return Outcome(run=run, final=final, spec=spec)

    def _timed(self, run: Run, parts: list[tuple[str, float]]) -> Run:
        use = TimeUse(asked_s=self.clock.deadline_s, used_s=self.clock.now_s(), parts=tuple(parts))
        run = dataclasses.replace(run, time=use)
        self.directory.save(run)
        return run

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt
        self._stop.set()
        self.progress.note(
            "stopping the search: what there is is evaluated and exported, in about 20 s (Ctrl-C again leaves at once)"
        )


def with_larger_ensemble(run: Run, earlier: StageResult | None) -> Run:
    """Return the run with an earlier Squeeze in place of its own, when that averaged more copies of the same recipe.

    More time may be too little time to average as many copies again; it must not make the final model worse.
    """
    own = run.stage("squeeze")
    if earlier is None or own is None or own.end != earlier.end or len(own.members) >= len(earlier.members):
        return run
    stages = tuple(earlier if stage is own else stage for stage in run.stages)
    return dataclasses.replace(run, stages=stages)


def cut_for_more_time(run: Run) -> Run:
    """Take back the search, for more time to be spent on it from the best recipe that it had found.

    The evaluation and the export are made anew; the count of how often the test rows were opened stays.
    """
    kept = [result for result in run.stages if result.stage not in SEARCHING]
    if run.best is not None and kept:
        kept[-1] = dataclasses.replace(kept[-1], end=run.best.recipe, best=run.best)
    return dataclasses.replace(run, stages=tuple(kept), evaluation=None, export=None, time=None)


@dataclass(slots=True, kw_only=True)
class _Heard:
    """Tells the progress, and the disk, of every fit."""

    stage: Any
    progress: Progress
    bench: Workbench
    sign: int
    best: float | None = None

    def __call__(self, title: str, fit: Fit) -> None:
        self.bench.directory.save_spent(self.bench.clock.now_s())
        if fit.status == "failed":
            self.bench.directory.event("failed", f"{title}, fold {fit.fold}: {fit.cause}")
            return
        if self.best is None or self.sign * fit.validation_score > self.sign * self.best:
            self.best = fit.validation_score
        self.progress.trial(self.stage, title, fit.validation_score, self.best, self.bench.clock.left_s())


def _sign(run: Run) -> int:
    return 1 if metric_named(run.deciding_metric, run.schema.task).direction == "max" else -1
