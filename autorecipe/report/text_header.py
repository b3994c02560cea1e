"""The first screen of a run: the data, the task, the metric, who learns from which rows."""

from __future__ import annotations

from collections import Counter

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
    data = run.data
    has_images = run.schema.modality == "image"
    of = f" of {data.sampled_from:,}" if data.sampled_from else ""
    size = f"{count_text(data.n_rows, 'row')}{of} x {count_text(data.n_columns, 'column')}"
    title = f"{data.name}  {count_text(data.n_rows, 'image') if has_images else size}"
    return (
        Line(title, "heading"),
        *(line for label, text, flag in header_facts(run) for line in labelled(label, text, flag=flag)),
        *sentence_lines(ERRORS_EXPLAINED.format(noun_of(run)), indent=0, style="dim"),
    )


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
    others = Counter(c.role for c in run.schema.columns if c.role not in ("feature", "target"))
    parts = [f"{n} {kind}" for kind, n in kinds.items()]
    text = f"{', '.join(parts) or 'none'} to learn from"
    aside = [f"{n} {role}" for role, n in others.items()]
    n_found = sum(c.name in dropped for c in run.schema.features)
    if n_found:
        aside.append(f"{n_found} left out by findings")
    return f"{text}; {', '.join(aside)}" if aside else text


def _rows_text(run: Run) -> str:
    split = run.split
    if split.scheme == "folds":
        n_learn = split.n_train + split.n_validation
        text = f"{n_learn:,} to learn from ({split.n_folds} folds: {split.reason})"
    else:
        text = f"{split.n_train:,} to learn from, {split.n_validation:,} to choose by ({split.reason})"
    if split.n_test:
        text += f", {split.n_test:,} locked away for the test"
    else:
        text += f"; no untouched {noun_of(run)}s, so all scores are out of fold"
    if split.not_scored:
        text += f"; too rare to be scored: {', '.join(split.not_scored)}"
    return text
