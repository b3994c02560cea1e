"""What predictions of a fold's rows are worth, by a dataset's target and the deciding metric."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from autorecipe.metrics.intervals import Rows as MetricRows
from autorecipe.metrics.intervals import difference_with_error
from autorecipe.metrics.metric import Metric
from autorecipe.recipe import Recipe
from autorecipe.record.trial import Fit, Trial
from autorecipe.training.dataset import Dataset
from autorecipe.training.fit_keys import hashed
from autorecipe.training.memory import FitMemory
from autorecipe.training.scores import Predicted, prior_prediction, with_chance, with_scores
from autorecipe.training.target import TargetScale, fit_scale

Said = tuple[NDArray[np.int64], NDArray[np.float64]]  # rows, and what was predicted for them


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoldScores:
    """Scores the fits of one dataset.

    Attributes
    ----------
    data : Dataset
    memory : FitMemory
        With the predictions of earlier fits.
    metric : Metric
        The deciding metric.
    """

    data: Dataset
    memory: FitMemory
    metric: Metric

    def target_scale(self, fold: int, recipe: Recipe | None = None) -> TargetScale:
        """Return the target's scale on a fold's training rows; see `NetworkTrainer.target_scale`."""
        rows, transform = self.data.fold(fold).train, recipe.target_transform if recipe else "none"
        return fit_scale(self.data.y[rows], self.data.weight[rows], self.data.task, transform=transform)

    def scored(self, fit: Fit, train: Said, validation: Said) -> Fit:
        """Return a fit with what its predictions of training and validation rows are worth, and what chance gives."""
        y, weight, scale = self.data.y, self.data.weight, self.target_scale(fit.fold)
        parts = [Predicted(y=y[rows], weight=weight[rows], said=said) for rows, said in (train, validation)]
        found = with_scores(fit, parts[0], parts[1], metric=self.metric, scale=scale)
        learned, data = self.data.fold(fit.fold).train, self.data
        n_classes = 0 if data.task == "regression" else data.n_classes
        prior = prior_prediction(y[learned], weight[learned], n_rows=len(parts[1].y), n_classes=n_classes)
        return with_chance(found, parts[1], prior=prior, scale=scale)

    def with_validation(self, fit: Fit, said: NDArray[np.float64]) -> Fit:
        """Return a fit with other predictions of its validation rows; what is known of training rows stays."""
        rows = self.data.fold(fit.fold).validation
        found = self.scored(fit, (rows, said), (rows, said))
        return dataclasses.replace(found, train_loss=fit.train_loss, train_score=fit.train_score)

    def blended(self, fits: tuple[Fit, ...]) -> Fit:
        """Average the validation predictions of fits of one fold, and score and remember the average."""
        mean = np.mean([self._of_validation(fit).astype("float64") for fit in fits], axis=0)
        key = hashed("blend", *(fit.key for fit in fits))
        fit = dataclasses.replace(self.with_validation(fits[0], mean), key=key, seconds=0.0)
        self.memory.save_fit(key, fit, predictions={"validation": mean}, weights=None)
        return fit

    def row_error(self, before: Trial, after: Trial, *, seed: int) -> float:
        """Return the standard error of the difference of two trials' scores on the first fold's validation rows."""
        rows = self.data.fold(before.fits[0].fold).validation
        a, b = (self._of_validation(trial.fits[0]) for trial in (before, after))
        groups = None if self.data.split.groups is None else self.data.split.groups[rows]
        units = MetricRows(weight=self.data.weight[rows], groups=groups)
        return difference_with_error(self.metric, self.data.y[rows], a, b, rows=units, seed=seed).error or 0.0

    def _of_validation(self, fit: Fit) -> NDArray[np.generic]:
        return self.memory.load_predictions(fit.key)["validation"]
