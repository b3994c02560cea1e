"""The command that looks at data, mends it, and compares it: `profile`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from autorecipe.cli_group import print_json
from autorecipe.cli_output import print_lines, with_command
from autorecipe.command import command_line
from autorecipe.errors import StopFindings, UserError
from autorecipe.flags import ProfileFlags, data_config
from autorecipe.options import AS_JSON, DATA_OPTIONS, PROFILE_OPTIONS, TRACEBACK, with_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autorecipe.config import Config
    from autorecipe.record.finding import Finding
    from autorecipe.record.run import Run


@click.command()
@click.argument("data")
@with_options(*PROFILE_OPTIONS, *DATA_OPTIONS, AS_JSON, TRACEBACK)
def profile(data: str, *, as_json: bool, **flags: Unpack[ProfileFlags]) -> None:
    """Look at DATA and say what was found; nothing is trained.

    DATA is a table (CSV, Parquet, JSON lines or Excel) or images: a folder with a folder for each class, an archive of
    such a folder, a table with a column of paths, or an .npz file.

    The command ends with exit code 3 when it found what only you can decide.
    """
    check_together(flags)
    config = data_config(flags)
    try:
        if flags["against"]:
            findings = _compare(data, flags["against"], config, as_json=as_json)
        elif flags["fix"]:
            findings = _fix(data, config, flags, as_json=as_json)
        else:
            findings = _look(data, config, flags, as_json=as_json)
    except UserError as error:
        command = command_line(config, data).replace(" fit ", " profile ", 1)
        raise with_command(error, command) from error
    if any(finding.severity == "stop" for finding in findings):
        raise click.exceptions.Exit(StopFindings.exit_code)


def check_together(flags: ProfileFlags) -> None:
    """Raise UserError where flags do not go together, or one needs another."""
    if flags["fix"] and not flags["output"]:
        raise UserError("--fix writes a table of its own", where="--fix", fix="name it: --fix -o clean.csv")
    if flags["output"] and not flags["fix"]:
        what = "-o names the table that --fix writes"
        raise UserError(what, where="-o", fix=f"--fix -o {flags['output']}, or leave -o out")
    if flags["also"] and not flags["fix"]:
        raise UserError("--also is about what --fix does", where="--also", fix="--fix -o clean.csv, or leave it out")
    if flags["force"] and not flags["fix"] and not flags["report"]:
        what = "--force is about the file that --fix or --report writes"
        raise UserError(what, where="--force", fix="leave it out")
    given = [name for name in ("fix", "timings", "report", "pictures", "test") if flags[name] not in (None, "", False)]
    if flags["against"] and given:
        what = f"--against compares two tables and does nothing else: it does not go with --{given[0]}"
        raise UserError(what, where=f"--{given[0]}", fix=f"leave --{given[0]} out, or call profile twice")
    unfit = [name for name in ("timings", "report", "pictures") if flags[name]]
    if flags["fix"] and unfit:
        what = f"--fix mends a table and does nothing else: it does not go with --{unfit[0]}"
        raise UserError(what, where=f"--{unfit[0]}", fix=f"leave --{unfit[0]} out, or call profile twice")


def _look(data: str, config: Config, flags: ProfileFlags, *, as_json: bool) -> Iterable[Finding]:
    from autorecipe.data.write_table import check_new
    from autorecipe.look import look, timings

    if flags["report"]:
        check_new(flags["report"], data, force=flags["force"], where="--report")
    seen = look(data, config, pictures=flags["pictures"])
    times = timings(seen) if flags["timings"] else ()
    if as_json:
        print_json({"run": seen.run, "timings": times} if times else seen.run)
    else:
        from autorecipe.report.console import profile_lines
        from autorecipe.report.text_timings import timing_lines

        print_lines((*profile_lines(seen.run), *timing_lines(times)))
    if flags["report"]:
        _write_page(seen.run, flags["report"])
    return seen.run.profile.findings if seen.run.profile else ()


def _write_page(run: Run, path: str) -> None:
    from autorecipe.report.page.write import write_report

    only_profiled = dataclasses.replace(run, config=dataclasses.replace(run.config, until="profile"))
    write_report(only_profiled, Path(), show_values=False, show_samples=True, page=Path(path))


def _fix(data: str, config: Config, flags: ProfileFlags, *, as_json: bool) -> Iterable[Finding]:
    from autorecipe.fixing import fix_table

    fixed = fix_table(data, config, output=flags["output"], force=flags["force"], also=flags["also"])
    if as_json:
        print_json(fixed)
    else:
        from autorecipe.report.text_fixes import fixed_lines

        print_lines(fixed_lines(fixed))
    return (asked.finding for asked in fixed.asked)


def _compare(data: str, other: str, config: Config, *, as_json: bool) -> Iterable[Finding]:
    from autorecipe.against import compare_tables

    compared = compare_tables(data, other, config)
    if as_json:
        print_json(compared)
    else:
        from autorecipe.report.text_against import comparison_lines

        print_lines(comparison_lines(compared))
    return compared.findings
