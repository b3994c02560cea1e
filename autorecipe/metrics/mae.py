"""Mean absolute error."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric
from autorecipe.metrics.sums import mean_over_rows


def _score_many(y: Array, values: Array, weights: Array) -> Array:
    return mean_over_rows(np.abs(y - values), weights)


METRIC = Metric(
    name="mae",
    title="MAE",
    tasks=("regression",),
    direction="min",
    is_smooth=True,
    needs="values",
    meaning="how far it is off on average, in units of '{target}'",
    saying="off by {value} on average",
    score_many=_score_many,
)
