"""All metrics of a task with their intervals, labels from probabilities, and the confusion matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autorecipe.config import Task
from autorecipe.metrics.choose import metrics_of
from autorecipe.metrics.intervals import Rows, interval_around, resampled_scores
from autorecipe.metrics.metric import Array, Metric
from autorecipe.record.evaluation import Score

EVEN_THRESHOLD = 0.5  # probability; the more likely class, when no threshold was chosen


def labels_from(prediction: ArrayLike, threshold: float | None = None, worth: ArrayLike | None = None) -> Array:
    """Return class codes from probabilities.

    Parameters
    ----------
    prediction : array-like of shape (n_rows, n_classes)
        Two columns are a binary task: class 1 from the threshold on. More columns: the most likely class.
    threshold : float, optional
        Probability from which the positive class is predicted; 0.5 when not given.
    worth : array-like of shape (n_classes,) or (n_classes, n_classes), optional
        What more columns are multiplied by before the largest is taken; a matrix has true classes in rows.

    Returns
    -------
    ndarray of shape (n_rows,), int64
    """
    probabilities = np.asarray(prediction, dtype=np.float64)
    if probabilities.shape[1] != 2:
        if worth is not None:
            factors = np.asarray(worth, dtype=np.float64)
            probabilities = probabilities * factors if factors.ndim == 1 else probabilities @ factors
        return np.asarray(probabilities.argmax(axis=1), dtype=np.int64)
    bound = EVEN_THRESHOLD if threshold is None else threshold
    return (probabilities[:, 1] >= bound).astype(np.int64)


def confusion(y: ArrayLike, labels: ArrayLike, n_classes: int) -> tuple[tuple[int, ...], ...]:
    """Count rows by true class (rows) and predicted class (columns), in the order of the codes.

    Parameters
    ----------
    y, labels : array-like of shape (n_rows,), int
        True and predicted class codes.
    n_classes : int
    """
    pairs = np.asarray(y, dtype=np.int64) * n_classes + np.asarray(labels, dtype=np.int64)
    counts = np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)
    return tuple(tuple(int(cell) for cell in row) for row in counts)


def all_scores(
    task: Task,
    y: ArrayLike,
    prediction: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    rows: Rows | None = None,
    seed: int = 0,
) -> tuple[Score, ...]:
    """Return every metric of the task that is defined for these rows, each with its 95 % interval.

    Parameters
    ----------
    task : str
    y : array-like of shape (n_rows,)
        Class codes, or values for a regression.
    prediction : array-like of shape (n_rows, n_classes), or (n_rows,) for a regression
    labels : array-like of shape (n_rows,), optional
        Class codes that the model calls the rows; the most likely classes when not given.
    rows : Rows, optional
        Weights and groups.
    seed : int
    """
    rows = rows or Rows()
    values = np.asarray(prediction, dtype=np.float64)
    called = values if task == "regression" else labels_from(values) if labels is None else labels
    true = np.asarray(y)
    scored: list[tuple[Metric, ArrayLike]] = [
        (metric, called if metric.needs == "labels" else values)
        for metric in metrics_of(task)
        if metric.is_defined(true)
    ]
    resampled = resampled_scores(scored, true, rows=rows, seed=seed)
    return tuple(
        _score(metric, metric.compute(true, guess, rows.weight), drawn, metric.inflation_of(true, guess, rows.weight))
        for (metric, guess), drawn in zip(scored, resampled, strict=True)
    )


def _score(metric: Metric, value: float, drawn: Array, inflation: float) -> Score:
    low, high = interval_around(value, drawn, inflation=inflation)
    if low == high:  # all right or all wrong: resamples of these rows cannot show how sure that is
        low, high = None, None
    return Score(metric=metric.name, value=value, low=low, high=high)
