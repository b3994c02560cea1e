"""Matthews correlation coefficient of a binary task."""

from __future__ import annotations

import numpy as np

from autorecipe.metrics.metric import Array, Metric, varies
from autorecipe.metrics.sums import class_counts, divide


def matthews(*, tp: Array, fp: Array, fn: Array, tn: Array) -> Array:
    """Return the correlation of two binary labellings, 0 when one of them is constant.

    Parameters
    ----------
    tp, fp, fn, tn : ndarray of one shape
        Weighted rows.

    References
    ----------
    Matthews 1975; the value 0 for a constant labelling is the convention of scikit-learn.
    """
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return divide(tp * tn - fp * fn, np.sqrt(product), otherwise=0.0)


def _score_many(y: Array, labels: Array, weights: Array) -> Array:
    counts = class_counts(y, labels, weights)
    tn, tp = counts.hits[:, 0], counts.hits[:, 1]
    fp, fn = counts.predicted[:, 1] - tp, counts.true[:, 1] - tp
    is_defined = (counts.true[:, 0] > 0) & (counts.true[:, 1] > 0)
    return np.where(is_defined, matthews(tp=tp, fp=fp, fn=fn, tn=tn), np.nan)


METRIC = Metric(
    name="mcc",
    title="MCC",
    tasks=("binary",),
    direction="max",
    is_smooth=False,
    needs="labels",
    meaning="the correlation between its labels and the truth: 1 is perfect, 0 is chance, -1 always wrong",
    saying="its labels correlate with the truth at {value} (0 is chance, 1 is perfect)",
    score_many=_score_many,
    is_defined=varies,
)
