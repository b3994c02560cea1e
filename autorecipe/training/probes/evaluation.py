"""Is the metric computed as it should be?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autorecipe.metrics.choose import metric_named
from autorecipe.metrics.metric import Metric
from autorecipe.record.readings import EvaluationReading
from autorecipe.training.bench import Bench, BenchRows, Floats
from autorecipe.training.probes.start import prior_shares

N_EVALUATED_ROWS = 8192


def evaluation(bench: Bench) -> EvaluationReading:
    """Return a metric of the constant prediction beside its formula, and what sorting the rows changes.

    The metric is the deciding one where the constant prediction has a formula, else log loss or RMSE.
    """
    bench.fresh()
    rows = bench.validation.evenly(N_EVALUATED_ROWS)
    y, weight = _labels(bench, rows), np.asarray(rows.weight, "float64")
    metric, expected = _metric(bench, y, weight)
    order = np.argsort(y.reshape(len(y), -1)[:, 0], kind="stable")
    in_order = rows.take(order)
    plain = _score(bench, metric, bench.outputs(rows.x), y, weight)
    by_target = _score(bench, metric, bench.outputs(in_order.x), y[order], weight[order])
    constant = metric.compute(*_flat(metric, y, _constant(bench, rows, y, weight), weight))
    return EvaluationReading(
        metric=metric.name,
        constant_score=constant,
        expected_score=expected,
        sorted_difference=abs(plain - by_target),
    )


def _metric(bench: Bench, y: NDArray[Any], weight: Floats) -> tuple[Metric, float]:
    task = bench.setup.task
    known = _regression_scores(y, weight) if task == "regression" else _class_scores(y, weight, bench.setup.n_classes)
    usual = "rmse" if task == "regression" else "log_loss"
    name = bench.setup.metric if bench.setup.metric in known else usual
    return metric_named(name, task), known[name]


def _class_scores(y: NDArray[Any], weight: Floats, n_classes: int) -> dict[str, float]:
    """Return the scores of predicting the shares of these very rows."""
    share = np.bincount(y, weights=weight, minlength=n_classes) / weight.sum()
    entropy = float(-(share * np.log(np.where(share > 0, share, 1))).sum())
    scores = {"log_loss": entropy, "accuracy": float(share.max()), "roc_auc": 0.5, "ovr_auc": 0.5}
    return {**scores, "pr_auc": float(share[1])} if n_classes == 2 else scores


def _regression_scores(y: NDArray[Any], weight: Floats) -> dict[str, float]:
    """Return the scores of predicting the mean of these very rows."""
    flat = y.reshape(len(y), -1)
    off = flat - np.average(flat, axis=0, weights=weight)
    mean_square = float(np.average((off**2).mean(axis=1), weights=weight))
    return {"rmse": math.sqrt(mean_square), "mae": float(np.average(np.abs(off).mean(axis=1), weights=weight))}


def _constant(bench: Bench, rows: BenchRows, y: NDArray[Any], weight: Floats) -> Floats:
    if bench.setup.task == "regression":
        mean = np.average(y.reshape(len(y), -1), axis=0, weights=weight)
        return np.tile(mean, (len(y), 1))
    return np.tile(prior_shares(bench, rows), (len(y), 1))


def _score(bench: Bench, metric: Metric, outputs: Floats, y: NDArray[Any], weight: Floats) -> float:
    return metric.compute(*_flat(metric, y, bench.probabilities(outputs), weight))


def _flat(metric: Metric, y: NDArray[Any], prediction: Floats, weight: Floats) -> tuple[Any, Any, Any]:
    """Return truth, prediction and weight in the form that a metric needs; several outputs count alike."""
    if metric.needs == "probabilities":
        return y, prediction, weight
    if metric.needs == "labels":
        return y, prediction.argmax(axis=1), weight
    return y.reshape(-1), prediction.reshape(-1), np.repeat(weight, prediction.shape[1])


def _labels(bench: Bench, rows: BenchRows) -> NDArray[Any]:
    return np.asarray(rows.y, "float64") if bench.setup.task == "regression" else bench.classes(rows.y)
