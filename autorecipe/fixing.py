"""What a profile found, mended: the safe fixes are done to the raw table, the others are listed with their flags."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

from autorecipe.also import (
    IN_FILE,
    Done,
    Taken,
    check_codes,
    check_columns,
    copies_asked_for,
    fixes_asked_for,
    flags_for,
    taken,
    with_rows,
)
from autorecipe.checks.d015_duplicate_rows import CODE as COPIES
from autorecipe.config import Config
from autorecipe.data.apply_fixes import N_ROWS_NAMED, Applied, apply_fixes
from autorecipe.data.image_origins import origin_of
from autorecipe.data.tables import Table, row_numbers_of
from autorecipe.data.write_table import check_output, write_table
from autorecipe.errors import UserError
from autorecipe.fix import Fix
from autorecipe.look import Look, look
from autorecipe.record.finding import Finding
from autorecipe.record.run import Run

MAX_LOOKS = 10  # at a table, each mended by what the one before found; choice: two or three do for most tables
ALIKE_NOW = (
    f"kept, as the rows of your file may differ in a cell that is gone now; --also {COPIES} leaves them out, and "
    f"--allow {COPIES} has fit learn from them too"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A finding that was left as it is, since it needs a decision.

    Attributes
    ----------
    fixes : tuple of Fix
        What could be done, the best first; empty where only the finding's remedy says it.
    also : str
        The flag that has the best of those done which change a file; "" where none does.
    """

    finding: Finding
    fixes: tuple[Fix, ...]
    also: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A table whose safe fixes were done.

    Attributes
    ----------
    run : Run
        The profile of the table as it was.
    path : str
        The file that was written.
    n_rows, n_columns : int
        Of that file.
    also : tuple of Taken
        What became of each `--also`.
    """

    run: Run
    path: str
    n_rows: int
    n_columns: int
    done: tuple[Done, ...]
    asked: tuple[Asked, ...]
    also: tuple[Taken, ...] = ()


def fix_table(source: str, config: Config, *, output: str, force: bool = False, also: tuple[str, ...] = ()) -> Fixed:
    """Profile a table, do the safe fixes of its findings to its raw cells, and write it.

    What is left is looked at again until nothing is found to do, as a fix may bring another to light.

    Parameters
    ----------
    also : tuple of str
        Codes of findings, or CODE:COLUMN, whose best fix is done though it is not safe.

    Raises
    ------
    UserError
        When the input cannot be used or are images, the output may not be written, no check has a code, or
        the table lacks a column.
    """
    check_codes(also)
    path = check_output(output, source, force=force)
    if origin_of(source) != "table":
        raise _images(source)
    first = seen = look(source, config, samples=False)
    if seen.intake.images is not None:
        raise _images(source)
    check_columns(also, tuple(str(c).strip() for c in seen.table.frame.columns))
    done: list[Done] = []
    for number in range(1, MAX_LOOKS + 1):
        table, applied = _mended(seen, config, also, number=number)
        done += applied
        _require_columns(table, source)
        if not applied:
            break
        seen = look(table, config, samples=False)
    write_table(seen.table.frame, path)
    return Fixed(
        run=first.run,
        path=output,
        n_rows=len(seen.table.frame),
        n_columns=seen.table.frame.shape[1],
        done=_joined(done),
        asked=tuple(asked_of(_findings(seen, number))),
        also=taken(also, done, _findings(first, 1)),
    )


def _mended(seen: Look, config: Config, also: tuple[str, ...], *, number: int) -> tuple[Table, list[Done]]:
    """Return the table with the safe fixes of its profile done, and those asked for, its rows called as before."""
    wanted = [
        (finding.code, with_rows(fix, seen.intake))
        for finding in _findings(seen, number)
        for fix in (*safe_fixes(finding, config), *fixes_asked_for(finding, also))
    ]
    wanted += [(COPIES, with_rows(fix, seen.intake)) for fix in copies_asked_for(also)]
    numbers, target = row_numbers_of(seen.table), seen.run.schema.target
    frame, applied = apply_fixes(seen.table.frame, [fix for _, fix in wanted], numbers, target=target)
    table = replace(seen.table, frame=frame.reset_index(drop=True), row_numbers=numbers[frame.index.to_numpy()])
    return table, [_done(what, *wanted[what.place], also, look=number) for what in applied]


def _done(what: Applied, code: str, fix: Fix, also: tuple[str, ...], *, look: int) -> Done:
    return Done(code=code, applied=what, flags=flags_for(code, fix, also), look=look)


def _findings(seen: Look, number: int) -> tuple[Finding, ...]:
    """Return what a look found, the first being 1; rows that only a mended table has alike are not safe to leave out.

    They differed in a cell of the file, in a column that was left out or a value that was emptied or read since.
    """
    findings = seen.run.profile.findings if seen.run.profile else ()
    return findings if number == 1 else tuple(_without_safe_copies(finding) for finding in findings)


def _without_safe_copies(finding: Finding) -> Finding:
    if not any(fix.equal == "cells" for fix in finding.fixes):
        return finding
    fixes = tuple(replace(fix, is_safe=False) if fix.equal == "cells" else fix for fix in finding.fixes)
    return replace(finding, fixes=fixes, action="ask", remedy=ALIKE_NOW)


def _joined(done: list[Done]) -> tuple[Done, ...]:
    """Say once what several looks have done: rows that were left out, cells of a column that held one value."""
    found: dict[tuple[object, ...], Done] = {}
    for one in done:
        what = one.applied
        key = (one.code, what.kind, what.column, what.values, what.to, what.equal)
        earlier = found[key].applied if key in found else replace(what, n=0, rows=())
        rows = (*earlier.rows, *what.rows)[:N_ROWS_NAMED]
        found[key] = replace(one, applied=replace(what, n=what.n + earlier.n, rows=rows))
    return tuple(found.values())


def safe_fixes(finding: Finding, config: Config) -> tuple[Fix, ...]:
    """Return what is done about a finding unasked; a column that `--keep` names is not left out."""
    kept = {name.strip() for name in config.keep}
    found = []
    for fix in finding.fixes:
        if not fix.is_safe or fix.kind not in IN_FILE:
            continue
        if fix.kind == "drop column":
            fix = replace(fix, columns=tuple(c for c in fix.columns if c.strip() not in kept))
        if fix.columns or fix.rows:
            found.append(fix)
    return tuple(found)


def asked_of(findings: tuple[Finding, ...]) -> Iterator[Asked]:
    """Yield the findings that only the user can decide about, with what could be done; notes decide nothing."""
    for finding in findings:
        done = {column for fix in finding.fixes if _is_done(fix) for column in fix.columns}
        left = tuple(fix for fix in finding.fixes if not _is_done(fix) and not (fix.columns and done >= {*fix.columns}))
        is_open = bool(left) if finding.fixes else finding.action == "ask"
        if finding.severity == "stop" or (is_open and (finding.severity == "warn" or finding.action == "ask")):
            also = f"--also {finding.code}" if any(fix.kind in IN_FILE and not fix.flag for fix in left) else ""
            yield Asked(finding=finding, fixes=left, also=also)


def _is_done(fix: Fix) -> bool:
    return fix.is_safe and fix.kind in IN_FILE


def _require_columns(table: Table, source: str) -> None:
    n_rows, n_columns = table.frame.shape
    if not n_rows or n_columns < 2:  # the target, and something to learn from
        what = f"of '{source}' {n_rows:,} rows and {n_columns:,} columns would be left"
        raise UserError(what, where="--fix", fix="look at it without --fix, and keep columns with --keep COLUMN")


def _images(source: str) -> UserError:
    return UserError(
        f"'{source}' holds images, and --fix mends tables: no image is changed, moved or deleted",
        where="--fix",
        fix=f"autorecipe profile {shlex.quote(source)} --pictures DIR draws what was found",
    )
