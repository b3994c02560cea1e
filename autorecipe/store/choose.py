"""Which directory a fit uses: a new one, or that of a run that can go on."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.record.run import Run
from autorecipe.store.codec import read_run
from autorecipe.store.contents import RUN_NAME, check_ours_or_empty, is_run
from autorecipe.store.lock import is_held

FLAGS = {
    "test_share": "--test",
    "test_path": "--test",
    "types": "--type",
    "ids": "--id",
    "has_header": "--no-header",
}  # of fields whose flag is not their name
# fields that may differ: they change no trial
WITHOUT_EFFECT = ("time_limit_s", "tensorboard", "histograms", "show_values", "show_samples")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The directory of a fit.

    Attributes
    ----------
    continues : bool
        The directory holds a run of the same data and flags that goes on (`RunDirectory.open`); otherwise it
        is new, or its earlier run gives way (`RunDirectory.create`).
    finished : bool
        That run has nothing left to do: show it.
    note : str
        A sentence for the reader; "" when there is nothing to say.
    """

    path: Path
    continues: bool = False
    finished: bool = False
    note: str = ""


def choose_directory(*, out: str, root: Path, name: str, fingerprint: str, config: Config, new: bool) -> Choice:
    """Choose the directory for a fit.

    Parameters
    ----------
    out : str
        The directory that the user gave; "" to choose one below `root`.
    root : Path
        Where runs are numbered: `root/name-1`, `root/name-2`, ...
    name : str
        Stem of the data's file name.
    fingerprint : str
        Of the data.
    new : bool
        Start afresh, whatever is there.

    Raises
    ------
    UserError
        When `out` holds a run of other data or flags, a run that cannot be read, or files that no run wrote.
    """
    if out:
        return _choose_given(Path(out).expanduser(), fingerprint=fingerprint, config=config, new=new)
    fresh = _next_number(root, name)
    if new:
        return Choice(path=fresh)
    matching, passed_over = _matching_runs(root, fingerprint=fingerprint, config=config)
    unfinished = [(path, run) for path, run in matching if not is_finished(run)]
    if not matching:
        return Choice(path=fresh, note=passed_over)
    path, run = (unfinished or matching)[0]
    return _go_on(path, run, extra=passed_over)


def is_finished(run: Run) -> bool:
    """Return whether a run has nothing left to do: it was exported, or reached the stage to stop after."""
    if run.export is not None:
        return run.export.parity.passed
    until = run.config.until
    if until == "profile":
        return run.profile is not None
    last = run.stage(until)
    return until != "squeeze" and last is not None and last.ended != "interrupted"


def differing_flags(before: Config, now: Config) -> tuple[str, ...]:
    """Return the flags in which two configs differ, with both values; those that change no trial may differ."""
    return tuple(
        f"{FLAGS.get(f.name, '--' + f.name.replace('_', '-'))} was {_said(old)}, now {_said(new)}"
        for f in dataclasses.fields(Config)
        if f.name not in WITHOUT_EFFECT and (old := getattr(before, f.name)) != (new := getattr(now, f.name))
    )


def _said(value: object) -> str:
    return "not given" if value is None else repr(value)


def _choose_given(path: Path, *, fingerprint: str, config: Config, new: bool) -> Choice:
    check_ours_or_empty(path)
    if not is_run(path):
        return Choice(path=path)
    run = read_run(path / RUN_NAME)
    if run.data.fingerprint != fingerprint:
        raise UserError(
            f"'{path}' holds a run of other data: '{run.data.path or run.data.name}' with fingerprint "
            f"{run.data.fingerprint}, not {fingerprint}",
            where="--out",
            fix="give another --out",
        )
    if new:
        return Choice(path=path, note=f"starts afresh in {path}: its earlier run is removed")
    if flags := differing_flags(run.config, config):
        if not any(stage.stage != "profile" for stage in run.stages):
            return Choice(path=path, note=f"starts afresh in {path}: its earlier run had not trained anything")
        raise UserError(
            f"'{path}' holds a run with other flags: {'; '.join(flags)}",
            where="--out",
            fix="use --new to start afresh there, or another --out",
        )
    return _go_on(path, run, extra="")


def _go_on(path: Path, run: Run, *, extra: str) -> Choice:
    finished = is_finished(run)
    says = "shows the finished run" if finished else "continues"
    more = f"; autorecipe resume {path} spends more time on it" if finished else ""
    note = f"{says} {path}: same data and flags (--new starts afresh{more})"
    return Choice(path=path, continues=True, finished=finished, note=f"{note}; {extra}" if extra else note)


def _matching_runs(root: Path, *, fingerprint: str, config: Config) -> tuple[list[tuple[Path, Run]], str]:
    found: list[tuple[Path, Run]] = []
    passed_over: list[str] = []
    folders = [folder for folder in root.iterdir() if is_run(folder)] if root.is_dir() else []
    for folder in sorted(folders, key=_written_ns, reverse=True):
        try:
            run = read_run(folder / RUN_NAME)
        except UserError as error:
            passed_over.append(f"passed over {folder}: {error.what}")
            continue
        if run.data.fingerprint != fingerprint or differing_flags(run.config, config):
            continue
        if is_held(folder):
            passed_over.append(f"passed over {folder}: another process is working on it")
        else:
            found.append((folder, run))
    return found, "; ".join(passed_over)


def _written_ns(folder: Path) -> int:
    return (folder / RUN_NAME).stat().st_mtime_ns


def _next_number(root: Path, name: str) -> Path:
    stem = re.sub(r"[^\w.-]+", "_", name).strip("._") or "run"
    taken = [
        int(match[1])
        for folder in (root.iterdir() if root.is_dir() else ())
        if (match := re.fullmatch(re.escape(stem) + r"-(\d+)", folder.name))
    ]
    return root / f"{stem}-{max(taken, default=0) + 1}"
