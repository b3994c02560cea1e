"""What belongs to a run in its directory."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from autorecipe.errors import UserError
from autorecipe.store.atomic import cannot_write
from autorecipe.store.lock import LOCK_NAME

RUN_NAME = "run.json"
PLANS_NAME = "plans.json"
SPLIT_NAME = "split.npz"
SCORED_NAME = "scored.npz"
# All that a run writes; starting afresh removes these and nothing else.
OWN_NAMES = (
    RUN_NAME,  # first: without it the directory is no run any more
    "profile.json",
    "metrics.json",
    "recipe.yaml",
    "spent.json",
    PLANS_NAME,
    "events.jsonl",
    SPLIT_NAME,
    SCORED_NAME,
    "report.html",
    "report.md",
    "report.json",
    "trials",
    "arrays",
    "tuner",
    "tensorboard",
    "plots",
    "pictures",
    "export",
    "export-all",
)


def is_run(path: Path) -> bool:
    """Return whether a directory holds a run."""
    return (path / RUN_NAME).is_file()


def check_ours_or_empty(path: Path) -> None:
    """Check that a run may be written to `path`: not there, empty, or a run (or the start of one).

    Raises
    ------
    UserError
        When it is a file, cannot be read, or holds files that no run wrote.
    """
    try:
        names = set(os.listdir(path))
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot_write(path, error) from error
    begun = LOCK_NAME in names and {name for name in names if not _is_part(name)} <= {LOCK_NAME, *OWN_NAMES}
    if names and not begun and not is_run(path):
        raise UserError(
            f"'{path}' is not empty and not a run: it holds '{min(names)}'",
            where="--out",
            fix="give a directory that is new, empty or holds a run",
        )


def remove_own(path: Path) -> None:
    """Remove what runs wrote to a directory, and nothing else."""
    for name in OWN_NAMES:
        entry = path / name
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    for name in filter(_is_part, os.listdir(path)):
        (path / name).unlink(missing_ok=True)


def _is_part(name: str) -> bool:
    """Tell whether a file is what a write left behind whose process died (`store.atomic`)."""
    return name.endswith(".part") and any(name.startswith(f".{own}.") for own in OWN_NAMES)
