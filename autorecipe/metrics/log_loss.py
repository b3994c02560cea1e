"""Log loss (cross-entropy, in nats) of a binary or multiclass task."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric
from autorecipe.metrics.sums import mean_over_rows

SMALLEST_PROBABILITY = 1e-7  # the epsilon of keras.losses, so that metric and training loss agree


def row_log_losses(y: Array, probabilities: Array) -> Array:
    """Return -ln of the probability given to the true class, per row, at most 16.1.

    Parameters
    ----------
    y : ndarray of shape (n_rows,), int
    probabilities : ndarray of shape (n_rows, n_classes)
    """
    given = np.clip(probabilities[np.arange(len(y)), y], SMALLEST_PROBABILITY, 1.0)
    losses: Array = -np.log(given)
    return losses


def _score_many(y: Array, probabilities: Array, weights: Array) -> Array:
    return mean_over_rows(row_log_losses(y, probabilities), weights)


METRIC = Metric(
    name="log_loss",
    title="log loss",
    tasks=("binary", "multiclass"),
    direction="min",
    is_smooth=True,
    needs="probabilities",
    meaning="how surprised it is by the true class: 0 is never, and being sure and wrong costs most",
    saying="it gives the true class a probability of {likelihood} (geometric mean)",
    score_many=_score_many,
)
