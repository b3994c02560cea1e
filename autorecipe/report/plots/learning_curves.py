"""The training of the network that the stages ended with: losses, learning rate, and what happened on the way."""

from __future__ import annotations

import math
import re

from autorecipe.checks.verdicts import loss_name
from autorecipe.choices import LossName
from autorecipe.record.run import Run
from autorecipe.record.trial import Fit
from autorecipe.report.plots.figure import (
    Axis,
    Chart,
    Dots,
    Figure,
    Line,
    Mark,
    Panel,
    Point,
    Row,
    Rule,
    known,
    thinned,
)
from autorecipe.report.plots.names import number_text, power_text
from autorecipe.report.text_words import count_text

MOST_POINTS = 120  # of a line
MOST_FOLDS = 4  # that are drawn thin beside the first
MANY_FOLD = 30.0  # highest over lowest from which a logarithmic axis shows more; choice
LOSSES: dict[LossName, str] = {
    "focal": "focal loss",
    "hinge": "hinge loss",
    "mae": "absolute error",
    "huber": "Huber loss",
}
_EPOCH = re.compile(r"^epoch (\d+)")


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw training and validation loss by epoch, other folds thin, and the learning rate below."""
    fits = [fit for fit in (run.best.fits if run.best else ()) if fit.history.validation_loss]
    if not fits:
        return ()
    first, unit = fits[0], _unit(run)
    lines = _losses(fits)
    values = [y for mark in lines for _, y in mark.points if y > 0]
    is_log = bool(values) and max(values) > MANY_FOLD * min(values)
    x = Axis(label="epoch", is_whole=True)
    kept, dots = _chosen(first)
    rules = [*_events(first), *kept]
    losses = Panel(x=x, y=Axis(label=unit, is_log=is_log), marks=(*_staggered(rules), *lines, *dots), height=150.0)
    rates = _rates(first)
    panels = (losses, Panel(x=x, y=Axis(label="learning rate"), marks=rates, height=50.0)) if rates else (losses,)
    return (
        Chart(
            name="learning_curves",
            section="learning",
            title="Learning curves of the best network",
            alt=_alt(fits, unit),
            figure=Figure(panels=panels),
            header=("fold", "epoch", "train loss", "validation loss", "learning rate", "gradient norm"),
            rows=tuple(row for fit in fits for row in _rows(fit)),
        ),
    )


def _unit(run: Run) -> str:
    """Return what the losses of a history are: those that were learned, of the logarithm where that was."""
    recipe = run.best.recipe if run.best else None
    loss = LOSSES.get(recipe.loss, loss_name(run.schema.task)) if recipe else loss_name(run.schema.task)
    is_log = recipe is not None and recipe.target_transform != "none"
    return f"{loss} of log(1 + target)" if is_log else loss


def _losses(fits: list[Fit]) -> list[Line]:
    marks = []
    for i, fit in list(enumerate(fits))[MOST_FOLDS::-1]:  # the first on top
        train, validation = _points(fit.history.train_loss), _points(fit.history.validation_loss)
        is_first = i == 0
        marks.append(Line(points=train, label="training" if is_first else "", is_thin=not is_first))
        label = "validation" if is_first else ""
        marks.append(Line(points=validation, colour="two", label=label, is_thin=not is_first))
    return marks


def _points(values: tuple[float, ...]) -> tuple[Point, ...]:
    return thinned(known((float(i), value) for i, value in enumerate(values, start=1)), MOST_POINTS)


def _staggered(rules: list[Rule]) -> list[Rule]:
    """Order rules so that no text, each on a line below the one before, stands across a later rule.

    Texts of the left half go to the right of their rule, those of the right half to the left.
    """
    middle = max((rule.at for rule in rules), default=0.0) / 2
    return sorted(rules, key=lambda rule: (rule.at > middle, -rule.at if rule.at > middle else rule.at))


def _events(fit: Fit) -> list[Rule]:
    marks: list[Rule] = []
    for repair in fit.repairs:
        found = _EPOCH.match(repair)
        if found:
            marks.append(Rule(at=float(found[1]), axis="x", text="repaired", colour="bad"))
    if fit.is_cut:
        marks.append(Rule(at=float(len(fit.history.validation_loss)), axis="x", text=_cut_text(fit), colour="bad"))
    return marks


def _cut_text(fit: Fit) -> str:
    return "cut by your interrupt" if fit.is_interrupted else "cut by the clock"


def _chosen(fit: Fit) -> tuple[list[Rule], list[Dots]]:
    losses = fit.history.validation_loss
    if not 0 < fit.best_epoch <= len(losses) or not math.isfinite(losses[fit.best_epoch - 1]):
        return [], []
    at = float(fit.best_epoch)
    dot = Dots(points=((at, losses[fit.best_epoch - 1]),), colour="two", is_large=True)
    return [Rule(at=at, axis="x", text=f"kept: epoch {fit.best_epoch}")], [dot]


def _rates(fit: Fit) -> tuple[Mark, ...]:
    points = _points(fit.history.learning_rate)
    return (Line(points=points, colour="three"),) if len(points) > 1 else ()


def _rows(fit: Fit) -> list[Row]:
    history = fit.history
    others = (history.train_loss, history.validation_loss, history.learning_rate, history.gradient_norm)
    return [
        (fit.fold, i + 1, *(values[i] if i < len(values) else math.nan for values in others))
        for i in range(len(history.validation_loss))
    ]


def _alt(fits: list[Fit], unit: str) -> str:
    fit = fits[0]
    history, folds = fit.history, f", {len(fits)} folds" if len(fits) > 1 else ""
    place = min(max(fit.best_epoch, 1), len(history.validation_loss)) - 1
    train = f"training {number_text(history.train_loss[place])}, " if place < len(history.train_loss) else ""
    text = (
        f"{unit} over {len(history.validation_loss)} epochs{folds}: at the kept epoch {place + 1} {train}"
        f"validation {number_text(history.validation_loss[place])}"
    )
    text += f"; learning rate at first {power_text(history.learning_rate[0])}" if history.learning_rate else ""
    text += f"; {count_text(len(fit.repairs), 'repair')}" if fit.repairs else ""
    return f"{text}; {_cut_text(fit)}." if fit.is_cut else f"{text}."
