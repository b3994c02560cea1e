"""The first screen of a run: the data, the task, the metric, who learns from which rows."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

from autorecipe.data.schema import Column
from autorecipe.record.run import Run
from autorecipe.report.text_words import (
    Line,
    Lines,
    count_text,
    labelled,
    metric_of,
    noun_of,
    positive_and_negative,
    sentence_lines,
)

ERRORS_EXPLAINED = "± is one standard error ({}s, folds, seeds); ≈ means within it"


def header_lines(run: Run) -> Lines:
    """Write what was read and decided before anything was learned, each with the flag that overrides it."""
    return (
        Line(_title(run), "heading"),
        *(line for label, text, flag in header_facts(run) for line in labelled(label, text, flag=flag)),
        *sentence_lines(ERRORS_EXPLAINED.format(noun_of(run)), indent=0, style="dim"),
    )


def _title(run: Run) -> str:
    """Name what was read and how large it is; rows of a file to test on stand beside its name alone."""
    data, n_test = run.data, run.split.n_test if run.config.test_path else 0
    n_rows = count_text(data.n_rows - n_test, noun_of(run))
    of = f" of {data.sampled_from:,}" if data.sampled_from else ""
    columns = f" x {count_text(data.n_columns, 'column')}" if run.schema.modality == "table" else ""
    test = f", {_test_name(run)}  {count_text(n_test, f'test {noun_of(run)}')}" if n_test else ""
    return f"{data.name}  {n_rows}{of}{columns}{test}"


def _test_name(run: Run) -> str:
    return PurePath(run.config.test_path).name if run.config.test_path else ""


def header_facts(run: Run) -> tuple[tuple[str, str, str], ...]:
    """Return what was read and decided before anything was learned, each as (label, text, flag that overrides it)."""
    columns = (("columns", _columns_text(run), "--type, --drop"),) if run.schema.modality == "table" else ()
    return (
        *(("read", note, "") for note in run.data.notes),
        ("task", f"{run.schema.task}: {run.schema.task_reason}", "--task"),
        ("metric", _metric_text(run), "--metric"),
        *columns,
        (f"{noun_of(run)}s", _rows_text(run), "--test"),
    )


def _metric_text(run: Run) -> str:
    metric = metric_of(run.metric)
    positive, negative = positive_and_negative(run)
    target, modality = run.schema.target.strip(), run.schema.modality
    meaning = metric.describe(positive=positive, negative=negative, target=target, modality=modality)
    text = f"{metric.title}: {meaning}"
    if metric.direction == "min":
        text += "; smaller is better"
    if run.deciding_metric != run.metric:
        deciding = metric_of(run.deciding_metric).title
        text += f". Choices are made by the {deciding}, which moves with every prediction"
    return text


def _columns_text(run: Run) -> str:
    dropped = set(run.profile.dropped) if run.profile else set()
    kinds = Counter(column.kind for column in run.schema.features if column.name not in dropped)
    asked = {column.strip() for column in run.config.drop}
    others = Counter(_called(c, asked) for c in run.schema.columns if c.role not in ("feature", "target"))
    parts = [f"{n} {kind}" for kind, n in kinds.items()]
    text = f"{', '.join(parts) or 'none'} to learn from"
    aside = [f"{n} {called}" for called, n in others.items()]
    n_found = sum(c.name in dropped for c in run.schema.features)
    if n_found:
        aside.append(f"{n_found} left out by findings")
    return f"{text}; {', '.join(aside)}" if aside else text


def _called(column: Column, asked: set[str]) -> str:
    """Say why a column is no feature: its role, or that nothing is in it where nobody asked to leave it out."""
    return column.role if column.role != "dropped" or column.name.strip() in asked else "without a cell to read"


def _rows_text(run: Run) -> str:
    split = run.split
    if split.scheme == "folds":
        n_learn = split.n_train + split.n_validation
        text = f"{n_learn:,} to learn from ({split.n_folds} folds: {split.reason})"
    else:
        text = f"{split.n_train:,} to learn from, {split.n_validation:,} to choose by ({split.reason})"
    if split.n_test and run.config.test_path:
        text += f", the {split.n_test:,} of {_test_name(run)} locked away for the test"
    elif split.n_test:
        text += f", {split.n_test:,} locked away for the test"
    else:
        text += f"; no untouched {noun_of(run)}s, so all scores are out of fold"
    if split.not_scored:
        text += f"; too rare to be scored: {', '.join(split.not_scored)}"
    return text
