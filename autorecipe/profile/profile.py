"""What is this data like? Statistics and findings of the training rows, put together."""

from __future__ import annotations

import dataclasses
import shlex
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks import CHECKS
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.rows import TrainingRows, training_rows
from autorecipe.checks.wording import name
from autorecipe.config import Config
from autorecipe.data.near_rows import NearRows
from autorecipe.data.schema import Schema
from autorecipe.profile.missing import missing_patterns
from autorecipe.profile.statistics import column_profiles
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.profile import Profile

if TYPE_CHECKING:
    import pandas as pd


class _Rows(Protocol):
    @property
    def n_rows(self) -> int: ...


RowsType = TypeVar("RowsType", bound=_Rows, contravariant=True)


class AnyCheck(Protocol[RowsType]):
    """A check of tables or of images."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def max_rows(self) -> int:
        """Most rows that it looks at; 0 for all."""

    @property
    def run(self) -> Callable[[RowsType], tuple[Finding, ...]]:
        """What it does."""


def profile(  # noqa: PLR0913  what is known of the rows, each by its name
    training_frame: pd.DataFrame,
    *,
    other_frame: pd.DataFrame | None,
    schema: Schema,
    config: Config,
    row_numbers: NDArray[np.int64] | None = None,
    n_scored: int | None = None,
    near_rows: NearRows | None = None,
    n_without_target: int = 0,
) -> Profile:
    """Describe the training rows and run every check on them.

    Parameters
    ----------
    training_frame, other_frame : DataFrame
        Raw cells of the training rows, and of the validation and test rows together (None without any).
    row_numbers : int ndarray or None, shape (n_rows,)
        Rows of the file, from 1; None numbers them as they come.
    n_scored : int or None
        Rows that a decision is scored on: the validation rows; None for all training rows (cross-validation).
    near_rows : NearRows or None
        Near copies across the split, where it was drawn with them in view; None looks for them.
    n_without_target : int
        Rows of the table that are not among these, since their target is missing.

    Returns
    -------
    Profile
        Its findings with `config.keep` and `config.allow` taken into account: a column that is kept is not
        dropped, and a stop that is allowed is a warning.
    """
    started = time.perf_counter()
    rows = training_rows(
        training_frame,
        other_frame=other_frame,
        schema=schema,
        config=config,
        row_numbers=row_numbers,
        n_scored=n_scored,
    )
    n_without = rows.n_without_target + n_without_target
    rows = dataclasses.replace(rows, near_rows=near_rows, n_without_target=n_without)
    outcomes: list[CheckOutcome] = []
    found: list[Finding] = []
    for check in CHECKS:
        outcome, findings = run_check(check, rows)
        outcomes.append(outcome)
        found.extend(findings)
    findings = tuple(as_flags_say(finding, config) for finding in found)
    return Profile(
        n_rows=rows.n_rows,
        columns=column_profiles(rows),
        outcomes=tuple(outcomes),
        findings=findings,
        floor=rows.conflicts.floor if rows.n_rows else None,
        dropped=_dropped(findings, rows),
        seconds=time.perf_counter() - started,
        groups=rows.groups,
        missing_together=missing_patterns(rows),
    )


def stops(found: Profile) -> tuple[Finding, ...]:
    """Return the findings that ask the user before going on."""
    return tuple(f for f in found.findings if f.severity == "stop")


def going_on_command(findings: Iterable[Finding], command_prefix: str) -> str:
    """Return one finished command that goes on in spite of these findings, quoted for a shell.

    Columns that leak are left out, groups stay together; findings about rows are allowed.

    Parameters
    ----------
    command_prefix : str
        The command as it was typed.

    >>> leak = Finding(code="D013", severity="stop", title="", message="", columns=("bar passed",))
    >>> going_on_command([leak], "autorecipe fit bar.csv --target pass")
    "autorecipe fit bar.csv --target pass --drop 'bar passed'"
    """
    flags: list[str] = []
    for finding in findings:
        asked = [fix.flag for fix in finding.fixes if fix.kind in ("split by group", "ask") and fix.flag]
        if asked and not any(fix.kind == "drop column" for fix in finding.fixes):
            flags.append(asked[0])
        elif finding.columns:
            flags += [f"--drop {shlex.quote(column)}" for column in finding.columns]
        else:
            flags.append(f"--allow {finding.code}")
    return " ".join([command_prefix, *dict.fromkeys(flags)])


def run_check(check: AnyCheck[RowsType], rows: RowsType) -> tuple[CheckOutcome, tuple[Finding, ...]]:
    """Ask one check, and say whether it passed, found something or had nothing to look at."""
    started = time.perf_counter()
    try:
        findings = check.run(rows)
    except NotApplicable as reason:
        seconds = time.perf_counter() - started
        return (
            CheckOutcome(code=check.code, title=check.title, status="skipped", reason=str(reason), seconds=seconds),
            (),
        )
    except Exception as error:
        error.add_note(f"in check {check.code} ({check.title})")
        raise
    sampled = bool(check.max_rows) and rows.n_rows > check.max_rows
    outcome = CheckOutcome(
        code=check.code,
        title=check.title,
        status="found" if findings else "passed",
        reason=f"on a sample of about {check.max_rows:,} of {rows.n_rows:,} rows" if sampled else "",
        seconds=time.perf_counter() - started,
    )
    return outcome, findings


def as_flags_say(finding: Finding, config: Config) -> Finding:
    """Return a finding with `config.keep` and `config.allow` taken into account."""
    return _allowed(_kept(finding, config), config)


def _kept(finding: Finding, config: Config) -> Finding:
    kept = _named(finding, config.keep)
    if finding.action != "drop" or not kept:
        return finding
    note = f"kept by {' '.join(f'--keep {shlex.quote(c)}' for c in kept)}"
    if len(kept) == len(finding.columns):
        return dataclasses.replace(finding, action="none", remedy=note)
    rest = " and ".join(name(c) for c in finding.columns if c not in kept)
    return dataclasses.replace(finding, remedy=f"{rest} left out; {note}")


def _allowed(finding: Finding, config: Config) -> Finding:
    if finding.severity != "stop":
        return finding
    wanted = [f"{finding.code}:{c.strip()}" for c in finding.columns] or [finding.code]
    given = {_normalized(flag) for flag in config.allow}
    if not all(_normalized(flag) in given for flag in wanted):
        return finding
    note = "allowed by " + " ".join(f"--allow {shlex.quote(flag)}" for flag in wanted)
    return dataclasses.replace(finding, severity="warn", remedy=note)


def _normalized(flag: str) -> str:
    code, _, column = flag.partition(":")
    return f"{code.strip().upper()}:{column.strip()}"


def _named(finding: Finding, flags: tuple[str, ...]) -> tuple[str, ...]:
    given = {flag.strip() for flag in flags}
    return tuple(c for c in finding.columns if c.strip() in given)


def _dropped(findings: tuple[Finding, ...], rows: TrainingRows) -> tuple[str, ...]:
    kept = {column.strip() for column in rows.config.keep}
    named = {column for f in findings if f.action == "drop" for column in f.columns}
    return tuple(c.name for c in rows.columns if c.name in named and c.name.strip() not in kept)
