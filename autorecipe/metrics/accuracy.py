"""Share of rows labelled rightly."""

from __future__ import annotations

from autorecipe.metrics.metric import Array, Metric
from autorecipe.metrics.sums import mean_over_rows


def _score_many(y: Array, labels: Array, weights: Array) -> Array:
    return mean_over_rows((y == labels).astype(float), weights)


METRIC = Metric(
    name="accuracy",
    title="accuracy",
    tasks=("binary", "multiclass"),
    direction="max",
    is_smooth=False,
    needs="labels",
    meaning="the share of rows it labels rightly",
    saying="of ten rows it gets {of_ten} right",
    score_many=_score_many,
)
