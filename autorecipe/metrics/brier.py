"""Brier score: the squared error of the positive class's probability."""

from __future__ import annotations

from autorecipe.metrics.metric import Array, Metric
from autorecipe.metrics.sums import mean_over_rows


def _score_many(y: Array, probabilities: Array, weights: Array) -> Array:
    return mean_over_rows((probabilities[:, 1] - (y == 1)) ** 2, weights)


METRIC = Metric(
    name="brier",
    title="Brier score",
    tasks=("binary",),
    direction="min",
    is_smooth=True,
    needs="probabilities",
    meaning="the squared distance between its probability of '{positive}' and what happened",
    saying="its probabilities of '{positive}' are {root} away from what happened (root mean square)",
    score_many=_score_many,
)
