"""What a profile found, mended: the safe fixes are done to the raw table, the others are listed with their flags."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

from autorecipe.checks import CHECKS
from autorecipe.config import Config
from autorecipe.data.apply_fixes import Applied, apply_fixes
from autorecipe.data.image_origins import origin_of
from autorecipe.data.tables import Table, row_numbers_of
from autorecipe.data.write_table import check_output, write_table
from autorecipe.errors import UserError, nearest
from autorecipe.fix import Fix
from autorecipe.look import Look, look
from autorecipe.record.finding import Finding
from autorecipe.record.run import Run

IN_FILE = ("drop column", "parse column", "mask values", "merge values", "drop rows")  # kinds that change a file
MAX_LOOKS = 5  # at a table, each mended by what the one before found; choice: two do for most tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done about a finding, and its code."""

    code: str
    applied: Applied


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
    """

    run: Run
    path: str
    n_rows: int
    n_columns: int
    done: tuple[Done, ...]
    asked: tuple[Asked, ...]


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
    _check_codes(also)
    path = check_output(output, source, force=force)
    if origin_of(source) != "table":
        raise _images(source)
    first = seen = look(source, config, samples=False)
    if seen.intake.images is not None:
        raise _images(source)
    _check_columns(also, tuple(str(c).strip() for c in seen.table.frame.columns))
    done: list[Done] = []
    for _ in range(MAX_LOOKS):
        table, applied = _mended(seen, config, also)
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
        asked=tuple(asked_of(_findings(seen))),
    )


def _mended(seen: Look, config: Config, also: tuple[str, ...]) -> tuple[Table, list[Done]]:
    """Return the table with the safe fixes of its profile done, and those asked for, its rows called as before."""
    wanted = [
        (finding.code, fix)
        for finding in _findings(seen)
        for fix in (*safe_fixes(finding, config), *fixes_asked_for(finding, also))
    ]
    numbers, target = row_numbers_of(seen.table), seen.run.schema.target
    frame, applied = apply_fixes(seen.table.frame, [fix for _, fix in wanted], numbers, target=target)
    table = replace(seen.table, frame=frame.reset_index(drop=True), row_numbers=numbers[frame.index.to_numpy()])
    return table, [Done(code=_code_of(what, wanted), applied=what) for what in applied]


def _findings(seen: Look) -> tuple[Finding, ...]:
    return seen.run.profile.findings if seen.run.profile else ()


def _joined(done: list[Done]) -> tuple[Done, ...]:
    """Say once what several looks have done: rows that were left out, cells of a column that held one value."""
    found: dict[tuple[object, ...], Done] = {}
    for one in done:
        what = one.applied
        key = (one.code, what.kind, what.column, what.values, what.to)
        n = what.n + (found[key].applied.n if key in found else 0)
        found[key] = replace(one, applied=replace(what, n=n))
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


def fixes_asked_for(finding: Finding, also: tuple[str, ...]) -> tuple[Fix, ...]:
    """Return the best fix of each column of a finding that was asked for by CODE or CODE:COLUMN; none is safe."""
    flags = [flag.partition(":") for flag in also]
    columns = {column.strip() for code, _, column in flags if code.strip().upper() == finding.code}
    able = [fix for fix in finding.fixes if fix.kind in IN_FILE and not fix.is_safe]
    best = [fix for fix in able if fix.kind == able[0].kind]
    return tuple(fix for fix in best if "" in columns or columns & {name.strip() for name in fix.columns})


def asked_of(findings: tuple[Finding, ...]) -> Iterator[Asked]:
    """Yield the findings that only the user can decide about, with what could be done; notes decide nothing."""
    for finding in findings:
        done = {column for fix in finding.fixes if _is_done(fix) for column in fix.columns}
        left = tuple(fix for fix in finding.fixes if not _is_done(fix) and not (fix.columns and done >= {*fix.columns}))
        is_open = bool(left) if finding.fixes else finding.action == "ask"
        if finding.severity == "stop" or (is_open and (finding.severity == "warn" or finding.action == "ask")):
            also = f"--also {finding.code}" if any(fix.kind in IN_FILE and not fix.flag for fix in left) else ""
            yield Asked(finding=finding, fixes=left, also=also)


def _check_codes(also: tuple[str, ...]) -> None:
    known = [check.code for check in CHECKS]
    for flag in also:
        code = flag.partition(":")[0].strip().upper()
        if code not in known:
            near = nearest(code, known)
            what = f"no check of a table has the code '{code}'"
            raise UserError(
                what, where="--also", fix=f"did you mean '{near}'?" if near else "autorecipe rule lists them"
            )


def _check_columns(also: tuple[str, ...], columns: tuple[str, ...]) -> None:
    for column in (flag.partition(":")[2].strip() for flag in also):
        if column and column not in columns:
            near = nearest(column, columns)
            fix = f"did you mean '{near}'?" if near else f"one of: {', '.join(columns[:5])}"
            raise UserError(f"there is no column '{column}'", where="--also", fix=fix)


def _is_done(fix: Fix) -> bool:
    return fix.is_safe and fix.kind in IN_FILE


def _code_of(what: Applied, wanted: list[tuple[str, Fix]]) -> str:
    name = what.column.strip()
    for code, fix in wanted:
        if fix.kind == what.kind and (not name or name in {c.strip() for c in fix.columns}):
            return code
    return ""


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
