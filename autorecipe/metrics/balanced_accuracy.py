"""Recall averaged over the classes that occur."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.sums import class_counts, divide


def _score_many(y: Array, labels: Array, weights: Array) -> Array:
    counts = class_counts(y, labels, weights)
    is_present = counts.true > 0
    recalls = divide(counts.hits, counts.true, otherwise=0.0)
    return divide(recalls.sum(axis=1), np.count_nonzero(is_present, axis=1))


METRIC = Metric(
    name="balanced_accuracy",
    title="balanced accuracy",
    tasks=("binary", "multiclass"),
    direction="max",
    is_smooth=False,
    needs="labels",
    meaning="the share of rows it labels rightly, every class counting the same however rare",
    saying="of ten rows of a class it gets {of_ten} right, averaged over the classes",
    score_many=_score_many,
    is_defined=varies,
)
