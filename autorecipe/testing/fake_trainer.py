"""A trainer that trains nothing: scores and losses are functions of the recipe."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean

from autorecipe.backbones import ReadyBackbone
from autorecipe.effects import BaselineName, ProbeName
from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.recipe import Recipe
from autorecipe.record.readings import NotMeasured, Reading
from autorecipe.record.trial import Fit, History, Trial
from autorecipe.testing.fake_world import FakeClock
from autorecipe.testing.sound_readings import SOUND_AUGMENTATION, SOUND_READINGS

Score = Callable[[Recipe, int], float]
Losses = Callable[[Recipe, int], tuple[float, float]]
Weights = Callable[[tuple[Trial, ...]], tuple[float, ...]]


def never_fails(recipe: Recipe, fold: int) -> str:
    """Return no cause of failure, whatever the recipe."""
    return ""


def only_best(trials: tuple[Trial, ...]) -> tuple[float, ...]:
    """Return all weight for the first of the trials with the largest validation score."""
    best = max(trials, key=lambda trial: trial.validation_score)
    return tuple(float(trial is best) for trial in trials)


def losses_from(score: Score) -> Losses:
    """Return losses that fall as the score rises: validation 1 - score, training half of that."""
    return lambda recipe, fold: ((1 - score(recipe, fold)) / 2, 1 - score(recipe, fold))


@dataclass(slots=True)
class FakeTrainer:
    """Trains nothing: scores and losses come from functions of (recipe, fold).

    Like the real one it remembers: a fit asked for again is returned at no cost.

    Parameters
    ----------
    score : callable
        (recipe, fold) -> the deciding metric on validation rows; on training rows it is 0.05 more.
    losses : callable or None
        (recipe, fold) -> (training loss, validation loss); by default they fall as the score rises.
    fails : callable
        (recipe, fold) -> the cause of failure, or "".
    seconds : float
        What one fit costs on `clock`.
    n_parameters : callable
        recipe -> parameters; by default width x depth.
    baselines : dict
        Validation score by baseline name; one that is not there fails.
    probes : dict
        Reading by probe name; one that is not there is that of a healthy network.
    error_of_rows : float
        What `row_error` answers.
    probe_s : float
        What one probe costs on `clock`.
    chance_loss : float
        Validation loss of predicting the prior; by default that of a score of 0.
    weights : callable
        trials -> the weights that `weigh` gives them; by default all to the best.
    rows_per_s : callable
        recipe -> what `serving_rate` answers for its trials.
    backbone : ReadyBackbone
        What `ready_backbone` answers: by default that its weights cannot be had.

    Attributes
    ----------
    calls : list of (Recipe, int)
        Every fit asked for, in order.
    trained : dict
        The fits that were trained, by key.
    weighed : list of tuple of Trial
        What `weigh` was asked of, in order.
    asked_in_order : list of bool
        Whether time went forward in it.
    """

    score: Score
    losses: Losses | None = field(default=None, kw_only=True)
    fails: Score | Callable[[Recipe, int], str] = field(default=never_fails, kw_only=True)
    seconds: float = field(default=1.0, kw_only=True)
    clock: FakeClock = field(default_factory=FakeClock, kw_only=True)
    n_parameters: Callable[[Recipe], int] = field(default=lambda r: r.width * r.depth, kw_only=True)
    baselines: dict[BaselineName, float] = field(default_factory=dict, kw_only=True)
    probes: dict[ProbeName, Reading | NotMeasured] = field(default_factory=dict, kw_only=True)
    error_of_rows: float = field(default=0.01, kw_only=True)
    probe_s: float = field(default=0.1, kw_only=True)
    chance_loss: float = field(default=1.0, kw_only=True)
    weights: Weights = field(default=only_best, kw_only=True)
    rows_per_s: Callable[[Recipe], float] = field(default=lambda r: 1e6, kw_only=True)
    backbone: ReadyBackbone = field(default=ReadyBackbone(missing="its weights cannot be downloaded"), kw_only=True)
    calls: list[tuple[Recipe, int]] = field(default_factory=list, init=False)
    trained: dict[str, Fit] = field(default_factory=dict, init=False)
    weighed: list[tuple[Trial, ...]] = field(default_factory=list, init=False)
    asked_in_order: list[bool] = field(default_factory=list, init=False)

    def fit(self, recipe: Recipe, fold: int, *, n_more: int | None = None) -> Fit:
        """Return the fit of a recipe on a fold, charging the clock the first time."""
        self.calls.append((recipe, fold))
        key = f"{recipe.key}-{fold}"
        if key not in self.trained:
            self.clock.spend(self.seconds)
            self.trained[key] = self._train(recipe, fold, key)
        return self.trained[key]

    def knows(self, recipe: Recipe, fold: int) -> bool:
        """Tell whether the recipe was trained on the fold before."""
        return f"{recipe.key}-{fold}" in self.trained

    def baseline(self, name: BaselineName, fold: int) -> Fit:
        """Return a baseline's fit from `baselines`."""
        self.clock.spend(self.seconds)
        key = f"{name}-{fold}"
        if name not in self.baselines:
            return Fit(key=key, fold=fold, status="failed", cause=f"no such baseline here: {name}")
        score = self.baselines[name]
        return Fit(
            key=key,
            fold=fold,
            seconds=self.seconds,
            train_loss=1 - score,
            validation_loss=1 - score,
            gain_over_chance=self.chance_loss - (1 - score),
            gain_error=self.error_of_rows,
            train_score=score,
            validation_score=score,
        )

    def probe(self, kind: ProbeName, recipe: Recipe) -> Reading | NotMeasured:
        """Return a reading from `probes`."""
        self.clock.spend(self.probe_s)
        of_trained: Reading = SOUND_AUGMENTATION
        reading: Reading = getattr(SOUND_READINGS, kind, of_trained)
        return self.probes.get(kind, reading)

    def ready_backbone(self, backbone: str, *, may_download: bool) -> ReadyBackbone:
        """Return what was set."""
        return self.backbone

    def row_error(self, before: Trial, after: Trial) -> float:
        """Return `error_of_rows`."""
        return self.error_of_rows

    def blend(self, trials: tuple[Trial, ...], name: str) -> Trial:
        """Return a trial whose validation scores and losses are the means of the trials', fold by fold."""
        fits = tuple(_mean_fit(parts) for parts in zip(*(t.fits for t in trials), strict=True))
        return Trial(name=name, recipe=trials[0].recipe, fits=fits)

    def weigh(self, trials: tuple[Trial, ...], *, in_order: bool = False) -> Ensemble:
        """Return an ensemble of the trials to which `weights` gives some, an error of rows better than its best."""
        self.weighed.append(trials)
        self.asked_in_order.append(in_order)
        parts = tuple(
            EnsemblePart(
                name=trial.name,
                recipe=trial.recipe,
                keys=tuple(fit.key for fit in trial.fits),
                weight=weight,
                score=trial.validation_score,
            )
            for trial, weight in zip(trials, self.weights(trials), strict=True)
            if weight > 0 and trial.recipe is not None
        )
        best, gain = max(part.score for part in parts), self.error_of_rows if len(parts) > 1 else 0.0
        return Ensemble(
            parts=tuple(sorted(parts, key=lambda part: -part.weight)),
            score=best + gain,
            best_alone=best,
            gain=gain,
            gain_error=gain,
            n_rows=100,
        )

    def serving_rate(self, trial: Trial) -> float:
        """Return `rows_per_s` of the trial's recipe."""
        return self.rows_per_s(trial.recipe) if trial.recipe is not None else 0.0

    def _train(self, recipe: Recipe, fold: int, key: str) -> Fit:
        cause = str(self.fails(recipe, fold))
        if cause:
            return Fit(key=key, fold=fold, status="failed", cause=cause, seconds=self.seconds)
        score = self.score(recipe, fold)
        train_loss, validation_loss = (self.losses or losses_from(self.score))(recipe, fold)
        return Fit(
            key=key,
            fold=fold,
            seconds=self.seconds,
            train_loss=train_loss,
            validation_loss=validation_loss,
            train_score=score + 0.05,
            validation_score=score,
            best_epoch=2,
            epochs=recipe.epochs,
            steps=recipe.epochs,
            n_parameters=self.n_parameters(recipe),
            validation_loss_error=self.error_of_rows,
            chance_loss=self.chance_loss,
            gain_over_chance=self.chance_loss - validation_loss,
            gain_error=self.error_of_rows,
            largest_class_share=0.5,
            largest_true_share=0.5,
            history=History(
                train_loss=(2 * train_loss, train_loss),
                validation_loss=(2 * validation_loss, validation_loss),
                learning_rate=(recipe.learning_rate, recipe.learning_rate),
            ),
        )


def _mean_fit(fits: tuple[Fit, ...]) -> Fit:
    return dataclasses.replace(
        fits[0],
        key="+".join(fit.key for fit in fits),
        seconds=0.0,
        validation_loss=fmean(fit.validation_loss for fit in fits),
        validation_score=fmean(fit.validation_score for fit in fits),
    )
