"""Share of the positive rows that are found."""

from __future__ import annotations

from autorecipe.metrics.metric import Array, Metric, has_positives
from autorecipe.metrics.sums import class_counts, divide


def _score_many(y: Array, labels: Array, weights: Array) -> Array:
    counts = class_counts(y, labels, weights)
    return divide(counts.hits[:, 1], counts.true[:, 1])


METRIC = Metric(
    name="recall",
    title="recall",
    tasks=("binary",),
    direction="max",
    is_smooth=False,
    needs="labels",
    meaning="of the rows that are '{positive}', the share it finds",
    saying="of ten '{positive}' rows it finds {of_ten}",
    score_many=_score_many,
    is_defined=has_positives,
)
