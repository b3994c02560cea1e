"""What more rows give: the score of one recipe on a quarter, half and all of the training rows."""

from __future__ import annotations

from autorecipe.record.run import Run
from autorecipe.report.plots.figure import Axis, Chart, Dots, Figure, Line, Panel, known
from autorecipe.report.plots.names import number_text, percent_text
from autorecipe.report.text_words import metric_of, noun_of


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw the validation score by the share of the training rows."""
    measured = next((m for s in run.stages for m in s.measurements if m.kind == "learning_curve"), None)
    points = known(measured.curve) if measured else ()
    if len(points) < 2 or measured is None:
        return ()
    title, noun = metric_of(run.deciding_metric).title, noun_of(run)
    is_share = points[-1][0] <= 1
    panel = Panel(
        x=Axis(label=f"{'share of the ' if is_share else ''}training {noun}s", is_log=True, is_share=is_share),
        y=Axis(label=f"{title} on validation"),
        marks=(Line(points=points), Dots(points=points, is_large=True)),
        height=100.0,
    )
    said = ", ".join(
        f"{percent_text(share) if is_share else f'{share:,.0f}'} {number_text(score)}" for share, score in points
    )
    more = f" {measured.text[:1].upper()}{measured.text[1:]}." if measured.text else ""
    return (
        Chart(
            name="row_share",
            section="learning",
            title=f"What more {noun}s give",
            alt=f"{title} on validation by training {noun}s: {said}.{more}",
            figure=Figure(panels=(panel,)),
            header=("share" if is_share else f"{noun}s", "score"),
            rows=points,
        ),
    )
