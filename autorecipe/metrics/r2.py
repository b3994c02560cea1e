"""Share of the target's variance that is explained."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.sums import divide

ROUNDING = 1e-12  # relative: a variance below this is the rounding of a constant target in float64


def _score_many(y: Array, values: Array, weights: Array) -> Array:
    centred = y - y.mean()
    squares = weights @ centred**2
    spread = squares - divide((weights @ centred) ** 2, weights.sum(axis=1))
    spread = np.where(spread > ROUNDING * squares, spread, 0.0)
    return 1.0 - divide(weights @ (y - values) ** 2, spread)


METRIC = Metric(
    name="r2",
    title="R²",
    tasks=("regression",),
    direction="max",
    is_smooth=True,
    needs="values",
    meaning="the share of the variance of '{target}' that it explains: 1 is perfect, 0 is the mean's",
    saying="it leaves {missing_percent} of the variance of '{target}' unexplained",
    score_many=_score_many,
    is_defined=varies,
)
