"""Area under the ROC curve of each class against the rest, averaged."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.ranking import roc_area
from autorecipe.metrics.sums import divide


def _score_many(y: Array, probabilities: Array, weights: Array) -> Array:
    total, n_scored = np.zeros(len(weights)), np.zeros(len(weights))
    for code in np.unique(y):
        area = roc_area(y == code, probabilities[:, code], weights)
        is_scored = ~np.isnan(area)
        total[is_scored] += area[is_scored]
        n_scored += is_scored
    return divide(total, n_scored)


METRIC = Metric(
    name="ovr_auc",
    title="one-vs-rest AUC",
    tasks=("multiclass",),
    direction="max",
    is_smooth=True,
    needs="probabilities",
    meaning="how often a row of a class is ranked above a row of another, averaged over the classes",
    saying="in {percent} of pairs the row of the class is ranked above the other, averaged over the classes",
    score_many=_score_many,
    is_defined=varies,
)
