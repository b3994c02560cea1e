"""Every plot of a run as files: an SVG that stands alone, and its numbers as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from pathlib import Path

from autorecipe.errors import UserError
from autorecipe.record.run import Run
from autorecipe.report.plots import plots_of
from autorecipe.report.plots.plot import Plot
from autorecipe.report.plots.svg import stand_alone
from autorecipe.store.atomic import write_text_atomic

FIX = "name a directory that is new or that you may write to, with room on its disk"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # of a text that a spreadsheet would run: OWASP, "CSV Injection"


def write_figures(run: Run, folder: Path, *, show_values: bool) -> tuple[Path, ...]:
    """Write each plot of a run as `NAME.svg` and its numbers as `NAME.csv`; return their paths in order.

    Parameters
    ----------
    show_values : bool
        Whether levels of columns are shown (see `autorecipe.report.plots.plots_of`).

    Raises
    ------
    UserError
        When the folder cannot be written, or holds a CSV of that name that is no figure's.
    """
    written = []
    plots = plots_of(run, show_values=show_values)
    _make(folder)
    _check_ours(folder, plots)
    for plot in plots:
        for ending, text in (("svg", stand_alone(plot.svg)), ("csv", csv_text(plot))):
            path = folder / f"{plot.name}.{ending}"
            try:
                write_text_atomic(path, text)
            except UserError as error:
                raise UserError(error.what, where="--figures", fix=FIX) from error
            written.append(path)
    return tuple(written)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "it is a file" if folder.exists() else (error.strerror or str(error))
        raise UserError(f"cannot write figures to '{folder}': {why}", where="--figures", fix=FIX) from error


def _check_ours(folder: Path, plots: Iterable[Plot]) -> None:
    """Raise UserError where a CSV lies in a figure's place without its SVG: it is the user's."""
    for plot in plots:
        path = folder / f"{plot.name}.csv"
        if path.exists() and not path.with_suffix(".svg").exists():
            what = f"'{path}' exists, and is no figure of a run"
            raise UserError(what, where="--figures", fix="name a directory that is new or empty")


def csv_text(plot: Plot) -> str:
    """Write the numbers behind a plot as CSV (RFC 4180); a text that a spreadsheet would run gets a ' before it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(plot.header)
    writer.writerows([_safe(cell) for cell in row] for row in plot.rows)
    return file.getvalue()


def _safe(cell: str | float | int) -> str | float | int:
    if isinstance(cell, float) and math.isnan(cell):
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
