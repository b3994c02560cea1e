"""Mean absolute percentage error, as a share; defined where no true value is zero."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric
from autorecipe.metrics.sums import mean_over_rows


def _score_many(y: Array, values: Array, weights: Array) -> Array:
    return mean_over_rows(np.abs((y - values) / y), weights)


def _has_no_zero(y: Array) -> bool:
    return len(y) > 0 and not bool((y == 0).any())


METRIC = Metric(
    name="mape",
    title="MAPE",
    tasks=("regression",),
    direction="min",
    is_smooth=True,
    needs="values",
    meaning="how far it is off on average, as a share of the true '{target}'",
    saying="off by {percent} of the true value on average",
    score_many=_score_many,
    is_defined=_has_no_zero,
)
