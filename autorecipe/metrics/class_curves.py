"""How well is each class told from the others, at every threshold? Points of the ROC and precision-recall curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from autorecipe.metrics.metric import Array
from autorecipe.metrics.ranking import average_precision, counts_from_the_top, roc_area
from autorecipe.record.evaluation import ClassCurves

MOST_CLASSES = 10  # the most frequent ones have curves; choice: more cannot be told apart in one drawing
MOST_POINTS = 100  # of a curve that stands alone; choice: two points for each hundredth of an axis and its ends
MOST_POINTS_OF_MANY = 40  # of each curve where there are several classes; choice
DECIMALS = 4  # a ten-thousandth of an axis cannot be seen


def class_curves(
    y: ArrayLike, probabilities: ArrayLike, classes: Sequence[str], *, weight: ArrayLike | None = None
) -> tuple[ClassCurves, ...]:
    """Return the curves of the positive class of two, or of each of the ten most frequent of several.

    A class that no row is of, or that all are, has none.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Class codes.
    probabilities : array-like of shape (n_rows, n_classes)
    classes : sequence of str
        Their labels, in the order of the codes.
    weight : array-like of shape (n_rows,), optional
        Row weights >= 0.

    References
    ----------
    Fawcett (2006), "An introduction to ROC analysis", Pattern Recognition Letters 27; one class against the rest where
    there are several. Davis and Goadrich (2006), "The relationship between precision-recall and ROC curves", ICML.

    >>> one, = class_curves([0, 1, 1], [[0.8, 0.2], [0.7, 0.3], [0.1, 0.9]], ("no", "yes"))
    >>> one.label, one.roc
    ('yes', ((0.0, 0.0), (0.0, 0.5), (0.0, 1.0), (1.0, 1.0)))
    """
    true, shares = np.asarray(y).astype(np.int64), np.asarray(probabilities, dtype=np.float64)
    weights = np.ones(len(true)) if weight is None else np.asarray(weight, dtype=np.float64)
    totals = np.bincount(true, weights=weights, minlength=len(classes))[: len(classes)]
    shown = np.argsort(-totals, kind="stable")[:MOST_CLASSES] if len(classes) > 2 else np.array([1])
    n_points = MOST_POINTS if len(shown) == 1 else MOST_POINTS_OF_MANY
    return tuple(
        _curves(classes[code], true == code, shares[:, code], weights, n_points=n_points)
        for code in shown
        if 0 < totals[code] < totals.sum()
    )


def _curves(label: str, positive: Array, score: Array, weight: Array, *, n_points: int) -> ClassCurves:
    found, wrong = counts_from_the_top(positive, score, weight)
    weighs = np.diff(found + wrong, prepend=0.0) > 0  # a threshold at rows without weight says nothing
    found, wrong = found[weighs], wrong[weighs]
    recall, fall_out = found / found[-1], wrong / wrong[-1]
    precision, whole = found / (found + wrong), int(np.argmax(found >= found[-1])) + 1  # below it only precision falls
    x, y = np.r_[0.0, fall_out], np.r_[0.0, recall]
    weights = weight[None, :]
    return ClassCurves(
        label=label,
        roc=_points(x, y, progress=x + y, n_points=n_points),
        precision_recall=_points(recall[:whole], precision[:whole], progress=recall[:whole], n_points=n_points),
        share=float(found[-1] / (found[-1] + wrong[-1])),
        area=float(roc_area(positive, score, weights)[0]),  # of all points, as the metrics of these names
        mean_precision=float(average_precision(positive, score, weights)[0]),
    )


def _points(x: Array, y: Array, *, progress: Array, n_points: int) -> tuple[tuple[float, float], ...]:
    """Return at most so many points, evenly along a rising `progress`, the first and the last among them."""
    wanted = np.linspace(progress[0], progress[-1], n_points)
    kept = (
        np.unique(np.r_[0, np.searchsorted(progress, wanted[1:-1]), len(x) - 1]) if len(x) > n_points else slice(None)
    )
    return tuple(zip(np.round(x[kept], DECIMALS).tolist(), np.round(y[kept], DECIMALS).tolist(), strict=True))
