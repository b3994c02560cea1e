"""Harmonic mean of precision and recall of the positive class."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.sums import class_counts, f1_per_class


def _score_many(y: Array, labels: Array, weights: Array) -> Array:
    counts = class_counts(y, labels, weights)
    return np.where(counts.true[:, 1] > 0, f1_per_class(counts)[:, 1], np.nan)


METRIC = Metric(
    name="f1",
    title="F1",
    tasks=("binary",),
    direction="max",
    is_smooth=False,
    needs="labels",
    meaning="one number for precision and recall of '{positive}': high only when both are",
    saying="precision and recall of '{positive}' meet at {percent} (harmonic mean)",
    score_many=_score_many,
    is_defined=varies,
)
