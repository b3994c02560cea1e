"""The columns of a table: what is missing, what each says alone, which say nearly the same."""

from __future__ import annotations

import math

from autorecipe.listing import some_of
from autorecipe.record.run import Run
from autorecipe.report.plots.figure import Axis, Bars, Chart, Dots, Figure, Panel, Rule, height_of
from autorecipe.report.plots.names import number_text, percent_text, short_name, short_names
from autorecipe.report.text_words import count_text

MOST_MISSING, MOST_SCORES, MOST_GROUPS = 30, 20, 15  # rows of a drawing; choice: it stays a screen high
MOST_NAMES = 2  # columns of a group that are named in the drawing


def charts(run: Run, *, show_values: bool) -> tuple[Chart, ...]:
    """Draw missing shares, scores of single columns, and groups of columns."""
    return (*_missing(run), *_scores(run), *_groups(run))


def _missing(run: Run) -> tuple[Chart, ...]:
    columns = run.profile.columns if run.profile else ()
    found = sorted((c for c in columns if c.missing_share > 0), key=lambda c: -c.missing_share)
    if not found:
        return ()
    shown = found[:MOST_MISSING]
    names = short_names(tuple(column.name for column in shown))
    bars = Bars(
        spans=tuple((float(i), 0.0, column.missing_share) for i, column in enumerate(shown)),
        colour="two",
        lies=True,
        texts=tuple(percent_text(column.missing_share) for column in shown),
    )
    panel = Panel(
        x=Axis(label="cells that are missing", low=0.0, is_share=True),
        y=Axis(names=names),
        marks=(bars,),
        height=height_of(len(names)),
    )
    alt = (
        f"Missing cells: {len(found)} of {count_text(len(columns), 'column')} have some, "
        f"most of all {names[0]} with {percent_text(shown[0].missing_share)}."
    )
    return (
        Chart(
            name="missing",
            section="data",
            title="Missing cells",
            alt=alt,
            figure=Figure(panels=(panel,)),
            header=("column", "missing share"),
            rows=tuple((column.name, column.missing_share) for column in found),
        ),
    )


def _scores(run: Run) -> tuple[Chart, ...]:
    columns = run.profile.columns if run.profile else ()
    found = [(c.name, c.score, c.score_low) for c in columns if c.score is not None and math.isfinite(c.score)]
    if not found:
        return ()
    found.sort(key=lambda known: -known[1])
    shown = found[:MOST_SCORES]
    names, is_number = short_names(tuple(name for name, _, _ in shown)), run.schema.task == "regression"
    metric, chance = ("R²", 0.0) if is_number else ("ROC AUC", 0.5)
    errors = tuple((score if low is None else low, score) for _, score, low in shown)
    dots = Dots(points=tuple((s, float(i)) for i, (_, s, _) in enumerate(shown)), errors=errors, across="x")
    panel = Panel(
        x=Axis(label=f"{metric} of the column alone"),
        y=Axis(names=names),
        marks=(Rule(at=chance, axis="x"), dots),
        height=height_of(len(names)),
    )
    alt = (
        f"What each column says alone, out of fold, with its lower 95 % bound: {names[0]} the most with {metric} "
        f"{number_text(shown[0][1])}; chance is {chance:g}; {count_text(len(found), 'column')} measured."
    )
    return (
        Chart(
            name="single_columns",
            section="data",
            title="What each column says alone",
            alt=alt,
            figure=Figure(panels=(panel,)),
            header=("column", "score", "lower 95 % bound"),
            rows=tuple((name, score, math.nan if low is None else low) for name, score, low in found),
        ),
    )


def _groups(run: Run) -> tuple[Chart, ...]:
    groups = run.profile.groups if run.profile else ()
    if not groups:
        return ()
    shown = groups[:MOST_GROUPS]
    names = short_names(tuple(_group_text(group.columns) for group in shown), most=32)
    bars = Bars(
        spans=tuple((float(i), 0.0, group.strength) for i, group in enumerate(shown)),
        colour="three",
        lies=True,
        texts=tuple(f"{group.strength:.2f}" for group in shown),
    )
    panel = Panel(
        x=Axis(label="weakest |rho| that joins them", low=0.0, high=1.0),
        y=Axis(names=names),
        marks=(bars,),
        height=height_of(len(names)),
    )
    n_columns = sum(len(group.columns) for group in groups)
    alt = (
        f"Columns that say nearly the same: {n_columns} columns in {count_text(len(groups), 'group')}, "
        f"{names[0]} joined by |rho| {shown[0].strength:.2f} or more."
    )
    return (
        Chart(
            name="groups",
            section="data",
            title="Columns that say nearly the same",
            alt=alt,
            figure=Figure(panels=(panel,)),
            header=("group", "column", "strength"),
            rows=tuple((i, column, group.strength) for i, group in enumerate(groups, 1) for column in group.columns),
        ),
    )


def _group_text(columns: tuple[str, ...]) -> str:
    return some_of(tuple(short_name(column, 12) for column in columns), MOST_NAMES)
