"""F1 averaged over the classes, each counting by its rows."""

from __future__ import annotations

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.sums import class_counts, divide, f1_per_class


def _score_many(y: Array, labels: Array, weights: Array) -> Array:
    counts = class_counts(y, labels, weights)
    return divide((f1_per_class(counts) * counts.true).sum(axis=1), counts.true.sum(axis=1))


METRIC = Metric(
    name="weighted_f1",
    title="weighted F1",
    tasks=("multiclass",),
    direction="max",
    is_smooth=False,
    needs="labels",
    meaning="precision and recall in one number, every class counting by its rows",
    saying="precision and recall of a class meet at {percent}, averaged by the classes' rows",
    score_many=_score_many,
    is_defined=varies,
)
