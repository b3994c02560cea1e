"""What the final model and the baselines say of rows that they have not learned from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.evaluate import Rival, Scored, decision_threshold, folds_of
from autorecipe.intake import Intake
from autorecipe.metrics.choose import metric_named
from autorecipe.metrics.intervals import Rows
from autorecipe.metrics.labelling import Labelling, labels_at
from autorecipe.record.run import Run
from autorecipe.record.trial import Trial
from autorecipe.training.trainer import NetworkTrainer


def scored_rows(intake: Intake, rows: NDArray[np.int64], prediction: NDArray[np.float64]) -> Scored:
    """Return rows of the data with their truth, weights and groups, and what was predicted for them."""
    groups = None if intake.split.groups is None else intake.split.groups[rows]
    weighted = Rows(weight=intake.weight[rows], groups=groups)
    return Scored(y=intake.y[rows], prediction=prediction, rows=weighted, folds=folds_of(intake.split, rows))


def rivals_of(run: Run, intake: Intake, trainer: NetworkTrainer, held_out: NDArray[np.int64]) -> tuple[Rival, ...]:
    """Return the baselines with what they say of the test rows, or of the rows that they and the networks held out."""
    baseline = run.stage("baseline")
    trials = [t for t in (baseline.ladder if baseline else ()) if t.recipe is None]
    return tuple(_rival(t, run, intake, trainer, held_out) for t in trials)


def _rival(trial: Trial, run: Run, intake: Intake, trainer: NetworkTrainer, held_out: NDArray[np.int64]) -> Rival:
    rows, predicted = trainer.out_of_fold(trial.fits)
    at = decision_threshold(run, scored_rows(intake, rows, predicted))
    n_test = len(intake.split.test)
    if n_test:
        places = np.arange(n_test)
        prediction = trainer.memory.load_predictions(trial.fits[0].key)["test"].astype("float64")
    else:
        both = np.intersect1d(rows, held_out)
        places, prediction = np.searchsorted(held_out, both), predicted[np.searchsorted(rows, both)]
    return Rival(
        name=trial.name,
        validation=_validation(run, intake, rows, predicted, at),
        places=places,
        prediction=prediction,
        labelling=at,
    )


def _validation(
    run: Run,
    intake: Intake,
    rows: NDArray[np.int64],
    predicted: NDArray[np.float64],
    at: Labelling | None,
) -> float:
    metric = metric_named(run.metric, run.schema.task)
    needed = labels_at(predicted, at) if metric.needs == "labels" else predicted
    return metric.compute(intake.y[rows], needed, intake.weight[rows])
