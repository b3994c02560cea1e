"""The commands that look for faults in networks, and say what is looked for: `check` and `rule`."""

from __future__ import annotations

from typing import Unpack

import click

from autorecipe.budget import parse_duration
from autorecipe.cli_group import print_json
from autorecipe.cli_output import print_lines
from autorecipe.errors import StopFindings
from autorecipe.flags import CheckFlags
from autorecipe.options import AS_JSON, CHECK_OPTIONS, TRACEBACK, with_options


@click.command()
@click.argument("script", metavar="SCRIPT.py:FUNCTION")
@click.argument("data", required=False, default="")
@with_options(*CHECK_OPTIONS, AS_JSON, TRACEBACK)
def check(script: str, data: str, *, as_json: bool, **flags: Unpack[CheckFlags]) -> None:
    """Say whether the Keras model that FUNCTION of SCRIPT.py builds is sound, on the rows of DATA.

    FUNCTION takes nothing and returns a compiled model; a function load_data() beside it stands in for DATA.
    """
    limit_s = parse_duration(flags["time_limit"])
    from autorecipe.check_script import check_script

    report = check_script(
        script, data, target=flags["target"], drop=flags["drop"], time_limit_s=limit_s, seed=flags["seed"]
    )
    if as_json:
        print_json(report)
    else:
        from autorecipe.report.text_check import check_lines

        print_lines(check_lines(report, details=flags["verbose"]))
    if not report.ok:
        raise click.exceptions.Exit(StopFindings.exit_code)


@click.command()
@click.argument("code", required=False)
@with_options(TRACEBACK)
def rule(code: str | None) -> None:
    """Say what check CODE looks for, why it matters, how to read it and where its limit comes from.

    Without CODE all checks are listed.
    """
    from autorecipe.report.text_rule import rule_lines, rules_lines

    print_lines(rules_lines() if code is None else rule_lines(code))
