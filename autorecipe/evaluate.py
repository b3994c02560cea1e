"""What do the untouched rows say? Scores with intervals, beside the ladder."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.schema import Schema
from autorecipe.data.split import Split
from autorecipe.intervals import doubts, intervals_of, with_coverage
from autorecipe.metrics.calibration import calibration
from autorecipe.metrics.choose import metric_named, metrics_of
from autorecipe.metrics.class_curves import class_curves
from autorecipe.metrics.costs import cost_of_two, costs_in_order
from autorecipe.metrics.few_groups import no_interval_note, single_rows_note
from autorecipe.metrics.intervals import (
    Difference,
    Rows,
    bootstrap_interval,
    difference_with_error,
    n_groups_of,
)
from autorecipe.metrics.labelling import Labelling, labels_at
from autorecipe.metrics.metric import Metric, readable
from autorecipe.metrics.multipliers import choose_multipliers
from autorecipe.metrics.residual_bins import residual_bins
from autorecipe.metrics.summary import all_scores, confusion
from autorecipe.metrics.thresholds import choose_threshold
from autorecipe.metrics.undefined import undefined_notes
from autorecipe.record.evaluation import Calibration, ClassCurves, Evaluation, Intervals, Rung, Score, Verdict
from autorecipe.record.run import Run

Predictions = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Rows with their truth and what the final model says of them.

    Attributes
    ----------
    y : ndarray of shape (n_rows,)
        Class codes or values.
    prediction : ndarray of shape (n_rows, n_classes) or (n_rows,)
    folds : ndarray of shape (n_rows,), int, or None
        The fold of each row, by which choices made on these rows are judged; None where none is known.
    """

    y: NDArray[np.generic]
    prediction: Predictions
    rows: Rows
    folds: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rival:
    """A baseline and what it says of the rows that are scored.

    Attributes
    ----------
    places : ndarray of int64
        Which of the scored rows it has predictions for; the network is compared with it on these.
    prediction : ndarray
        Of those rows.
    labelling : Labelling or None
        Chosen on its own out-of-fold rows.
    """

    name: str
    validation: float
    places: NDArray[np.int64]
    prediction: Predictions
    labelling: Labelling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """The baseline that is hardest to beat, on the rows that both have predicted."""

    rival: str
    difference: Difference
    own: float
    n_rows: int


def folds_of(split: Split, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the fold that holds each row out, (n_rows,); -1 for rows of none."""
    numbers = np.full(len(split.test) + len(split.non_test), -1, dtype=np.int64)
    for i, fold in enumerate(split.bag):
        numbers[fold.validation] = i
    return numbers[rows]


def decision_threshold(run: Run, out_of_fold: Scored) -> Labelling | None:
    """Return how probabilities become labels, chosen on out-of-fold rows.

    Two classes get a threshold. Several get what their metric of labels asks for, or the costs the user gave; None
    where that is the most likely class, and for a regression.
    """
    if run.schema.task == "regression":
        return None
    metric, weight = metric_named(run.metric, run.schema.task), out_of_fold.rows.weight
    matrix = run.config.cost_matrix
    costs = () if matrix is None else costs_in_order(matrix, run.schema.classes)
    if run.schema.task == "binary":
        chosen = choose_threshold(
            out_of_fold.y,
            out_of_fold.prediction[:, 1],
            metric,
            cost=cost_of_two(costs) if costs else run.config.cost,
            weight=weight,
            folds=out_of_fold.folds,
        )
        return Labelling(value=chosen.value, reason=chosen.reason)
    if costs:
        return Labelling(costs=costs, reason=_saved_by_costs(out_of_fold, costs))
    found = choose_multipliers(out_of_fold.y, out_of_fold.prediction, metric, weight=weight, folds=out_of_fold.folds)
    return None if found is None else Labelling(multipliers=found.values, reason=found.reason)


def _saved_by_costs(scored: Scored, costs: tuple[tuple[float, ...], ...]) -> str:
    spent = [
        float(
            np.average(
                np.asarray(costs)[scored.y.astype("int64"), labels], weights=_row_weight(scored).astype("float64")
            )
        )
        for labels in (labels_at(scored.prediction, at) for at in (None, Labelling(costs=costs)))
    ]
    return (
        f"the label of least expected cost: {readable(spent[1])} a row on {len(scored.y):,} held-out rows, "
        f"{readable(spent[0])} by the most likely class"
    )


def evaluate(
    run: Run,
    *,
    out_of_fold: Scored,
    test: Scored | None,
    rivals: tuple[Rival, ...],
    at: Labelling | None,
) -> Evaluation:
    """Score the final model on the test rows, or out of fold where no rows were locked away.

    The verdict comes from a paired bootstrap of those rows against the baseline that is best on them.

    Parameters
    ----------
    at : Labelling or None
        What `decision_threshold` returned.
    """
    schema, seed = run.schema, run.config.seed
    chosen = metric_named(run.metric, schema.task)
    labelling = at or Labelling()
    final = test if test is not None else out_of_fold
    labels = None if schema.task == "regression" else labels_at(final.prediction, at)
    scores = all_scores(schema.task, final.y, final.prediction, labels=labels, rows=final.rows, seed=seed)
    rungs, compared = _ladder(chosen, final, rivals, at=at, seed=seed)
    difference = compared.difference if compared else None
    return Evaluation(
        rows="out of fold" if test is None else "test",
        n_rows=len(final.y),
        metric=chosen.name,
        scores=scores,
        out_of_fold=scores if test is None else _values(schema, out_of_fold, at),
        ladder=rungs,
        verdict=_verdict(difference),
        n_out_of_fold=len(out_of_fold.y),
        rival=compared.rival if compared else "",
        own=Score(metric=chosen.name, value=compared.own) if compared else None,
        n_compared=compared.n_rows if compared else 0,
        difference=_as_score(chosen, difference),
        threshold=labelling.value,
        threshold_reason=labelling.reason,
        multipliers=labelling.multipliers,
        costs=labelling.costs,
        calibration=None if labels is None else _reliability(final, scores),
        confusion=() if labels is None else confusion(final.y, labels, len(schema.classes)),
        notes=(
            *undefined_notes(schema, final.y),
            *no_interval_note(final.rows),
            *single_rows_note(difference.n_too_few if difference else 0),
        ),
        intervals=_intervals(run, out_of_fold, test) if labels is None else None,
        curves=() if labels is None else _curves(schema, final),
        residuals=residual_bins(final.y, final.prediction, weight=final.rows.weight) if labels is None else None,
    )


def _intervals(run: Run, out_of_fold: Scored, test: Scored | None) -> Intervals:
    known = intervals_of(out_of_fold.y, out_of_fold.prediction, _row_weight(out_of_fold))
    final = out_of_fold if test is None else test
    known = with_coverage(known, final.y, final.prediction, _row_weight(final))
    n_groups = n_groups_of(out_of_fold.rows)
    return dataclasses.replace(known, notes=doubts(run, known, has_test=test is not None, n_groups=n_groups))


def _row_weight(scored: Scored) -> NDArray[np.generic]:
    return np.ones(len(scored.y)) if scored.rows.weight is None else np.asarray(scored.rows.weight)


def _reliability(scored: Scored, scores: tuple[Score, ...]) -> Calibration | None:
    return calibration(scored.y, scored.prediction, weight=scored.rows.weight, scores=scores)


def _curves(schema: Schema, scored: Scored) -> tuple[ClassCurves, ...]:
    return class_curves(scored.y, scored.prediction, schema.classes, weight=scored.rows.weight)


def _values(schema: Schema, scored: Scored, at: Labelling | None) -> tuple[Score, ...]:
    """Score rows without intervals: choices were made on them, so an interval would promise too much."""
    found = []
    for metric in metrics_of(schema.task):
        value = metric.compute(scored.y, _needed(metric, scored.prediction, at), scored.rows.weight)
        if not math.isnan(value):
            found.append(Score(metric=metric.name, value=value))
    return tuple(found)


def _ladder(
    metric: Metric,
    final: Scored,
    rivals: tuple[Rival, ...],
    *,
    at: Labelling | None,
    seed: int,
) -> tuple[tuple[Rung, ...], _Compared | None]:
    rungs: list[Rung] = []
    hardest: _Compared | None = None
    for rival in rivals:
        if not len(rival.places):
            rungs.append(Rung(name=rival.name, validation=rival.validation, test=None))
            continue
        shared = _part(final, rival.places)
        theirs = _needed(metric, rival.prediction, rival.labelling)
        value = metric.compute(shared.y, theirs, shared.rows.weight)
        low, high = bootstrap_interval(metric, shared.y, theirs, rows=shared.rows, seed=seed)
        score = Score(metric=metric.name, value=value, low=low, high=high)
        rungs.append(Rung(name=rival.name, validation=rival.validation, test=score))
        ours = _needed(metric, shared.prediction, at)
        found = difference_with_error(metric, shared.y, theirs, ours, rows=shared.rows, seed=seed)
        if hardest is None or found.value < hardest.difference.value:
            own = metric.compute(shared.y, ours, shared.rows.weight)
            hardest = _Compared(rival=rival.name, difference=found, own=own, n_rows=len(shared.y))
    return tuple(rungs), hardest


def _part(scored: Scored, places: NDArray[np.int64]) -> Scored:
    weight, groups = (None if v is None else np.asarray(v)[places] for v in (scored.rows.weight, scored.rows.groups))
    return Scored(y=scored.y[places], prediction=scored.prediction[places], rows=Rows(weight=weight, groups=groups))


def _needed(metric: Metric, prediction: Predictions, at: Labelling | None) -> NDArray[np.generic]:
    return labels_at(prediction, at) if metric.needs == "labels" else prediction


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
