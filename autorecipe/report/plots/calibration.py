"""Whether probabilities say what happens, and whether intervals hold what they promise."""

from __future__ import annotations

from autorecipe.record.evaluation import Evaluation
from autorecipe.record.run import Run
from autorecipe.report.plots.figure import Axis, Chart, Dots, Figure, Line, Panel
from autorecipe.report.plots.names import number_text, percent_text, short_name
from autorecipe.report.text_words import count_text, noun_of, positive_and_negative

HEIGHT = 190.0


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw the reliability curve of classes, or the coverage of a number's intervals."""
    found = run.evaluation
    return () if found is None else (*_reliability(found, run), *_coverage(found, run))


def _reliability(found: Evaluation, run: Run) -> tuple[Chart, ...]:
    known = found.calibration
    if known is None or not known.bins:
        return ()
    points = tuple((b.predicted, b.observed) for b in known.bins)
    is_two = run.schema.task == "binary"
    of = f"'{short_name(positive_and_negative(run)[0], 16)}'" if is_two else "the most likely class"
    marks = (
        Line(points=((0.0, 0.0), (1.0, 1.0)), colour="dim", is_dashed=True, is_thin=True, label="exactly right"),
        Line(points=points, is_thin=True),
        Dots(points=points, errors=tuple((b.low, b.high) for b in known.bins), label="observed, 95 %", is_large=True),
    )
    panel = Panel(
        x=Axis(label=f"predicted probability of {of}", low=0.0, high=1.0),
        y=Axis(label="share that came true", low=0.0, high=1.0),
        marks=marks,
        height=HEIGHT,
    )
    rows, ends = count_text(found.n_rows, noun_of(run)), ""
    if known.low is not None and known.high is not None:
        ends = f"; without such noise it lies in [{percent_text(known.low)}, {percent_text(known.high)}]"
    return (
        Chart(
            name="calibration",
            section="test",
            title="Calibration",
            alt=f"Predicted probability of {of} against the share that came true, {count_text(len(known.bins), 'bin')} "
            f"of {rows}: off by {percent_text(known.ece)} on average, where probabilities that are right "
            f"would show about {percent_text(known.chance)}{ends}.",
            figure=Figure(panels=(panel,)),
            header=("predicted", "observed", f"{noun_of(run)}s", "95 % from", "95 % to"),
            rows=tuple((b.predicted, b.observed, b.n_rows, b.low, b.high) for b in known.bins),
        ),
    )


def _coverage(found: Evaluation, run: Run) -> tuple[Chart, ...]:
    coverages = found.intervals.coverages if found.intervals else ()
    if not coverages:
        return ()
    low = min(min(c.level, c.covered - c.error) for c in coverages)
    marks = (
        Line(points=((low, low), (1.0, 1.0)), colour="dim", is_dashed=True, is_thin=True, label="as promised"),
        Dots(
            points=tuple((c.level, c.covered) for c in coverages),
            errors=tuple((c.covered - c.error, c.covered + c.error) for c in coverages),
            label="covered, ± its error",
            is_large=True,
        ),
    )
    panel = Panel(
        x=Axis(label="share that an interval promises to hold", is_share=True, high=1.0),
        y=Axis(label="share that it held", is_share=True, high=1.0),
        marks=marks,
        height=120.0,
    )
    said = ", ".join(
        f"{percent_text(c.level)} intervals (± {number_text(c.half_width)}) held {percent_text(c.covered)}"
        for c in coverages
    )
    return (
        Chart(
            name="coverage",
            section="test",
            title="What the intervals hold",
            alt=f"On {count_text(found.n_rows, f'{found.rows} {noun_of(run)}')}, {said}.",
            figure=Figure(panels=(panel,)),
            header=("promised", "half width", "covered", "standard error"),
            rows=tuple((c.level, c.half_width, c.covered, c.error) for c in coverages),
        ),
    )
