"""What is asked of a finished run, by its directory: predict, score, export again, interpret, compare."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from autorecipe.beginning import same_rows
from autorecipe.budget import WallClock
from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.interpretation.record import Interpretation
from autorecipe.own_code import with_architecture
from autorecipe.record.evaluation import Evaluation
from autorecipe.record.run import Export, Run
from autorecipe.report.progress import Progress, QuietProgress
from autorecipe.store.contents import SCORED_NAME
from autorecipe.store.directory import RunDirectory

if TYPE_CHECKING:
    import pandas as pd

    from autorecipe.comparison import Comparison


def load_run(run_dir: str) -> Run:
    """Read a run from its directory; its export is named where it lies now, should the run have been moved.

    Raises
    ------
    UserError
        When there is no run, or it cannot be read.
    """
    from autorecipe.store.codec import read_run
    from autorecipe.store.contents import RUN_NAME, is_run

    path = Path(run_dir)
    if not is_run(path):
        raise _no_run(path)
    return _as_it_lies(read_run(path / RUN_NAME), path)


def _as_it_lies(run: Run, path: Path) -> Run:
    own = path / Path(run.export.path).name if run.export is not None else None
    if run.export is None or own is None or not own.is_dir():
        return run
    return dataclasses.replace(run, export=dataclasses.replace(run.export, path=str(own)))


def shown_as_asked(run_dir: str, config: Config, tell: Callable[[str], None]) -> Run:
    """Read a finished run; its page is written anew where `config` lets it show more, or less, than it does.

    Raises
    ------
    UserError
        When there is no run, it cannot be read, or another process holds it.
    """
    from autorecipe.report.page.write import rewrite

    run = load_run(run_dir)
    as_asked = dataclasses.replace(run.config, show_values=config.show_values, show_samples=config.show_samples)
    if as_asked == run.config:
        return run
    run = dataclasses.replace(run, config=as_asked)
    with RunDirectory.open(Path(run_dir), now_s=lambda: 0.0) as directory:
        directory.save(run)
        rewrite(run, directory.path, tell)
    return run


def _no_run(path: Path) -> UserError:
    """Say why a path is no run, and which one may be meant: the directory around a file, or one of a near name."""
    from autorecipe.errors import nearest
    from autorecipe.store.contents import RUN_NAME, is_run

    fix = "give the directory of a run, as runs/NAME-1"
    if path.is_dir():
        why = f"it has no {RUN_NAME}"
    elif path.exists():
        why = "it is a file"
        fix = f"is it '{path.parent}'?" if is_run(path.parent) else fix
    else:
        why = "there is no such directory"
        others = (other.name for other in path.parent.iterdir() if is_run(other)) if path.parent.is_dir() else ()
        near = nearest(path.name, others)
        fix = f"is it '{path.parent / near}'?" if near else fix
    return UserError(f"'{path}' is not a run: {why}", where=str(path), fix=fix)


def predict_file(run_dir: str, source: str, *, interval: float | None = None) -> pd.DataFrame:
    """Predict the rows of a file, or the images of a place, with a run's exported model; see `after.predict_file`."""
    from autorecipe import after

    return after.predict_file(load_run(run_dir), Path(run_dir), source, interval=interval)


def evaluate_file(run_dir: str, source: str) -> Evaluation:
    """Score a run's exported model on the rows of a file, or the images of a place, whose target is known."""
    from autorecipe import after

    return after.evaluate_file(load_run(run_dir), Path(run_dir), source)


def export_again(run_dir: str, *, to: str = "") -> Export:
    """Write a run's model again, to `to` or in its place, and prove that it predicts the same."""
    from autorecipe import after

    run = load_run(run_dir)
    target = Path(to) if to else Path(run_dir) / "export"
    return after.export_again(run, Path(run_dir), same_rows(run, run.config, Path(run_dir)), target)


def interpret(run_dir: str, *, progress: Progress | None = None) -> Interpretation:
    """Measure what a finished run's model looks at and where it is wrong, and keep it with the run.

    Parameters
    ----------
    progress : Progress, optional
        Is told when the report could not be written anew; nobody by default.

    Raises
    ------
    UserError
        When the run is not finished, or its rows have changed.
    """
    from autorecipe import after
    from autorecipe.report.page.write import rewrite

    path = Path(run_dir)
    run = load_run(run_dir)
    if run.evaluation is None:
        raise UserError(f"the run in '{run_dir}' is not finished", where=run_dir, fix="finish it, then interpret it")
    config, build = with_architecture(run.config, None)
    intake = same_rows(run, config, path)
    clock = WallClock(math.inf)
    with RunDirectory.open(path, now_s=clock.now_s) as directory:
        known = after.interpret_run(run, intake, directory, clock=clock, architecture=build)
        rewrite(dataclasses.replace(run, interpretation=known), path, (progress or QuietProgress()).warn)
        return known


def compare(run_dir: str, other_dir: str) -> Comparison:
    """Put two finished runs of one target side by side.

    Raises
    ------
    UserError
        When it is one run twice, one is not finished, or they predict different things.
    """
    from autorecipe import compare as beside
    from autorecipe.paired import kept_rows

    names, paths = (run_dir, other_dir), (Path(run_dir), Path(other_dir))
    first, second = (load_run(name) for name in names)
    if paths[0].resolve() == paths[1].resolve():
        what = f"'{run_dir}' is given twice" if run_dir == other_dir else f"'{run_dir}' and '{other_dir}' are one run"
        raise UserError(what, where=f"compare {run_dir} {other_dir}", fix="give two runs")
    beside.check_comparable(first, second, names)
    kept = kept_rows(paths[0] / SCORED_NAME), kept_rows(paths[1] / SCORED_NAME)
    return beside.compare(first, second, names=names, kept=kept)
