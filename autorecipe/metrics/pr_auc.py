"""Area under the precision-recall curve of a binary task (average precision)."""

from __future__ import annotations

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.ranking import average_precision


def _score_many(y: Array, probabilities: Array, weights: Array) -> Array:
    return average_precision(y == 1, probabilities[:, 1], weights)


METRIC = Metric(
    name="pr_auc",
    title="PR AUC",
    tasks=("binary",),
    direction="max",
    is_smooth=True,
    needs="probabilities",
    meaning="how pure its list of '{positive}' rows stays while it finds more of them (average precision)",
    saying="going down its list, the rows it calls '{positive}' are right {percent} of the time on average",
    score_many=_score_many,
    is_defined=varies,
)
