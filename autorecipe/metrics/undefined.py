"""What is said of metrics that rows cannot tell: they are of one class or one value, or a class does not occur."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autorecipe.data.schema import Schema
from autorecipe.listing import some_of
from autorecipe.metrics.choose import metrics_of
from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.row_words import row_noun

MAX_NAMED = 3  # classes that do not occur; choice: a line of text


def undefined_notes(schema: Schema, y: ArrayLike) -> tuple[str, ...]:
    """Name the metrics of the task that cannot be computed on rows, with the reason; nothing where all can.

    Parameters
    ----------
    y : array-like of shape (n_rows,), n_rows > 0
        Class codes, or values for a regression.
    """
    true = np.asarray(y)
    undefined = [metric for metric in metrics_of(schema.task) if not metric.is_defined(true)]
    of_zeros = [m for m in undefined if schema.task == "regression" and m.is_defined is not varies]
    of_one = [m for m in undefined if m not in of_zeros]
    notes = (_note(of_one, _one_value_text(schema, true)), _note(of_zeros, _zeros_text(schema, true)))
    return (*filter(None, notes), *_absent_note(schema, true))


def _note(metrics: list[Metric], why: str) -> str:
    if not metrics:
        return ""
    *first, last = (metric.title for metric in metrics)
    return f"{', '.join(first)}{' and ' * bool(first)}{last} cannot be computed: {why}"


def _one_value_text(schema: Schema, true: Array) -> str:
    noun, n = row_noun(schema.modality), len(true)
    if schema.task == "regression":
        target = schema.target.strip()
        return f"there is only one {noun}" if n == 1 else f"all {n:,} {noun}s have the same '{target}'"
    label = schema.classes[int(true[0])]
    return f"the only {noun} is of the class '{label}'" if n == 1 else f"all {n:,} {noun}s are of one class, '{label}'"


def _zeros_text(schema: Schema, true: Array) -> str:
    n, noun, target = int((true == 0).sum()), row_noun(schema.modality), schema.target.strip()
    return f"the '{target}' of {n:,} {noun}{'s' * (n > 1)} is 0"


def _absent_note(schema: Schema, true: Array) -> tuple[str, ...]:
    """Say which of several classes do not occur, where two at least do: means over the classes leave them out."""
    codes = {int(code) for code in np.unique(true)} if schema.task == "multiclass" else set()
    absent = [f"'{label}'" for code, label in enumerate(schema.classes) if code not in codes]
    if len(codes) < 2 or not absent:
        return ()
    noun = row_noun(schema.modality)
    said = f"no {noun} is of {len(absent)} of the {len(schema.classes)} classes ({some_of(absent, MAX_NAMED)})"
    return (f"{said}: means over the classes are of the {len(codes)} that occur",)
