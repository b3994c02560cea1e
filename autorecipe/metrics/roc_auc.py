"""Area under the ROC curve of a binary task."""

from __future__ import annotations

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.ranking import roc_area


def _score_many(y: Array, probabilities: Array, weights: Array) -> Array:
    return roc_area(y == 1, probabilities[:, 1], weights)


METRIC = Metric(
    name="roc_auc",
    title="ROC AUC",
    tasks=("binary",),
    direction="max",
    is_smooth=True,
    needs="probabilities",
    meaning="how often a '{positive}' is ranked above a '{negative}'",
    saying="in {percent} of pairs the '{positive}' is ranked above the '{negative}'",
    score_many=_score_many,
    is_defined=varies,
)
