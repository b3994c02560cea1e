"""The journal of decisions: what each change did to the score, with its error, and whether it was kept."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autorecipe.record.run import Run
from autorecipe.record.trial import Decision
from autorecipe.report.plots.figure import Axis, Chart, Dots, Figure, Panel, Rule, height_of
from autorecipe.report.plots.names import number_text, short_names
from autorecipe.report.text_words import count_text, metric_of

MOST_DECISIONS = 40  # rows of the drawing, the latest; choice: it stays two screens high on a phone
MOST_SIGNS = 28  # of a change's title
REACH = 4.0  # times the median size of an effect: what lies beyond stands at the edge, so that the others can be seen


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw the effects of all changes in the order in which they were tried, kept ones filled."""
    tried = [(s.stage, d) for s in run.stages for d in (*s.repairs, *s.decisions)]
    judged = [(stage, decision) for stage, decision in tried if _is_judged(decision)]
    if not judged:
        return ()
    shown = judged[-MOST_DECISIONS:]
    names = short_names(tuple(decision.change.title for _, decision in shown), MOST_SIGNS)
    title = metric_of(run.deciding_metric).title
    panel = Panel(
        x=Axis(label=f"gain of {title} on validation, ± its error"),
        y=Axis(names=names),
        marks=(Rule(at=0.0, axis="x"), *_dots([decision for _, decision in shown])),
        height=height_of(len(names)),
    )
    kept = [decision for _, decision in tried if decision.kept]
    best = max(judged, key=lambda known: known[1].effect)[1]
    n_left = f", the last {len(shown)} are drawn" if len(shown) < len(judged) else ""
    alt = (
        f"{count_text(len(tried), 'change')} tried, {len(kept)} kept{n_left}; the largest gain of {title} was "
        f"{number_text(best.effect)} ± {number_text(best.error)} by '{names[_place(shown, best)]}'."
        if best in [decision for _, decision in shown]
        else f"{count_text(len(tried), 'change')} tried, {len(kept)} kept{n_left}."
    )
    return (
        Chart(
            name="journal",
            section="decisions",
            title="What each change did",
            alt=alt,
            figure=Figure(panels=(panel,)),
            header=("stage", "change", "effect", "error", "kept", "rule"),
            rows=tuple((s, d.change.title, d.effect, d.error, "yes" if d.kept else "no", d.rule) for s, d in tried),
        ),
    )


def _is_judged(decision: Decision) -> bool:
    """Whether the change could be trained: one that failed has neither an effect nor an error."""
    is_finite = math.isfinite(decision.effect) and math.isfinite(decision.error)
    return is_finite and not (decision.effect == 0 and decision.error == 0)


def _place(shown: Sequence[tuple[str, Decision]], wanted: Decision) -> int:
    return next(i for i, (_, decision) in enumerate(shown) if decision is wanted)


def _dots(decisions: list[Decision]) -> list[Dots]:
    sizes = sorted(abs(decision.effect) + decision.error for decision in decisions)
    edge = REACH * sizes[len(sizes) // 2]
    marks = []
    for is_kept, label in ((True, "kept"), (False, "not kept")):
        own = [(i, d) for i, d in enumerate(decisions) if d.kept == is_kept and abs(d.effect) <= edge]
        if own:
            marks.append(
                Dots(
                    points=tuple((d.effect, float(i)) for i, d in own),
                    errors=tuple((max(d.effect - d.error, -edge), min(d.effect + d.error, edge)) for _, d in own),
                    across="x",
                    colour="one" if is_kept else "dim",
                    label=label,
                    is_hollow=not is_kept,
                    is_large=True,
                )
            )
    beyond = [(i, d) for i, d in enumerate(decisions) if abs(d.effect) > edge]
    if beyond:
        points = tuple((math.copysign(edge, d.effect), float(i)) for i, d in beyond)
        marks.append(Dots(points=points, colour="two", label="beyond the axis", is_large=True))
    return marks
