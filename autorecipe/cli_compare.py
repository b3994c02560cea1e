"""The command that puts two runs side by side: `compare`."""

from __future__ import annotations

import click

from autorecipe.cli_group import print_json
from autorecipe.cli_output import print_lines
from autorecipe.options import AS_JSON, TRACEBACK, with_options


@click.command()
@click.argument("run")
@click.argument("other", metavar="RUN")
@with_options(AS_JSON, TRACEBACK)
def compare(run: str, other: str, *, as_json: bool) -> None:
    """Put two finished runs of one target side by side: data, flags, scores, recipes, stages, costs, findings.

    Where both were scored on the same rows, the difference is paired and has its interval; positive means that the
    second run is better.
    """
    from autorecipe import api

    comparison = api.compare(run, other)
    if as_json:
        print_json(comparison)
        return
    from autorecipe.report.text_compare import compare_lines

    print_lines(compare_lines(comparison))
