"""The command that tells a run again, and writes its page: `report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autorecipe.cli_group import print_json
from autorecipe.cli_output import print_lines
from autorecipe.errors import UserError
from autorecipe.options import AS_JSON, SHOW_OPTIONS, TRACEBACK, with_options

if TYPE_CHECKING:
    from autorecipe.record.run import Run


@click.command()
@click.argument("run")
@click.option("--open", "opens", is_flag=True, help="Show the page in a browser.")
@click.option("--figures", default="", metavar="DIR", help="Only write each plot there: SVG, and its numbers as CSV.")
@with_options(*SHOW_OPTIONS, AS_JSON, TRACEBACK)
def report(run: str, *, opens: bool, figures: str, show_values: bool, no_samples: bool, as_json: bool) -> None:
    """Tell again what happened in RUN, and write its page, RUN/report.html, anew.

    Beside the page lie its twins, report.md and report.json. What is shown is what `fit` was asked for, unless a flag
    says otherwise. --figures alone writes the plots and nothing else.
    """
    from autorecipe import api

    known = api.load_run(run)
    shows_values = show_values or known.config.show_values
    shows_samples = known.config.show_samples and not no_samples
    if as_json:
        print_json(known)
    elif not figures:
        from autorecipe.report.console import run_lines

        print_lines(run_lines(known, run))
    if figures:
        _write_figures(known, figures, show_values=shows_values, is_told=not as_json)
    if opens or as_json or not figures:
        page = _write_page(known, run, show_values=shows_values, show_samples=shows_samples)
        if opens:
            open_page(page)


def _write_page(known: Run, directory: str, *, show_values: bool, show_samples: bool) -> Path:
    from autorecipe.report.page.write import write_report

    try:
        return write_report(known, Path(directory), show_values=show_values, show_samples=show_samples)
    except UserError as error:
        fix = "make the directory of the run writable, or report a copy of it"
        raise UserError(error.what, where=directory, fix=fix) from error


def _write_figures(known: Run, folder: str, *, show_values: bool, is_told: bool) -> None:
    from autorecipe.report.figures import write_figures
    from autorecipe.report.text_words import count_text, labelled

    written = write_figures(known, Path(folder), show_values=show_values)
    if is_told:
        n = len(written) // 2
        said = f"{folder}: {count_text(n, 'figure')} as SVG, and the numbers of each as CSV"
        print_lines(labelled("figures", said))


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
