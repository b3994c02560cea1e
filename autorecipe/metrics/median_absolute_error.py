"""Median absolute error."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric


def _score_many(y: Array, values: Array, weights: Array) -> Array:
    misses = np.abs(y - values)
    order = np.argsort(misses, kind="stable")
    misses = misses[order]
    reached = np.cumsum(weights[:, order], axis=1)
    half = 0.5 * reached[:, -1:]
    # the mean of both middle misses when the weights divide evenly, as a median of equal rows is
    low = np.argmax(reached >= half, axis=1)
    high = np.argmax(reached > half, axis=1)
    return np.where(half[:, 0] > 0, 0.5 * (misses[low] + misses[high]), np.nan)


METRIC = Metric(
    name="median_absolute_error",
    title="median absolute error",
    tasks=("regression",),
    direction="min",
    is_smooth=True,
    needs="values",
    meaning="what half of its misses stay below, in units of '{target}'",
    saying="half of its predictions are off by less than {value}",
    score_many=_score_many,
)
