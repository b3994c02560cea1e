"""From data to a model that serves: read, profile, work through the stages, evaluate, export, report."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from autorecipe.command import command_line
from autorecipe.config import Config
from autorecipe.data.split import save_split, summarize
from autorecipe.data.tables import Table
from autorecipe.errors import StopFindings, UserError
from autorecipe.intake import Intake, as_table, take_in
from autorecipe.metrics.choose import deciding_metric, default_metric, metric_named
from autorecipe.profile.profile import going_on_command, profile, stops
from autorecipe.report.progress import Progress, QuietProgress
from autorecipe.run import Evaluation, Export, Run, StageResult
from autorecipe.store.choose import Choice, choose_directory
from autorecipe.store.directory import RunDirectory
from autorecipe.warm_up import WarmUp
from autorecipe.workbench import Workbench, cut_for_more_time

if TYPE_CHECKING:
    import pandas as pd

    from autorecipe.workbench import Outcome

RUNS = Path("runs")  # where runs are kept unless --out says otherwise
GIT_TIMEOUT_S = 2.0  # a repository on a slow disk must not hold up a run
PROFILE_QUESTION = "What is this data like?"
PACKAGES = ("tensorflow", "keras", "keras-tuner", "scikit-learn", "pandas", "numpy")


@dataclass(frozen=True, slots=True, kw_only=True)
class FitResult:
    """A run and where it is kept.

    Attributes
    ----------
    shown : bool
        It was finished before: nothing was trained.
    outcome : Outcome or None
        What is still in memory: the final Keras model; None for a run that was only shown.
    """

    run: Run
    directory: Path
    continued: bool = False
    shown: bool = False
    note: str = ""
    outcome: Outcome | None = None


def fit(
    source: str | Table,
    config: Config,
    *,
    out: str = "",
    new: bool = False,
    progress: Progress | None = None,
    start: Literal["call", "process"] = "call",
) -> FitResult:
    """Work through the recipe on a table.

    Parameters
    ----------
    source : str or Table
        A file, or a table in memory.
    out : str
        Directory of the run; "" numbers one under `runs/`.
    new : bool
        Start afresh, whatever is there.
    progress : Progress, optional
        Who is told how it goes; nobody by default.
    start : str
        Whether the time limit counts from this call, or from the start of the process.

    Raises
    ------
    UserError
        When the input cannot be used.
    StopFindings
        When a check asks the user before going on.
    """
    progress = progress or QuietProgress()
    warm_up = WarmUp() if config.until != "profile" else None
    table = as_table(source, config)
    choice = choose_directory(
        out=out, root=RUNS, name=_stem(table), fingerprint=table.fingerprint, config=config, new=new
    )
    if choice.note:
        progress.note(choice.note)
    if choice.finished:
        run = _load(choice.path)
        _stop_at_findings(run)
        return FitResult(run=run, directory=choice.path, continued=True, shown=True, note=choice.note)
    intake = take_in(table, config)
    return _work(Workbench(choice, config, start=start, progress=progress, warm_up=warm_up), intake)


def profile_table(source: str | Table, config: Config) -> Run:
    """Read, split and profile a table, without training; the run that is returned has no stages."""
    intake = take_in(source, config)
    return _profiled(begin(intake, config), intake)


def resume(run_dir: str, *, time_limit_s: float, progress: Progress | None = None) -> FitResult:
    """Spend more time on a run, finished or not.

    What its stages found is kept as far as they had come to an end of their own; fits are remembered, so what is
    worked through again is replayed in moments.
    """
    path = Path(run_dir)
    run = _load(path)
    config = dataclasses.replace(run.config, time_limit_s=time_limit_s)
    intake = _same_rows(run, config)
    choice = Choice(path=path, continues=True)
    bench = Workbench(choice, config, start="call", progress=progress or QuietProgress())
    return _work(bench, intake, more=True)


def refit(run_dir: str, *, progress: Progress | None = None) -> FitResult:
    """Train the final recipe of a run on all rows, without searching, into its `export-all/`."""
    from autorecipe.after import refit_on_all

    path, progress = Path(run_dir), progress or QuietProgress()
    run = _load(path)
    if run.export is None:
        raise UserError(f"the run in '{run_dir}' is not finished", where=run_dir, fix="finish it, then refit it")
    intake = _same_rows(run, run.config)
    choice = Choice(path=path, continues=True)
    with Workbench(choice, run.config, start="call", progress=progress) as bench:
        bench.count_earlier(more=True)
        export = refit_on_all(run, intake, bench.directory, bench.clock)
    return FitResult(run=dataclasses.replace(run, export=export), directory=path, continued=True)


def predict_file(run_dir: str, source: str) -> pd.DataFrame:
    """Predict the rows of a file with a run's exported model."""
    from autorecipe import after

    return after.predict_file(_load(Path(run_dir)), Path(run_dir), source)


def evaluate_file(run_dir: str, source: str) -> Evaluation:
    """Score a run's exported model on the rows of a file, whose target is known."""
    from autorecipe import after

    return after.evaluate_file(_load(Path(run_dir)), Path(run_dir), source)


def export_again(run_dir: str, *, to: str = "") -> Export:
    """Write a run's model again, to `to` or in its place, and prove that it predicts the same."""
    from autorecipe import after

    run = _load(Path(run_dir))
    target = Path(to) if to else Path(run_dir) / "export"
    return after.export_again(run, Path(run_dir), _same_rows(run, run.config), target)


def load_run(run_dir: str) -> Run:
    """Read a run from its directory.

    Raises
    ------
    UserError
        When there is no run, or it cannot be read.
    """
    return _load(Path(run_dir))


def begin(intake: Intake, config: Config) -> Run:
    """Return the run as it stands after reading and splitting."""
    schema, split = intake.schema, intake.split
    y = intake.y[split.training_rows]
    share = float((y == 1).mean()) if schema.task == "binary" else 0.0
    name = default_metric(schema.task, share) if config.metric == "auto" else config.metric
    metric = metric_named(name, schema.task)
    _check_loss(config, schema.task)
    if config.cost is not None and schema.task != "binary":
        raise UserError(
            f"costs of wrong decisions belong to two classes, but this is {schema.task}",
            where="--cost",
            fix="leave --cost out",
        )
    return Run(
        config=config,
        data=intake.data,
        schema=schema,
        split=summarize(split),
        metric=metric.name,
        deciding_metric=deciding_metric(metric).name,
        version=importlib.metadata.version("autorecipe"),
        git_commit=_git_commit(),
        environment=(
            ("python", platform.python_version()),
            *((p, importlib.metadata.version(p)) for p in PACKAGES),
        ),
    )


def _work(bench: Workbench, intake: Intake, *, more: bool = False) -> FitResult:
    config, choice, outcome = bench.config, bench.choice, None
    run = begin(intake, config)  # before the directory is made: a wrong flag leaves nothing behind
    with bench:
        if choice.continues:
            bench.count_earlier(more=more)
            run = dataclasses.replace(bench.directory.load(), config=config)
            bench.earlier_squeeze = run.stage("squeeze") if more else None
            run = cut_for_more_time(run) if more else run
        save_split(bench.directory.split_path, intake.split)
        bench.progress.started(run)
        run = _with_profile(run, intake, bench.directory)
        for result in run.stages:
            bench.progress.stage_ended(result, run)
        _stop_at_findings(run)
        if config.until != "profile":
            outcome = bench.work(run, intake)
    return FitResult(
        run=outcome.run if outcome else run,
        directory=choice.path,
        continued=choice.continues,
        note=choice.note,
        outcome=outcome,
    )


def _with_profile(run: Run, intake: Intake, directory: RunDirectory) -> Run:
    if run.profile is None:
        run = _profiled(run, intake)
        directory.save(run)
    return run


def _profiled(run: Run, intake: Intake) -> Run:
    split = intake.split
    seen = split.training_rows
    held = np.setdiff1d(np.arange(len(intake.frame)), seen)
    found = profile(
        intake.frame.iloc[seen],
        other_frame=intake.frame.iloc[held] if len(held) else None,
        schema=intake.schema,
        config=run.config,
        row_numbers=intake.row_numbers[seen],
        n_scored=len(split.folds[0].validation) if split.scheme == "holdout" else None,
    )
    result = StageResult(stage="profile", question=PROFILE_QUESTION, seconds=found.seconds)
    return dataclasses.replace(run, profile=found, stages=(result,))


def _stop_at_findings(run: Run) -> None:
    found = stops(run.profile) if run.profile else ()
    if found:
        raise StopFindings(found, going_on_command(found, command_line(run.config, run.data.path)))


def _same_rows(run: Run, config: Config) -> Intake:
    if not run.data.path:
        raise UserError(
            "the run was fitted on a table in memory, which is gone",
            where=run.data.name,
            fix="call fit again with the same rows and directory",
        )
    intake = take_in(run.data.path, config)
    if intake.data.fingerprint != run.data.fingerprint:
        raise UserError(
            f"'{run.data.path}' has changed since the run began",
            where=f"fingerprint {intake.data.fingerprint}, not {run.data.fingerprint}",
            fix="fit it as a new run: autorecipe fit " + run.data.path,
        )
    return intake


def _git_commit() -> str:
    """Return the commit that the current folder is at, the user's own code; "" outside a repository."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=GIT_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def _check_loss(config: Config, task: str) -> None:
    fitting = ("mse", "mae", "huber") if task == "regression" else ("cross_entropy", "focal")
    asked = {"--loss": config.loss, "--recipe": config.recipe.loss if config.recipe else "auto"}
    for flag, loss in asked.items():
        if loss not in ("auto", *fitting):
            raise UserError(
                f"loss '{loss}' does not fit a {task} target", where=flag, fix=f"one of: {', '.join(fitting)}"
            )


def _load(path: Path) -> Run:
    from autorecipe.store.codec import read_run
    from autorecipe.store.contents import RUN_NAME, is_run

    if not is_run(path):
        raise UserError(f"'{path}' is not a run", where=str(path), fix="give the directory of a run, as runs/NAME-1")
    return read_run(path / RUN_NAME)


def _stem(table: Table) -> str:
    return Path(table.name).name.split(".")[0] or "data"
