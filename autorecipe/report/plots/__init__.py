"""The plots of the report: each is a module here with a function `charts`, listed in `PLOTS` in the page's order."""

from __future__ import annotations

from typing import Protocol

from autorecipe.record.run import Run
from autorecipe.report.plots import (
    calibration,
    class_curves,
    columns,
    confusion,
    images,
    inputs,
    internals,
    interpretation,
    journal,
    ladder,
    learning_curves,
    preflight,
    residuals,
    row_share,
    target,
    time_use,
    tuning,
)
from autorecipe.report.plots.draw import drawn
from autorecipe.report.plots.figure import Chart
from autorecipe.report.plots.plot import Plot
from autorecipe.report.plots.svg import named


class PlotMaker(Protocol):
    """What turns a run into charts; it draws nothing, and takes less than a millisecond."""

    def __call__(self, run: Run, *, show_values: bool) -> tuple[Chart, ...]:
        """Return the charts that there are numbers for; none of them shows a cell unless `show_values` allows it."""


PLOTS: tuple[PlotMaker, ...] = (
    target.charts,
    columns.charts,
    images.charts,
    preflight.charts,
    inputs.charts,
    internals.charts,
    ladder.charts,
    journal.charts,
    learning_curves.charts,
    row_share.charts,
    tuning.charts,
    class_curves.charts,
    calibration.charts,
    confusion.charts,
    residuals.charts,
    interpretation.charts,
    time_use.charts,
)


def plots_of(run: Run, *, show_values: bool) -> tuple[Plot, ...]:
    """Return every plot that a run has numbers for, in the order of the page; those drawn before are not drawn again.

    Parameters
    ----------
    show_values : bool
        Whether levels of columns are shown; never those of ids, texts and columns in which most rows have their own.
    """
    return tuple(_plot(chart) for make in PLOTS for chart in make(run, show_values=show_values))


def _plot(chart: Chart) -> Plot:
    return Plot(
        name=chart.name,
        section=chart.section,
        title=chart.title,
        alt=chart.alt,
        svg=named(drawn(chart.figure, chart.name), chart.alt),
        header=chart.header,
        rows=chart.rows,
    )
