"""Scores, a trainer and runs that the tests of the stages share."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable

from autorecipe.effects import Effects
from autorecipe.recipe import Recipe
from autorecipe.record.readings import RateReading
from autorecipe.record.run import Run
from autorecipe.record.stage import Diagnosis, StageResult
from autorecipe.record.trial import Fit, History
from autorecipe.stages.trials import try_recipe
from autorecipe.testing import FakeTrainer, fake_effects, make_run

NET = Recipe(epochs=3)
BASELINES = {"constant": 0.5, "linear": 0.7, "gradient_boosting": 0.9}
RATE = RateReading(chosen=1e-3, default=1e-3, largest_fall=0.4)

Curves = Callable[[Recipe], tuple[tuple[float, ...], tuple[float, ...]]]


class CurveTrainer(FakeTrainer):
    """A fake trainer whose fits have a history of their own, best where the validation loss is lowest.

    `curves` maps a recipe to its training and validation losses, epoch by epoch; by default both fall to the
    losses of the fit. With `epoch_s` a fit takes so many seconds per epoch on all rows, and trains every epoch.
    """

    def __init__(
        self,
        score: Callable[[Recipe, int], float],
        *,
        curves: Curves | None = None,
        epoch_s: float = 0.0,
        **options,
    ) -> None:
        super().__init__(score, **options)
        self.curves, self.epoch_s = curves, epoch_s

    def fit(self, recipe: Recipe, fold: int, *, n_more: int | None = None) -> Fit:
        if self.epoch_s:
            return self._long_fit(recipe, fold)
        fit = super().fit(recipe, fold)
        falling = ((2 * fit.train_loss, fit.train_loss), (2 * fit.validation_loss, fit.validation_loss))
        train, validation = self.curves(recipe) if self.curves else falling
        best = validation.index(min(validation))
        history = History(train_loss=train, validation_loss=validation)
        return dataclasses.replace(fit, history=history, best_epoch=best + 1, epochs=len(train))

    def _long_fit(self, recipe: Recipe, fold: int) -> Fit:
        self.seconds = self.epoch_s * recipe.epochs * recipe.row_share
        return super().fit(recipe, fold)


def even(recipe: Recipe, fold: int) -> float:
    """The same score for every recipe and fold."""
    return 0.8


def wobbling(value: float = 0.8, *, by: float = 0.01) -> Callable[[Recipe, int], float]:
    """A score that no recipe moves: every recipe's folds go up and down around the same value."""
    signs = (1, -1, 1, -1, 0)

    def score(recipe: Recipe, fold: int) -> float:
        return value + by * signs[fold % 5] * random.Random(recipe.key).choice((-1, 1))

    return score


def effects_with(score: Callable[[Recipe, int], float], *, n_folds: int = 5, **options) -> Effects:
    """Fake effects around a `CurveTrainer`; the options are the trainer's."""
    return fake_effects(trainer=CurveTrainer(score, **options), n_folds=n_folds)


def run_after(
    effects: Effects,
    recipe: Recipe = NET,
    *,
    stage: str = "baseline",
    diagnosis: Diagnosis | None = None,
    **options,
) -> Run:
    """A run whose last stage ended with a recipe, its trial trained; the options are those of `make_run`."""
    best = try_recipe(recipe, effects, name="net", whatever_the_clock=True)
    result = StageResult(stage=stage, question="?", start=recipe, end=recipe, best=best, diagnosis=diagnosis)
    return make_run(n_folds=effects.n_folds, stages=(result,), **options)


def kept_by_title(result: StageResult) -> dict[str, bool]:
    return {d.change.title: d.kept for d in result.decisions}
