"""What is left of a regression's target: by the prediction, and how often."""

from __future__ import annotations

from autorecipe.record.evaluation import Evaluation, Residuals
from autorecipe.record.run import Run
from autorecipe.report.plots.bins import bin_rows, bin_spans
from autorecipe.report.plots.figure import Axis, Band, Bars, Chart, Dots, Figure, Line, Panel, Rule
from autorecipe.report.plots.names import number_text
from autorecipe.report.text_words import count_text, noun_of


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw the residuals' quantiles by the prediction, and their histogram."""
    found = run.evaluation
    if found is None or found.residuals is None or not found.residuals.bins:
        return ()
    return (_by_prediction(found, found.residuals, run), _histogram(found, found.residuals, run))


def _by_prediction(found: Evaluation, known: Residuals, run: Run) -> Chart:
    medians = tuple((b.predicted, b.median) for b in known.bins)
    marks = (
        Band(points=tuple((b.predicted, b.low, b.high) for b in known.bins), label="10th to 90th percentile"),
        Rule(at=0.0),
        Line(points=medians, label="median"),
        Dots(points=medians),
    )
    panel = Panel(x=Axis(label="predicted"), y=Axis(label="true - predicted"), marks=marks, height=150.0)
    first, last = known.bins[0], known.bins[-1]
    rows = count_text(found.n_rows, f"{found.rows} {noun_of(run)}")
    return Chart(
        name="residuals",
        section="test",
        title="Residuals by prediction",
        alt=f"True less predicted on {rows}: 80 % lie from {number_text(first.low)} to {number_text(first.high)} where "
        f"{number_text(first.predicted)} is predicted, and from {number_text(last.low)} to {number_text(last.high)} "
        f"where {number_text(last.predicted)} is.",
        figure=Figure(panels=(panel,)),
        header=("predicted", f"{noun_of(run)}s", "10th percentile", "median", "90th percentile"),
        rows=tuple((b.predicted, b.n_rows, b.low, b.median, b.high) for b in known.bins),
    )


def _histogram(found: Evaluation, known: Residuals, run: Run) -> Chart:
    width = known.edges[1] - known.edges[0]
    marks = (Bars(spans=bin_spans(known.edges, known.counts), thickness=0.9 * width), Rule(at=0.0, axis="x"))
    panel = Panel(
        x=Axis(label="true - predicted"),
        y=Axis(label=f"{noun_of(run)}s", low=0.0, is_whole=True),
        marks=marks,
        height=110,
    )
    most = max(range(len(known.counts)), key=known.counts.__getitem__)
    return Chart(
        name="residual_histogram",
        section="test",
        title="How far it is off",
        alt=f"Histogram of true less predicted: most often from {number_text(known.edges[most])} to "
        f"{number_text(known.edges[most + 1])} ({known.counts[most]:,} of {sum(known.counts):,}); the ends "
        f"{number_text(known.edges[0])} and {number_text(known.edges[-1])} hold what lies beyond.",
        figure=Figure(panels=(panel,)),
        header=("from", "to", f"{noun_of(run)}s"),
        rows=bin_rows(known.edges, known.counts),
    )
