"""F1 averaged over the classes that occur, each counting the same."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.sums import class_counts, divide, f1_per_class


def _score_many(y: Array, labels: Array, weights: Array) -> Array:
    counts = class_counts(y, labels, weights)
    is_present = counts.true > 0
    return divide((f1_per_class(counts) * is_present).sum(axis=1), np.count_nonzero(is_present, axis=1))


METRIC = Metric(
    name="macro_f1",
    title="macro F1",
    tasks=("multiclass",),
    direction="max",
    is_smooth=False,
    needs="labels",
    meaning="precision and recall in one number, every class counting the same however rare",
    saying="precision and recall of a class meet at {percent}, averaged over the classes",
    score_many=_score_many,
    is_defined=varies,
)
