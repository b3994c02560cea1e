"""Root mean squared error."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric
from autorecipe.metrics.sums import mean_over_rows


def _score_many(y: Array, values: Array, weights: Array) -> Array:
    return np.sqrt(mean_over_rows((y - values) ** 2, weights))


METRIC = Metric(
    name="rmse",
    title="RMSE",
    tasks=("regression",),
    direction="min",
    is_smooth=True,
    needs="values",
    meaning="how far it is off, in units of '{target}', large misses counting more",
    saying="off by {value} (root mean square: large misses count more)",
    score_many=_score_many,
)
