"""What enters the network: the mean and the spread of each of its inputs (T005)."""

from __future__ import annotations

import math

from autorecipe.record.network_readings import InputColumn
from autorecipe.record.run import Run
from autorecipe.report.plots.bins import bin_rows, bin_spans, counted
from autorecipe.report.plots.figure import Axis, Bars, Chart, Dots, Figure, Panel, height_of
from autorecipe.report.plots.names import number_text, short_names
from autorecipe.report.text_words import count_text

MOST_NAMED = 15  # inputs that each have a row; more are counted in histograms


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw mean ± standard deviation of few inputs, and histograms of those of many."""
    found = next((s.preflight.inputs for s in run.stages if s.preflight and s.preflight.inputs), None)
    columns = [c for c in (found.columns if found else ()) if math.isfinite(c.mean) and math.isfinite(c.std)]
    if not columns:
        return ()
    means, stds = [c.mean for c in columns], [c.std for c in columns]
    alt = (
        f"{count_text(len(columns), 'input')} of the network: means from {number_text(min(means))} to "
        f"{number_text(max(means))}, standard deviations from {number_text(min(stds))} to {number_text(max(stds))}."
    )
    is_few = len(columns) <= MOST_NAMED
    return (
        Chart(
            name="inputs",
            section="checks",
            title="What enters the network (T005)",
            alt=alt,
            figure=_named(columns) if is_few else _counted(means, stds),
            header=("input", "mean", "standard deviation") if is_few else ("of", "from", "to", "inputs"),
            rows=tuple((c.name, c.mean, c.std) for c in columns) if is_few else _rows(means, stds),
        ),
    )


def _named(columns: list[InputColumn]) -> Figure:
    names = short_names(tuple(column.name for column in columns))
    dots = Dots(
        points=tuple((column.mean, float(i)) for i, column in enumerate(columns)),
        errors=tuple((column.mean - column.std, column.mean + column.std) for column in columns),
        across="x",
    )
    axis = Axis(label="mean ± standard deviation")
    return Figure(panels=(Panel(x=axis, y=Axis(names=names), marks=(dots,), height=height_of(len(names))),))


def _counted(means: list[float], stds: list[float]) -> Figure:
    return Figure(panels=(_histogram("mean", means), _histogram("standard deviation", stds)), n_columns=2)


def _histogram(what: str, values: list[float]) -> Panel:
    edges, counts = counted(tuple(values))
    bars = Bars(spans=bin_spans(edges, counts), thickness=0.9 * (edges[1] - edges[0]))
    return Panel(x=Axis(label=what), y=Axis(label="inputs", low=0.0, is_whole=True), marks=(bars,), height=90.0)


def _rows(means: list[float], stds: list[float]) -> tuple[tuple[str | float | int, ...], ...]:
    return (
        *bin_rows(*counted(tuple(means)), "mean"),
        *bin_rows(*counted(tuple(stds)), "standard deviation"),
    )
