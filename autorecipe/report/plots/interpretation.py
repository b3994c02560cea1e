"""What the model looks at, and where it is wrong: importance, partial dependence, weak slices."""

from __future__ import annotations

import math

from autorecipe.interpretation.record import Dependence, Interpretation, WeakSlice
from autorecipe.listing import some_of
from autorecipe.record.run import Run
from autorecipe.report.plots.figure import Axis, Bars, Chart, Dots, Figure, Line, Panel, Row, Rule, height_of
from autorecipe.report.plots.names import number_text, short_name, short_names
from autorecipe.report.plots.shown import Shown, shown_of
from autorecipe.report.text_words import count_text

MOST_COLUMNS = 20  # of the importances; choice: a screen
MOST_CURVES = 8
MOST_SAID = 3  # columns in a sentence
MOST_LEVEL_SIGNS = 10


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw what was found out about a model of a table."""
    found = run.interpretation
    if found is None:
        return ()
    shown = shown_of(run, show_values=show_values)
    return (*_importance(found), *_dependence(found, shown), *_slices(found, shown))


def _importance(found: Interpretation) -> tuple[Chart, ...]:
    known = [i for i in found.importances if math.isfinite(i.rise) and math.isfinite(i.error)]
    if not known:
        return ()
    shown = known[:MOST_COLUMNS]
    names = short_names(tuple(importance.column for importance in shown))
    marks = (
        Bars(spans=tuple((float(i), 0.0, own.rise) for i, own in enumerate(shown)), lies=True),
        Dots(
            points=tuple((own.rise, float(i)) for i, own in enumerate(shown)),
            errors=tuple((own.rise - own.error, own.rise + own.error) for own in shown),
            across="x",
            colour="ink",
        ),
    )
    low = 0.0 if min(own.rise - own.error for own in shown) >= 0 else None
    axis = Axis(label=f"rise of the {found.unit_text} when shuffled, ± its error", low=low)
    panel = Panel(x=axis, y=Axis(names=names), marks=marks, height=height_of(len(names)))
    n_idle = sum(not own.is_certain for own in known)
    rises = (f"{n} {number_text(own.rise)} ± {number_text(own.error)}" for n, own in zip(names, shown, strict=True))
    said = some_of(tuple(rises), MOST_SAID, n_all=len(known))
    idle = f"; {n_idle} of {count_text(len(known), 'column')}: no rise beyond two errors" if n_idle else ""
    return (
        Chart(
            name="importance",
            section="interpretation",
            title="What it looks at",
            alt=f"Rise of the {found.unit_text} of {number_text(found.loss)} when a column is shuffled: {said}{idle}.",
            figure=Figure(panels=(panel,)),
            header=("column", "rise", "standard error"),
            rows=tuple((own.column, own.rise, own.error) for own in known),
        ),
    )


def _dependence(found: Interpretation, shown: Shown) -> tuple[Chart, ...]:
    curves = [c for c in found.dependences if len(c.cells) > 1 and all(map(math.isfinite, c.predictions))]
    if not curves:
        return ()
    curves = curves[:MOST_CURVES]
    every = [value for curve in curves for value in curve.predictions]
    room = 0.06 * (max(every) - min(every)) or 0.5
    ends = (min(every) - room, max(every) + room)
    of = f"probability of '{short_name(curves[0].of, 16)}'" if curves[0].of else "prediction"
    ranges = ", ".join(
        f"{short_name(c.column)} from {number_text(min(c.predictions))} to {number_text(max(c.predictions))}"
        for c in curves[:3]
    )
    rows: list[Row] = [(curve.column, cell, value) for curve in curves for cell, value in shown.points(curve)]
    return (
        Chart(
            name="dependence",
            section="interpretation",
            title=f"Mean {of} as one column moves",
            alt=f"Partial dependence: the mean {of} moves with {ranges}.",
            figure=Figure(
                panels=tuple(_curve(curve, shown, ends) for curve in curves), n_columns=1 if len(curves) == 1 else 2
            ),
            header=("column", "cell", f"mean {of}"),
            rows=tuple(rows),
        ),
    )


def _curve(curve: Dependence, shown: Shown, ends: tuple[float, float]) -> Panel:
    y = Axis(low=ends[0], high=ends[1])
    title = short_name(curve.column)
    numbers = shown.numbers(curve)
    if numbers:
        points = tuple(zip(numbers, curve.predictions, strict=True))
        marks = (Line(points=points), Dots(points=points))
        return Panel(title=title, x=Axis(), y=y, marks=marks, height=75.0)
    named = shown.points(curve)
    names = tuple(short_name(cell, MOST_LEVEL_SIGNS) for cell, _ in named)
    levels = tuple((float(i), value) for i, (_, value) in enumerate(named))
    return Panel(title=title, x=Axis(names=names), y=y, marks=(Dots(points=levels, is_large=True),), height=75.0)


def _slices(found: Interpretation, shown: Shown) -> tuple[Chart, ...]:
    known = [s for s in found.slices if math.isfinite(s.loss) and math.isfinite(s.elsewhere)]
    if not known:
        return ()
    texts = shown.slices(tuple(known))
    names, worst = short_names(texts, 28), known[0]
    return (
        Chart(
            name="slices",
            section="interpretation",
            title="Where it is worse",
            alt=f"{count_text(len(known), 'weak slice')}; the weakest, {names[0]} ({count_text(worst.n_rows, 'row')}): "
            f"{found.unit_text} {number_text(worst.loss)}, elsewhere {number_text(worst.elsewhere)}, "
            f"error of the difference {number_text(worst.error)}.",
            figure=Figure(panels=(_slices_panel(known, names, found),)),
            header=("slice", "rows", "loss", "elsewhere", "standard error"),
            rows=tuple(_slice_row(text, own) for text, own in zip(texts, known, strict=True)),
        ),
    )


def _slices_panel(known: list[WeakSlice], names: tuple[str, ...], found: Interpretation) -> Panel:
    there = Dots(
        points=tuple((s.loss, float(i)) for i, s in enumerate(known)),
        errors=tuple((s.loss - s.error, s.loss + s.error) for s in known),
        across="x",
        colour="two",
        label="there, ± its error",
        is_large=True,
    )
    elsewhere = Dots(
        points=tuple((s.elsewhere, float(i)) for i, s in enumerate(known)),
        colour="dim",
        label="elsewhere",
        is_hollow=True,
        is_large=True,
    )
    mean = Rule(at=found.loss, axis="x")
    axis = Axis(label=f"mean {found.unit_text} (less is better)")
    return Panel(x=axis, y=Axis(names=names), marks=(mean, elsewhere, there), height=height_of(len(names)))


def _slice_row(text: str, own: WeakSlice) -> Row:
    return (text, own.n_rows, own.loss, own.elsewhere, own.error)
