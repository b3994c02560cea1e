"""How the target is distributed over the training rows."""

from __future__ import annotations

from autorecipe.record.profile import ColumnProfile
from autorecipe.record.run import Run
from autorecipe.report.plots.bins import bin_rows, bin_spans
from autorecipe.report.plots.figure import Axis, Bars, Chart, Figure, Panel, height_of
from autorecipe.report.plots.names import number_text, percent_text, short_name, short_names
from autorecipe.report.text_words import count_text, noun_of

NAME, TITLE = "target", "Target"


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw the histogram of a number, or the rows of each class."""
    columns = run.profile.columns if run.profile else ()
    own = next((column for column in columns if column.name == run.schema.target), None)
    if own is None or run.profile is None:
        return ()
    if run.schema.task == "regression":
        return _histogram(own, run)
    return _classes(own, run, n_rows=run.profile.n_rows)


def _histogram(own: ColumnProfile, run: Run) -> tuple[Chart, ...]:
    if own.low is None or own.high is None or not own.counts or own.high <= own.low:
        return ()
    width = (own.high - own.low) / len(own.counts)
    edges = tuple(own.low + width * i for i in range(len(own.counts) + 1))
    name, most = short_name(own.name), max(range(len(own.counts)), key=own.counts.__getitem__)
    alt = (
        f"Histogram of {name} over {count_text(sum(own.counts), f'training {noun_of(run)}')}: "
        f"1st to 99th percentile {number_text(own.low)} to {number_text(own.high)}, most of them "
        f"({own.counts[most]:,}) from {number_text(edges[most])} to {number_text(edges[most + 1])}."
    )
    bars = Bars(spans=bin_spans(edges, own.counts), thickness=0.9 * width)
    panel = Panel(x=Axis(label=name), y=Axis(label=f"{noun_of(run)}s", low=0.0, is_whole=True), marks=(bars,))
    rows = bin_rows(edges, own.counts)
    return (
        Chart(
            name=NAME,
            section="data",
            title=TITLE,
            alt=alt,
            figure=Figure(panels=(panel,)),
            header=("from", "to", f"{noun_of(run)}s"),
            rows=rows,
        ),
    )


def _classes(own: ColumnProfile, run: Run, *, n_rows: int) -> tuple[Chart, ...]:
    counted = list(own.top)
    n_others, rest = own.n_distinct - len(counted), round(n_rows * (1 - own.missing_share)) - sum(n for _, n in counted)
    if n_others > 0 and rest > 0:
        counted.append((count_text(n_others, "other class"), rest))
    total = sum(n for _, n in counted)
    if not total:
        return ()
    names = short_names(tuple(name for name, _ in counted))
    shares = [n / total for _, n in counted]
    said = ", ".join(f"'{name}' {percent_text(share)}" for name, share in zip(names[:3], shares, strict=False))
    bars = Bars(
        spans=tuple((float(i), 0.0, float(n)) for i, (_, n) in enumerate(counted)),
        lies=True,
        texts=tuple(f"{n:,} ({percent_text(s)})" for (_, n), s in zip(counted, shares, strict=True)),
    )
    panel = Panel(
        x=Axis(label=f"{noun_of(run)}s", low=0.0, is_whole=True),
        y=Axis(names=names),
        marks=(bars,),
        height=height_of(len(names)),
    )
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    rows = count_text(total, f"training {noun_of(run)}")
    return (
        Chart(
            name=NAME,
            section="data",
            title=TITLE,
            alt=f"Classes of {short_name(own.name)} over {rows}: {said}{more}.",
            figure=Figure(panels=(panel,)),
            header=("class", f"{noun_of(run)}s", "share"),
            rows=tuple((name, n, share) for (name, n), share in zip(counted, shares, strict=True)),
        ),
    )
