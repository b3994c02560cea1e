"""What tuning found: the best so far, the learning rate's effect, and the score by every other knob."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from itertools import accumulate

from autorecipe.change import setting_text, value_of
from autorecipe.recipe import Recipe, Value
from autorecipe.record.run import Run
from autorecipe.record.trial import Trial
from autorecipe.report.plots.figure import Axis, Chart, Dots, Figure, Line, Panel, Row, Rule, thinned
from autorecipe.report.plots.names import number_text, power_text, short_name, short_names
from autorecipe.report.text_words import count_text, metric_of
from autorecipe.tuning.space import EDGE_SHARE

MOST_KNOBS = 8
MOST_TRIALS = 300  # dots of a drawing: with more it would have more than 40 kB; the numbers have all
RATE = "learning_rate"
NOT_KNOBS = ("seed", "epochs", "row_share", RATE)
LOG_FACTOR = 8.0  # largest over smallest value from which an axis is logarithmic; choice
Scored = tuple[Recipe, float]


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw the trials of Tune that could be trained."""
    stage = run.stage("tune")
    trials = stage.trials if stage else ()
    scored = [(t.recipe, t.validation_score) for t in trials if t.recipe is not None and _is_scored(t)]
    if len(scored) < 2:
        return ()
    n_failed = sum(1 for trial in trials if trial.status == "failed")
    return (_best_so_far(run, scored, n_failed), *_rate(run, scored), *_slices(run, scored))


def _is_scored(trial: Trial) -> bool:
    return trial.status == "ok" and math.isfinite(trial.validation_score)


def _best(run: Run, scored: list[Scored]) -> Scored:
    sign = 1 if metric_of(run.deciding_metric).direction == "max" else -1
    return max(scored, key=lambda known: sign * known[1])


def _best_so_far(run: Run, scored: list[Scored], n_failed: int) -> Chart:
    title = metric_of(run.deciding_metric).title
    choose = max if metric_of(run.deciding_metric).direction == "max" else min
    scores = [score for _, score in scored]
    best = list(accumulate(scores, choose))
    points = tuple((float(i), score) for i, score in enumerate(scores, start=1))
    line = tuple((float(i), score) for i, score in enumerate(best, start=1))
    marks = (
        Dots(points=points[-MOST_TRIALS:], colour="dim", label="a trial", is_hollow=True),
        Line(points=line, label="best so far", is_step=True),
    )
    panel = Panel(x=Axis(label="trial", is_whole=True), y=Axis(label=f"{title} on validation"), marks=marks, height=100)
    failed = f", {n_failed} failed" if n_failed else ""
    return Chart(
        name="tuning_progress",
        section="tuning",
        title="The best so far",
        alt=f"{count_text(len(scored), 'trial')}{failed}: the best {title} on validation goes from "
        f"{number_text(best[0])} to {number_text(best[-1])}, reached in trial {best.index(best[-1]) + 1}.",
        figure=Figure(panels=(panel,)),
        header=("trial", "score", "best so far"),
        rows=tuple((i, score, top) for i, (score, top) in enumerate(zip(scores, best, strict=True), start=1)),
    )


def _rate(run: Run, scored: list[Scored]) -> tuple[Chart, ...]:
    rates = [recipe.learning_rate for recipe, _ in scored]
    low, high = min(rates), max(rates)
    if not 0 < low < high:
        return ()
    title, (best, score) = metric_of(run.deciding_metric).title, _best(run, scored)
    place = math.log(best.learning_rate / low) / math.log(high / low)
    is_edge = not EDGE_SHARE <= place <= 1 - EDGE_SHARE
    ends = (
        Rule(at=low, axis="x", text="lowest tried" if place < EDGE_SHARE else "", colour="dim"),
        Rule(at=high, axis="x", text="highest tried" if place > 1 - EDGE_SHARE else "", colour="dim"),
    )
    panel = Panel(
        x=Axis(label="learning rate", is_log=True),
        y=Axis(label=f"{title} on validation"),
        marks=(*ends, *_dots(scored, lambda recipe: recipe.learning_rate), _star(best.learning_rate, score)),
        height=110.0,
    )
    edge = ", at the edge of what was tried" if is_edge else ", inside what was tried"
    return (
        Chart(
            name="tuning_rate",
            section="tuning",
            title="Effect of the learning rate",
            alt=f"{title} by learning rate over {count_text(len(scored), 'trial')} from {power_text(low)} to "
            f"{power_text(high)}: best {number_text(score)} at {power_text(float(f'{best.learning_rate:.3g}'))}{edge}.",
            figure=Figure(panels=(panel,)),
            header=("learning rate", "score", "epochs"),
            rows=tuple((recipe.learning_rate, value, recipe.epochs) for recipe, value in scored),
        ),
    )


def _slices(run: Run, scored: list[Scored]) -> tuple[Chart, ...]:
    best, score = _best(run, scored)
    fields = _tuned_fields(scored)
    if not fields:
        return ()
    title = metric_of(run.deciding_metric).title
    shown = fields[:MOST_KNOBS]
    drawn = thinned(tuple(scored), MOST_TRIALS // len(shown))
    panels = tuple(_slice(field, drawn, (best, score), is_first=field == shown[0]) for field in shown)
    n_knobs = count_text(len(fields), "knob")
    settings = ", ".join(f"{_title(field)} {setting_text(_value(best, field))}" for field in shown[:4])
    rows: list[Row] = [(_title(f), setting_text(_value(recipe, f)), value) for f in fields for recipe, value in scored]
    return (
        Chart(
            name="tuning_knobs",
            section="tuning",
            title=f"{title} by each knob",
            alt=f"{title} on validation by {n_knobs}: best {number_text(score)} with {settings}.",
            figure=Figure(panels=panels, n_columns=1 if len(panels) == 1 else 2),
            header=("knob", "value", "score"),
            rows=tuple(rows),
        ),
    )


def _tuned_fields(scored: list[Scored]) -> list[str]:
    """Return the fields of a recipe, and the knobs of an own architecture, that differ between the trials."""
    first = scored[0][0]
    names = [f.name for f in dataclasses.fields(Recipe) if f.name not in (*NOT_KNOBS, "knobs")]
    names += [f"knobs.{name}" for name, _ in first.knobs]
    return [name for name in names if any(_value(recipe, name) != _value(first, name) for recipe, _ in scored)]


def _value(recipe: Recipe, field: str) -> Value | None:
    try:
        return value_of(recipe, field)
    except KeyError:
        return None


def _slice(field: str, scored: Sequence[Scored], best: Scored, *, is_first: bool) -> Panel:
    values = [_value(recipe, field) for recipe, _ in (*scored, best)]
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(numbers) == len(values):
        is_log = min(numbers) > 0 and max(numbers) > LOG_FACTOR * min(numbers)
        axis = Axis(is_log=is_log, is_whole=all(number.is_integer() for number in numbers))
        place_of = {repr(value): number for value, number in zip(values, numbers, strict=True)}
    else:
        texts = sorted({setting_text(value) for value in values})
        axis = Axis(names=short_names(tuple(texts), 12))
        place_of = {repr(value): float(texts.index(setting_text(value))) for value in values}
    marks = _dots(scored, lambda recipe: place_of[repr(_value(recipe, field))])
    star = _star(place_of[repr(_value(best[0], field))], best[1])
    shown = [mark if is_first else dataclasses.replace(mark, label="") for mark in (*marks, star)]
    return Panel(title=short_name(_title(field)), x=axis, y=Axis(), marks=tuple(shown), height=70.0)


def _dots(scored: Sequence[Scored], place_of: Callable[[Recipe], float]) -> list[Dots]:
    longest = max(recipe.epochs for recipe, _ in scored)
    marks: list[Dots] = []
    for is_short, label in ((True, "shorter training"), (False, "a trial")):
        points = tuple((place_of(r), score) for r, score in scored if (r.epochs < longest) == is_short)[-MOST_TRIALS:]
        if points:
            marks.append(Dots(points=points, colour="dim" if is_short else "one", label=label, is_hollow=is_short))
    return marks if len(marks) > 1 else [dataclasses.replace(mark, label="") for mark in marks]


def _star(place: float, score: float) -> Dots:
    return Dots(points=((place, score),), colour="two", label="best", is_large=True)


def _title(field: str) -> str:
    return field.removeprefix("knobs.").replace("_", " ")
