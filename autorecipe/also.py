"""Fixes that `--also` asks for: which a flag names, and what became of each flag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from autorecipe.checks import CHECKS
from autorecipe.checks.d015_duplicate_rows import CODE as COPIES
from autorecipe.checks.d015_duplicate_rows import with_target
from autorecipe.checks.parse import hash_rows as hash_features
from autorecipe.checks.parse import parse_features
from autorecipe.data.apply_fixes import Applied
from autorecipe.data.row_hash import hash_rows, is_copy
from autorecipe.errors import UserError, codes_text, nearest
from autorecipe.fix import Fix, FixKind
from autorecipe.intake import Intake
from autorecipe.listing import some_of
from autorecipe.record.finding import Finding

# kinds that change a file
IN_FILE: tuple[FixKind, ...] = ("drop column", "parse column", "mask values", "merge values", "drop rows", "add column")

N_NAMED = 5  # columns in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done about a finding, and its code.

    Attributes
    ----------
    flags : tuple of str
        Those of `--also` that ask for it; what is safe is done without any.
    look : int
        The look at the table that found it, from 1; a later one finds what the fixes before it brought to light.
    """

    code: str
    applied: Applied
    flags: tuple[str, ...] = ()
    look: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was done because of one `--also`; nothing where there are neither columns nor rows.

    Attributes
    ----------
    flag : str
        CODE or CODE:COLUMN, as it was given.
    columns : tuple of str
        Those that were mended as the first look found them.
    later : tuple of str
        Those that a later look found, after the fixes before it.
    n_rows : int
        Rows that were left out.
    remedies : tuple of str
        Where nothing was done, what the findings that the flag names advise: no fix of a file exists for them.
    is_unasked : bool
        Where nothing was done, whether that is so because it is done without asking.
    """

    flag: str
    columns: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    n_rows: int = 0
    remedies: tuple[str, ...] = ()
    is_unasked: bool = False


def taken(also: Iterable[str], done: Iterable[Done], findings: Iterable[Finding] = ()) -> tuple[Taken, ...]:
    """Say of each flag what was done because of it, in their order.

    Parameters
    ----------
    findings : iterable of Finding
        Those of the table as it was.
    """
    found, seen = [], tuple(findings)
    for flag in also:
        own = [one for one in done if flag in one.flags]
        every = {_column(one.applied): one.look for one in reversed(own) if _column(one.applied)}
        n_rows = sum(one.applied.n for one in own if one.applied.kind == "drop rows")
        first, later = (
            tuple(c for c, look in reversed(every.items()) if (look == 1) is is_first) for is_first in (True, False)
        )
        taken_up = Taken(flag=flag, columns=first, later=later, n_rows=n_rows)
        found.append(taken_up if own else _untaken(flag, seen))
    return tuple(found)


def _untaken(flag: str, findings: tuple[Finding, ...]) -> Taken:
    """Return why a flag changed nothing: not found, done unasked, or without a fix of a file."""
    code, _, column = (part.strip() for part in flag.partition(":"))
    named = [f for f in findings if f.code == code.upper() and (not column or column in {c.strip() for c in f.columns})]
    if any(fix.kind in IN_FILE and fix.is_safe for finding in named for fix in finding.fixes):
        return Taken(flag=flag, is_unasked=True)
    return Taken(flag=flag, remedies=tuple(finding.remedy for finding in named))


def _column(what: Applied) -> str:
    return what.to if what.kind == "add column" else what.column


def fixes_asked_for(finding: Finding, also: tuple[str, ...]) -> tuple[Fix, ...]:
    """Return the best fix of each column of a finding that was asked for by CODE or CODE:COLUMN; none is safe."""
    able = [fix for fix in finding.fixes if fix.kind in IN_FILE and not fix.is_safe]
    best = [fix for fix in able if fix.kind == able[0].kind]
    return tuple(fix for fix in best if flags_for(finding.code, fix, also))


def copies_asked_for(also: tuple[str, ...]) -> tuple[Fix, ...]:
    """Return the fix that leaves out every copy, found or not: rows that are held out are not profiled."""
    fix = Fix(kind="drop rows", equal="features")
    return (fix,) if flags_for(COPIES, fix, also) else ()


def flags_for(code: str, fix: Fix, also: tuple[str, ...]) -> tuple[str, ...]:
    """Return the flags that ask for a fix."""
    columns = {name.strip() for name in fix.columns}
    return tuple(
        flag
        for flag, (asked, _, column) in ((flag, flag.partition(":")) for flag in also)
        if asked.strip().upper() == code and (not column.strip() or column.strip() in columns)
    )


def with_rows(fix: Fix, intake: Intake) -> Fix:
    """Return a fix with all rows of the table that are equal to an earlier one as it says, held out or not."""
    if not fix.equal:
        return fix
    if fix.equal == "cells":
        hashes = hash_rows(intake.frame)
    else:
        features = hash_features(parse_features(intake.frame, intake.schema), len(intake.frame))
        hashes = with_target(features, intake.y)
    return replace(fix, rows=tuple(intake.row_numbers[is_copy(hashes)].tolist()))


def check_codes(also: tuple[str, ...]) -> None:
    """Raise UserError where a flag names no check of tables."""
    known = [check.code for check in CHECKS]
    for flag in also:
        code = flag.partition(":")[0].strip().upper()
        if code not in known:
            what = f"no check of a table has the code '{code}'"
            raise UserError(what, where="--also", fix=codes_text(code, known))


def check_columns(also: tuple[str, ...], columns: tuple[str, ...]) -> None:
    """Raise UserError where a flag names a column that the table lacks."""
    for column in (flag.partition(":")[2].strip() for flag in also):
        if column and column not in columns:
            near = nearest(column, columns)
            fix = f"did you mean '{near}'?" if near else f"one of: {some_of(columns, N_NAMED)}"
            raise UserError(f"there is no column '{column}'", where="--also", fix=fix)
