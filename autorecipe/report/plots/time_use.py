"""Where the time went."""

from __future__ import annotations

from autorecipe.budget import format_duration
from autorecipe.record.run import Run
from autorecipe.report.plots.figure import Axis, Bars, Chart, Figure, Panel, height_of
from autorecipe.report.plots.names import short_names

LEAST_S = 0.05  # seconds of a part that is drawn


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw the seconds of each part, in the order of the work."""
    parts = run.time.parts if run.time else tuple((s.stage, s.seconds) for s in run.stages)
    shown = [(name, seconds) for name, seconds in parts if seconds >= LEAST_S]
    if not shown:
        return ()
    names = short_names(tuple(name for name, _ in shown))
    bars = Bars(
        spans=tuple((float(i), 0.0, seconds) for i, (_, seconds) in enumerate(shown)),
        lies=True,
        texts=tuple(format_duration(seconds) for _, seconds in shown),
    )
    panel = Panel(x=Axis(label="seconds", low=0.0), y=Axis(names=names), marks=(bars,), height=height_of(len(names)))
    asked = (
        f"Asked for {format_duration(run.time.asked_s)}, used {format_duration(run.time.used_s)}: " if run.time else ""
    )
    longest = sorted(shown, key=lambda part: -part[1])[:3]
    said = ", ".join(f"{name} {format_duration(seconds)}" for name, seconds in longest)
    return (
        Chart(
            name="time_use",
            section="budget",
            title="Where the time went",
            alt=f"{asked}{said}." if asked else f"The longest parts: {said}.",
            figure=Figure(panels=(panel,)),
            header=("part", "seconds"),
            rows=parts,
        ),
    )
