"""Share of the rows called positive that are."""

from __future__ import annotations

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.sums import class_counts, divide


def _score_many(y: Array, labels: Array, weights: Array) -> Array:
    counts = class_counts(y, labels, weights)
    return divide(counts.hits[:, 1], counts.predicted[:, 1], otherwise=0.0)


METRIC = Metric(
    name="precision",
    title="precision",
    tasks=("binary",),
    direction="max",
    is_smooth=False,
    needs="labels",
    meaning="of the rows it calls '{positive}', the share that are (0 when it calls none so)",
    saying="of ten it calls '{positive}' it is right about {of_ten}",
    score_many=_score_many,
    is_defined=varies,
)
