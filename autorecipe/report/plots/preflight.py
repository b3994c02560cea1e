"""What was measured before the budget was spent: loss at start, tiny batch, controls, learning-rate range."""

from __future__ import annotations

import math

from autorecipe.checks.verdicts import loss_name
from autorecipe.record.readings import ControlsReading, Preflight, RateReading, TinyBatchReading
from autorecipe.record.run import Run
from autorecipe.report.plots.figure import Axis, Bars, Chart, Dots, Figure, Line, Panel, Rule, height_of, known, thinned
from autorecipe.report.plots.names import number_text, power_text
from autorecipe.report.text_words import count_text, noun_of

MOST_POINTS = 120  # of a curve: more lie closer than its line is wide


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw what the probes of the last network that was looked at measured."""
    found = next((s.preflight for s in reversed(run.stages) if s.preflight is not None), None)
    if found is None:
        return ()
    unit = loss_name(run.schema.task)
    return (
        *_loss_at_start(found, unit),
        *(_tiny_batch(found.tiny_batch, unit, noun_of(run)) if found.tiny_batch else ()),
        *(_controls(found.controls, unit, noun_of(run)) if found.controls else ()),
        *(_rate_range(found.rate_range, unit) if found.rate_range else ()),
    )


def _loss_at_start(found: Preflight, unit: str) -> tuple[Chart, ...]:
    start, biased = found.loss_at_start, found.loss_with_prior_bias
    losses = [("as initialised", start.value, start.ignorance)] if start else []
    losses += [("knowing the prior", biased.value, biased.prior)] if biased else []
    losses = [loss for loss in losses if math.isfinite(loss[1]) and math.isfinite(loss[2])]
    if not losses:
        return ()
    places = range(len(losses))
    measured = Bars(
        spans=tuple((i - 0.19, 0.0, losses[i][1]) for i in places),
        label="measured",
        lies=True,
        thickness=0.34,
        texts=tuple(number_text(value) for _, value, _ in losses),
    )
    expected = Bars(
        spans=tuple((i + 0.19, 0.0, losses[i][2]) for i in places),
        colour="dim",
        label="expected",
        lies=True,
        thickness=0.34,
        texts=tuple(number_text(value) for _, _, value in losses),
    )
    panel = Panel(
        x=Axis(label=unit, low=0.0),
        y=Axis(names=tuple(name for name, _, _ in losses)),
        marks=(measured, expected),
        height=height_of(2 * len(losses)),
    )
    said = "; ".join(f"{what} {number_text(value)}, expected {number_text(right)}" for what, value, right in losses)
    return (
        Chart(
            name="loss_at_start",
            section="checks",
            title="Loss before training (T003)",
            alt=f"{unit} before the first step: {said}.",
            figure=Figure(panels=(panel,)),
            header=("network", "measured", "expected"),
            rows=tuple(losses),
        ),
    )


def _tiny_batch(found: TinyBatchReading, unit: str, noun: str) -> tuple[Chart, ...]:
    curve = thinned(known(found.curve, is_log=True), MOST_POINTS)
    if len(curve) < 2:
        return ()
    limit = (Rule(at=found.limit, text=f"limit {number_text(found.limit)}"),) if found.limit > 0 else ()
    panel = Panel(
        x=Axis(label="step", low=0.0, is_whole=True),
        y=Axis(label=f"{unit} of {count_text(found.n_rows, noun)}", is_log=True),
        marks=(*limit, Line(points=curve)),
        height=110.0,
    )
    ended = f"below {number_text(found.limit)} after {found.n_steps} steps"
    ended = ended if found.n_steps else f"never below the limit of {number_text(found.limit)}"
    return (
        Chart(
            name="tiny_batch",
            section="checks",
            title="A tiny batch is memorised (T008)",
            alt=f"{unit} of {count_text(found.n_rows, noun)} by steps: from {number_text(found.start)} to "
            f"{number_text(found.best)}, {ended}.",
            figure=Figure(panels=(panel,)),
            header=("step", "loss"),
            rows=found.curve,
        ),
    )


def _controls(found: ControlsReading, unit: str, noun: str) -> tuple[Chart, ...]:
    gains = [
        ("over zeroed inputs", found.gain_over_zeroed, found.zeroed_error),
        ("over the prior", found.gain_over_chance, found.chance_error),
        ("shuffled targets", found.shuffled_gain, found.shuffled_error),
    ]
    gains = [gain for gain in gains if math.isfinite(gain[1]) and math.isfinite(gain[2])]
    if not gains:
        return ()
    marks = tuple(
        Dots(
            points=((gain, float(i)),),
            errors=((gain - error, gain + error),),
            across="x",
            colour="two" if name.startswith("shuffled") else "one",
            is_large=True,
        )
        for i, (name, gain, error) in enumerate(gains)
    )
    panel = Panel(
        x=Axis(label=f"{unit} saved per {noun}, ± its error"),
        y=Axis(names=tuple(name for name, _, _ in gains)),
        marks=(Rule(at=0.0, axis="x"), *marks),
        height=height_of(len(gains)),
    )
    said = ", ".join(f"{name} {number_text(gain)} ± {number_text(error)}" for name, gain, error in gains)
    return (
        Chart(
            name="controls",
            section="checks",
            title="Controls (T009)",
            alt=f"{unit} that a short training saves per validation {noun}: {said}; on shuffled targets it is to save "
            "nothing.",
            figure=Figure(panels=(panel,)),
            header=("gain", "value", "standard error"),
            rows=tuple(gains),
        ),
    )


def _rate_range(found: RateReading, unit: str) -> tuple[Chart, ...]:
    curve = tuple(point for point in known(found.curve) if point[0] > 0)
    if len(curve) < 2:
        return ()
    shown = thinned(curve, MOST_POINTS)
    losses = [loss for _, loss in shown]
    lowest = min(losses)
    start = max(losses[: losses.index(lowest) + 1])
    top = start + max(0.35 * (start - lowest), 0.05 * abs(start))  # where it diverges nothing more is to be seen
    shown = tuple((rate, min(loss, top)) for rate, loss in shown)
    at = next((loss for rate, loss in shown if rate >= found.chosen), lowest)
    has_choice = math.isfinite(found.chosen) and found.chosen > 0
    marks = [Line(points=shown)]
    choice = (Rule(at=found.chosen, axis="x", text=f"chosen {power_text(found.chosen)}"),) if has_choice else ()
    dot = (Dots(points=((found.chosen, at),), colour="two", is_large=True),) if has_choice else ()
    panel = Panel(
        x=Axis(label="learning rate", is_log=True),
        y=Axis(label=f"{unit}, smoothed"),
        marks=(*choice, *marks, *dot),
        height=120.0,
    )
    said = f"chosen {power_text(found.chosen)}" if has_choice else "none could be chosen"
    said += f"; diverges at {power_text(found.diverged_at)}" if found.diverged_at else ""
    return (
        Chart(
            name="rate_range",
            section="checks",
            title="Learning-rate range (T010)",
            alt=f"Smoothed {unit} while the learning rate rises from {power_text(curve[0][0])} to "
            f"{power_text(curve[-1][0])}: it falls by {100 * found.largest_fall:.0f} %; {said}.",
            figure=Figure(panels=(panel,)),
            header=("learning rate", "smoothed loss"),
            rows=found.curve,
        ),
    )
