"""From data to a model that serves: read, profile, work through the stages, evaluate, export, report."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from autorecipe.architecture import Build
from autorecipe.beginning import begin, check_log_folder, same_rows, with_kept_split
from autorecipe.budget import PROOF_LEAD_S, Start, WallClock
from autorecipe.command import command_line
from autorecipe.config import Config
from autorecipe.data.image_origins import origin_of
from autorecipe.data.split import save_split
from autorecipe.data.tables import Table
from autorecipe.edits import Edit
from autorecipe.errors import StopFindings, UserError
from autorecipe.export.early_prover import EarlyProver
from autorecipe.finished import compare as compare
from autorecipe.finished import evaluate_file as evaluate_file
from autorecipe.finished import export_again as export_again
from autorecipe.finished import interpret as interpret
from autorecipe.finished import load_run as load_run
from autorecipe.finished import predict_file as predict_file
from autorecipe.finished import shown_as_asked
from autorecipe.idea import announcement, change_for, default_limit_s
from autorecipe.intake import Intake, as_table, take_in_table
from autorecipe.look import look
from autorecipe.more_time import cut_for_more_time, without_interrupted
from autorecipe.own_code import with_architecture
from autorecipe.profile.image_profile import PICTURES
from autorecipe.profile.profile import going_on_command, stops
from autorecipe.profiled import profiled
from autorecipe.record.run import Run
from autorecipe.report.progress import Progress, QuietProgress
from autorecipe.report.text_closing import report_text
from autorecipe.store.choose import Choice, choose_directory
from autorecipe.store.directory import RunDirectory
from autorecipe.warm_up import WarmUp
from autorecipe.workbench import Workbench

if TYPE_CHECKING:
    from autorecipe.workbench import Outcome

RUNS = Path("runs")  # where runs are kept unless --out says otherwise


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


def fit(  # noqa: PLR0913  what a user may say of a run, each by its name
    source: str | Table,
    config: Config,
    *,
    out: str = "",
    new: bool = False,
    progress: Progress | None = None,
    start: Literal["call", "process"] = "call",
    architecture: Build | None = None,
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
    architecture : callable, optional
        `build(inputs, n_outputs, **knobs)`, which builds the network up to its logits; without it the config may
        name one.

    Raises
    ------
    UserError
        When the input cannot be used.
    StopFindings
        When a check asks the user before going on.
    """
    began, progress = Start.of(start), progress or QuietProgress()
    config, build = with_architecture(config, architecture)
    check_log_folder(config)
    warm_up = WarmUp() if config.until != "profile" else None
    if isinstance(source, str) and origin_of(source) in ("folder", "archive"):
        progress.note(f"reads the images in {source}")
    table = as_table(source, config)
    choice = choose_directory(
        out=out, root=RUNS, name=_stem(table), fingerprint=table.fingerprint, config=config, new=new
    )
    if choice.note:
        progress.note(choice.note)
    if choice.finished:
        run = shown_as_asked(str(choice.path), config, progress.note)
        _stop_at_findings(run)
        return FitResult(run=run, directory=choice.path, continued=True, shown=True, note=choice.note)
    intake = take_in_table(table, config)
    bench = Workbench(choice, config, start=began, progress=progress, warm_up=warm_up, architecture=build)
    return _work(bench, intake)


def profile_table(source: str | Table, config: Config, *, pictures: str = "") -> Run:
    """Read, split and profile a table or images, without training; the run that is returned has no stages.

    Parameters
    ----------
    pictures : str
        Folder for contact sheets of images; "" draws none.

    Raises
    ------
    UserError
        When the input cannot be used, or pictures are asked for that cannot be drawn.
    """
    return look(source, config, pictures=pictures).run


def resume(run_dir: str, *, time_limit_s: float, progress: Progress | None = None) -> FitResult:
    """Spend more time on a run, finished or not.

    What the stages before Tune found stands, and the search goes on from the best recipe; a run that found no signal in
    too short a time, or whose first network was cut short, looks again. Fits are remembered, so what is worked through
    again is replayed in moments.
    """
    began, path = Start.of("call"), Path(run_dir)
    run = load_run(run_dir)
    config, build = with_architecture(dataclasses.replace(run.config, time_limit_s=time_limit_s), None)
    intake, told = same_rows(run, config, path), progress or QuietProgress()
    choice = Choice(path=path, continues=True)
    bench = Workbench(choice, config, start=began, progress=told, architecture=build)
    return _work(bench, intake, more=True)


def refit(run_dir: str, *, progress: Progress | None = None) -> FitResult:
    """Train the final recipe of a run on all rows, without searching, into its `export-all/`."""
    from autorecipe.after import refit_on_all
    from autorecipe.report.page.write import rewrite

    path, progress = Path(run_dir), progress or QuietProgress()
    run = load_run(run_dir)
    if run.export is None:
        raise UserError(f"the run in '{run_dir}' is not finished", where=run_dir, fix="finish it, then refit it")
    config, build = with_architecture(run.config, None)
    intake = same_rows(run, config, path)
    choice = Choice(path=path, continues=True)
    with Workbench(choice, config, start=Start.of("call"), progress=progress, architecture=build) as bench:
        bench.count_earlier(more=True)
        export = refit_on_all(run, intake, bench.directory, clock=bench.clock, architecture=build)
        rewrite(run, path, progress.warn)
    return FitResult(run=dataclasses.replace(run, export=export), directory=path, continued=True)


def try_idea(
    run_dir: str,
    edits: Sequence[Edit],
    *,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
) -> Run:
    """Judge a change of a run's best recipe on the same folds by the same rule, and enter it in the run's journal.

    Parameters
    ----------
    edits : sequence of (field, value), or of "field=value"
        What the fields of the recipe become; "knobs.NAME" is a knob of the user's own architecture.
    time_limit_s : float, optional
        Seconds; by default several times what is predicted.

    Returns
    -------
    Run
        With the idea as the last of its `ideas`. The exported model is the same until the run is resumed.

    Raises
    ------
    UserError
        When an edit cannot be made, the rows have changed, or the time ended before it was judged.
    """
    from autorecipe.after import try_on
    from autorecipe.report.page.write import rewrite

    path, progress = Path(run_dir), progress or QuietProgress()
    change_for(load_run(run_dir), edits)  # a slip of the pen is answered before anything is opened
    with RunDirectory.open(path, now_s=lambda: clock.now_s()) as directory:
        run, spent_s = directory.load(), directory.spent_s()
        change = change_for(run, edits)
        limit_s = time_limit_s or default_limit_s(change, run)
        clock = WallClock(spent_s + limit_s, already_spent_s=spent_s)
        _, build = with_architecture(run.config, None)
        intake = same_rows(run, run.config, path)
        progress.note(announcement(change, run, limit_s=limit_s))
        run = try_on(run, intake, directory, change, clock=clock, architecture=build)
        rewrite(run, path, progress.warn)
        return run


def _work(bench: Workbench, intake: Intake, *, more: bool = False) -> FitResult:
    config, choice, outcome = bench.config, bench.choice, None
    run = begin(intake, config)  # before the directory is made: a wrong flag leaves nothing behind
    with bench, ExitStack() as proving:
        if choice.continues:
            bench.count_earlier(more=more)
            intake = with_kept_split(intake, choice.path)
            run = dataclasses.replace(bench.directory.load(), config=config)
            bench.earlier_squeeze = run.stage("squeeze") if more else None
            run = cut_for_more_time(run) if more else without_interrupted(run, left_s=bench.clock.left_s())
        early = proving.enter_context(EarlyProver(in_s=_lead_s(bench)))
        save_split(bench.directory.split_path, intake.split)
        bench.progress.started(run)
        bench.progress.note(report_text(str(choice.path)))
        run = _with_profile(run, intake, bench.directory)
        bench.report.rewrite(run)
        for result in run.stages:
            bench.progress.stage_ended(result, run)
        _stop_at_findings(run)
        if config.until != "profile":
            outcome = bench.work(run, intake, early)
    return FitResult(
        run=outcome.run if outcome else run,
        directory=choice.path,
        continued=choice.continues,
        note=choice.note,
        outcome=outcome,
    )


def _lead_s(bench: Workbench) -> float:
    """Return the seconds until the proof's process is started; of a short run 0: the cores have little to do yet."""
    return bench.clock.left_s() - PROOF_LEAD_S if bench.config.until == "squeeze" else math.inf


def _with_profile(run: Run, intake: Intake, directory: RunDirectory) -> Run:
    if run.profile is None:
        run = profiled(run, intake, pictures=str(directory.pictures_path), called=PICTURES)
        directory.save(run)
    return run


def _stop_at_findings(run: Run) -> None:
    found = stops(run.profile) if run.profile else ()
    if found:
        raise StopFindings(found, going_on_command(found, command_line(run.config, run.data.path)))


def _stem(table: Table) -> str:
    """Return what the run is named after: a folder's whole name, or a file's without its endings."""
    name = Path(table.name).name
    return (name if Path(table.path or name).is_dir() else name.split(".")[0]) or "data"
