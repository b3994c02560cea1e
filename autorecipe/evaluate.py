"""What do the untouched rows say? Scores with intervals, beside the ladder."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.schema import Schema
from autorecipe.metrics.choose import metric_named, metrics_of
from autorecipe.metrics.intervals import Difference, Rows, bootstrap_difference, bootstrap_interval
from autorecipe.metrics.metric import Metric
from autorecipe.metrics.summary import all_scores, confusion, labels_from
from autorecipe.metrics.thresholds import Threshold, choose_threshold
from autorecipe.run import Evaluation, Run, Rung, Score, Verdict

Predictions = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Rows with their truth and what the final model says of them.

    Attributes
    ----------
    y : ndarray of shape (n_rows,)
        Class codes or values.
    prediction : ndarray of shape (n_rows, n_classes) or (n_rows,)
    """

    y: NDArray[np.generic]
    prediction: Predictions
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rival:
    """A baseline and what it says of the rows that are scored.

    Attributes
    ----------
    places : ndarray of int64
        Which of the scored rows it has predictions for; the network is compared with it on these.
    prediction : ndarray
        Of those rows.
    threshold : float or None
        Chosen on its own out-of-fold rows (binary).
    """

    name: str
    validation: float
    places: NDArray[np.int64]
    prediction: Predictions
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """The baseline that is hardest to beat, on the rows that both have predicted."""

    rival: str
    difference: Difference
    own: float
    n_rows: int


def decision_threshold(run: Run, out_of_fold: Scored) -> Threshold | None:
    """Return the threshold of a binary task, chosen on out-of-fold rows; None for other tasks."""
    if run.schema.task != "binary":
        return None
    return choose_threshold(
        out_of_fold.y,
        out_of_fold.prediction[:, 1],
        metric_named(run.metric, "binary"),
        cost=run.config.cost,
        weight=out_of_fold.rows.weight,
    )


def evaluate(
    run: Run,
    *,
    out_of_fold: Scored,
    test: Scored | None,
    rivals: tuple[Rival, ...],
    at: Threshold | None,
) -> Evaluation:
    """Score the final model on the test rows, or out of fold where no rows were locked away.

    The verdict comes from a paired bootstrap of those rows against the baseline that is best on them.

    Parameters
    ----------
    at : Threshold or None
        What `decision_threshold` returned.
    """
    schema, seed = run.schema, run.config.seed
    chosen = metric_named(run.metric, schema.task)
    threshold, reason = at or (None, "")
    final = test if test is not None else out_of_fold
    scores = _scores(schema, final, threshold, seed)
    rungs, compared = _ladder(chosen, final, rivals, threshold=threshold, seed=seed)
    difference = compared.difference if compared else None
    labels = labels_from(final.prediction, threshold) if schema.task != "regression" else None
    return Evaluation(
        rows="out of fold" if test is None else "test",
        n_rows=len(final.y),
        metric=chosen.name,
        scores=scores,
        out_of_fold=scores if test is None else _values(schema, out_of_fold, threshold),
        ladder=rungs,
        verdict=_verdict(difference),
        n_out_of_fold=len(out_of_fold.y),
        rival=compared.rival if compared else "",
        own=Score(metric=chosen.name, value=compared.own) if compared else None,
        n_compared=compared.n_rows if compared else 0,
        difference=_as_score(chosen, difference),
        threshold=threshold,
        threshold_reason=reason,
        confusion=() if labels is None else confusion(final.y, labels, len(schema.classes)),
    )


def _scores(schema: Schema, scored: Scored, threshold: float | None, seed: int) -> tuple[Score, ...]:
    return all_scores(schema.task, scored.y, scored.prediction, threshold=threshold, rows=scored.rows, seed=seed)


def _values(schema: Schema, scored: Scored, threshold: float | None) -> tuple[Score, ...]:
    """Score rows without intervals: choices were made on them, so an interval would promise too much."""
    found = []
    for metric in metrics_of(schema.task):
        value = metric.compute(scored.y, _needed(metric, scored.prediction, threshold), scored.rows.weight)
        if not math.isnan(value):
            found.append(Score(metric=metric.name, value=value))
    return tuple(found)


def _ladder(
    metric: Metric,
    final: Scored,
    rivals: tuple[Rival, ...],
    *,
    threshold: float | None,
    seed: int,
) -> tuple[tuple[Rung, ...], _Compared | None]:
    rungs: list[Rung] = []
    hardest: _Compared | None = None
    for rival in rivals:
        if not len(rival.places):
            rungs.append(Rung(name=rival.name, validation=rival.validation, test=None))
            continue
        shared = _part(final, rival.places)
        theirs = _needed(metric, rival.prediction, rival.threshold)
        value = metric.compute(shared.y, theirs, shared.rows.weight)
        low, high = bootstrap_interval(metric, shared.y, theirs, rows=shared.rows, seed=seed)
        score = Score(metric=metric.name, value=value, low=low, high=high)
        rungs.append(Rung(name=rival.name, validation=rival.validation, test=score))
        ours = _needed(metric, shared.prediction, threshold)
        found = bootstrap_difference(metric, shared.y, theirs, ours, rows=shared.rows, seed=seed)
        if found.low is None:  # too few groups to draw from: rows are better than no error at all
            alone = Rows(weight=shared.rows.weight)
            found = bootstrap_difference(metric, shared.y, theirs, ours, rows=alone, seed=seed)
        if hardest is None or found.value < hardest.difference.value:
            own = metric.compute(shared.y, ours, shared.rows.weight)
            hardest = _Compared(rival=rival.name, difference=found, own=own, n_rows=len(shared.y))
    return tuple(rungs), hardest


def _part(scored: Scored, places: NDArray[np.int64]) -> Scored:
    weight, groups = (None if v is None else np.asarray(v)[places] for v in (scored.rows.weight, scored.rows.groups))
    return Scored(y=scored.y[places], prediction=scored.prediction[places], rows=Rows(weight=weight, groups=groups))


def _needed(metric: Metric, prediction: Predictions, threshold: float | None) -> NDArray[np.generic]:
    return labels_from(prediction, threshold) if metric.needs == "labels" else prediction


def _verdict(difference: Difference | None) -> Verdict:
    if difference is None:
        return "alone"
    if difference.low is None or difference.high is None or difference.low <= 0 <= difference.high:
        return "level"
    return "ahead" if difference.low > 0 else "behind"


def _as_score(metric: Metric, difference: Difference | None) -> Score | None:
    if difference is None:
        return None
    return Score(metric=metric.name, value=difference.value, low=difference.low, high=difference.high)
