"""The command that tells a run again, and writes its page: `report`."""

from __future__ import annotations

from pathlib import Path

import click

from autorecipe.cli_group import print_json
from autorecipe.cli_output import print_lines
from autorecipe.errors import UserError
from autorecipe.options import AS_JSON, SHOW_OPTIONS, TRACEBACK, with_options


@click.command()
@click.argument("run")
@click.option("--open", "opens", is_flag=True, help="Show the page in a browser.")
@click.option("--figures", default="", metavar="DIR", help="Write each plot there: SVG, and its numbers as CSV.")
@with_options(*SHOW_OPTIONS, AS_JSON, TRACEBACK)
def report(run: str, *, opens: bool, figures: str, show_values: bool, no_samples: bool, as_json: bool) -> None:
    """Tell again what happened in RUN, and write its page, RUN/report.html, anew.

    Beside the page lie its twins, report.md and report.json. What is shown is what `fit` was asked for, unless a flag
    says otherwise.
    """
    from autorecipe import api

    known = api.load_run(run)
    shows_values = show_values or known.config.show_values
    shows_samples = known.config.show_samples and not no_samples
    if as_json:
        print_json(known)
    else:
        from autorecipe.report.console import run_lines

        print_lines(run_lines(known, run))
    from autorecipe.report.page.write import write_report

    try:
        page = write_report(known, Path(run), show_values=shows_values, show_samples=shows_samples)
    except UserError as error:
        fix = "make the directory of the run writable, or report a copy of it"
        raise UserError(error.what, where=run, fix=fix) from error
    if figures:
        from autorecipe.report.figures import write_figures
        from autorecipe.report.text_words import count_text, labelled

        written = write_figures(known, Path(figures), show_values=shows_values)
        if not as_json:
            said = f"{figures}: {count_text(len(written) // 2, 'plot')}, as SVG and its numbers as CSV"
            print_lines(labelled("figures", said))
    if opens:
        open_page(page)


def open_page(page: Path) -> None:
    """Show a page in a browser.

    Raises
    ------
    UserError
        When there is none.
    """
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        raise UserError("no browser was found", where="--open", fix=f"open {page} in one")
