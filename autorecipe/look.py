"""A look at data without training: read, split, profile, and how long each took."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autorecipe.beginning import begin
from autorecipe.config import Config
from autorecipe.data.tables import Table
from autorecipe.errors import UserError
from autorecipe.intake import Intake, as_table, take_in_table
from autorecipe.profiled import profiled
from autorecipe.record.profile import Profile
from autorecipe.record.run import Run


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """Data that were looked at.

    Attributes
    ----------
    run : Run
        With its profile, and no other stage.
    table : Table
        As it was read, without the rows of a test file: all rows of the file, or a sample of them.
    reading_s, splitting_s : float
        Seconds of reading the file (of images: measuring them), and of finding kinds and splitting rows.
    """

    run: Run
    table: Table
    intake: Intake
    reading_s: float
    splitting_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds that one part of a look took.

    Attributes
    ----------
    code : str
        Of a check; "" for another part.
    """

    code: str
    title: str
    seconds: float


def look(source: str | Table, config: Config, *, pictures: str = "", samples: bool = True) -> Look:
    """Read, split and profile a table or images, without training.

    Parameters
    ----------
    pictures : str
        Folder for contact sheets of images; "" draws none.
    samples : bool
        Look at a sample of the rows of a table that is too long to look at whole, and say so.

    Raises
    ------
    UserError
        When the input cannot be used, or pictures are asked for that cannot be drawn.
    """
    began_s = time.perf_counter()
    table = as_table(source, config, samples=samples)
    read_s = time.perf_counter()
    intake = take_in_table(table, config)
    split_s = time.perf_counter()
    if pictures and intake.images is None:
        raise UserError(f"'{intake.data.name}' names no images to draw", where="--pictures", fix="leave it out")
    try:
        run = profiled(begin(intake, config), intake, pictures=pictures)
    except OSError as error:
        if not pictures:
            raise
        what = f"cannot draw into '{pictures}': {error.strerror or error}"
        raise UserError(what, where="--pictures", fix="name another folder") from error
    return Look(run=run, table=table, intake=intake, reading_s=read_s - began_s, splitting_s=split_s - read_s)


def timings(seen: Look) -> tuple[Timing, ...]:
    """Return the seconds of reading, splitting, statistics and each check that was asked, the longest first."""
    found = seen.run.profile
    checks = tuple(Timing(code=o.code, title=o.title, seconds=o.seconds) for o in found.outcomes) if found else ()
    parts = (
        Timing(code="", title="reading", seconds=seen.reading_s),
        Timing(code="", title="kinds of columns, split", seconds=seen.splitting_s),
        Timing(code="", title="statistics, parsing", seconds=_rest_s(found)),
    )
    return tuple(sorted((*parts, *checks), key=lambda part: -part.seconds))


def _rest_s(found: Profile | None) -> float:
    if found is None:
        return 0.0
    return max(0.0, found.seconds - sum(outcome.seconds for outcome in found.outcomes))
