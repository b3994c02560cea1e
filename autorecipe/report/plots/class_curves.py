"""ROC and precision-recall curves of the untouched rows."""

from __future__ import annotations

from autorecipe.record.evaluation import ClassCurves, Evaluation
from autorecipe.record.run import Run
from autorecipe.report.plots.figure import Axis, Chart, Colour, Dots, Figure, Line, Mark, Panel, Point, Rule
from autorecipe.report.plots.names import number_text, percent_text, short_name
from autorecipe.report.text_words import count_text, noun_of

COLOURS: tuple[Colour, ...] = ("one", "two", "three", "four")
HEIGHT = 200.0
MOST_SAID = 4  # classes that a sentence names
MOST_NAMED = 8  # classes that all have a line of their own, each colour once whole and once dashed; choice: a legend


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw both curves of the positive class, or of each class against the others."""
    found = run.evaluation
    return () if found is None or not found.curves else (_roc(found, run), _precision_recall(found, run))


def _roc(found: Evaluation, run: Run) -> Chart:
    areas = [_number_text(curves.area) for curves in found.curves]
    diagonal = Line(points=((0.0, 0.0), (1.0, 1.0)), colour="dim", is_dashed=True, is_thin=True)
    marks = _lines(found.curves, [curves.roc for curves in found.curves], [f"area {area}" for area in areas])
    panel = Panel(
        x=Axis(label="false positive rate", low=0.0, high=1.0),
        y=Axis(label="true positive rate", low=0.0, high=1.0),
        marks=(diagonal, *marks),
        height=HEIGHT,
    )
    said = _said(found.curves, areas)
    return Chart(
        name="roc",
        section="test",
        title="ROC curve",
        alt=f"ROC curve on {_rows_text(found, run)}: area under it {said}; chance 0.5.",
        figure=Figure(panels=(panel,)),
        header=("class", "false positive rate", "true positive rate"),
        rows=tuple((curves.label, *point) for curves in found.curves for point in curves.roc),
    )


def _precision_recall(found: Evaluation, run: Run) -> Chart:
    points = [curves.precision_recall for curves in found.curves]
    averages = [_number_text(curves.mean_precision) for curves in found.curves]
    marks = _lines(found.curves, points, [f"mean {average}" for average in averages])
    first = found.curves[0]
    guess: tuple[Mark, ...] = ()
    if len(found.curves) == 1:
        guess = (Rule(at=first.share, text=f"guessing {percent_text(first.share)}"),)
    panel = Panel(
        x=Axis(label="recall", low=0.0, high=1.0),
        y=Axis(label="precision", low=0.0, high=1.0),
        marks=(*guess, *marks),
        height=HEIGHT,
    )
    texts = [f"{a} (guessing {number_text(c.share)})" for c, a in zip(found.curves, averages, strict=True)]
    said = _said(found.curves, texts)
    return Chart(
        name="precision_recall",
        section="test",
        title="Precision and recall",
        alt=f"Precision by recall on {_rows_text(found, run)}: mean precision {said}.",
        figure=Figure(panels=(panel,)),
        header=("class", "recall", "precision"),
        rows=tuple((c.label, *point) for c, curve in zip(found.curves, points, strict=True) for point in curve),
    )


def _said(curves: tuple[ClassCurves, ...], numbers: list[str]) -> str:
    """Name each class with its number; of many the best and the worst alone."""
    known = [(number, f"'{short_name(own.label)}' {number}") for own, number in zip(curves, numbers, strict=True)]
    if len(known) <= MOST_SAID:
        return ", ".join(text for _, text in known)
    return f"{len(known)} classes from {min(known)[1]} to {max(known)[1]}"


def _rows_text(found: Evaluation, run: Run) -> str:
    return count_text(found.n_rows, f"{found.rows} {noun_of(run)}")


def _lines(known: tuple[ClassCurves, ...], curves: list[tuple[Point, ...]], numbers: list[str]) -> list[Mark]:
    marks: list[Mark] = []
    n_named = len(known) if len(known) <= MOST_NAMED else len(COLOURS)
    for i, (own, points, number) in enumerate(zip(known, curves, numbers, strict=True)):
        if len(points) == 1:
            marks.append(Dots(points=points, colour=COLOURS[i % len(COLOURS)]))
        if i < n_named:
            colour, label = COLOURS[i % len(COLOURS)], f"{short_name(own.label, 18)}: {number}"
            marks.append(Line(points=points, colour=colour, label=label, is_dashed=i >= len(COLOURS)))
        else:
            marks.append(Line(points=points, colour="dim", label=f"others ({len(known) - n_named})", is_thin=True))
    return sorted(marks, key=lambda mark: mark.colour != "dim")  # below the others


def _number_text(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"
