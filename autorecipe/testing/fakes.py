"""Fake effects: training, searching, the clock and the disk, without Keras, waiting or files."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean

from autorecipe.backbones import ReadyBackbone
from autorecipe.config import StageName
from autorecipe.effects import BaselineName, Clock, Effects, Knob, ProbeName
from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.readings import NotMeasured, Reading
from autorecipe.recipe import Recipe, Value, value_of, with_edits
from autorecipe.run import Fit, History, Run, StagePlan, Trial
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
class FakeClock:
    """A clock that moves only when told to.

    Attributes
    ----------
    limit_s, used_s : float
        Seconds in all, and seconds used so far.
    stopped : bool
        What `interrupted` answers.
    """

    limit_s: float = math.inf
    used_s: float = 0.0
    stopped: bool = False

    def spend(self, seconds: float) -> None:
        """Let seconds go by."""
        self.used_s += seconds

    def now_s(self) -> float:
        """Return the seconds used."""
        return self.used_s

    def left_s(self) -> float:
        """Return the seconds left."""
        return self.limit_s - self.used_s

    def interrupted(self) -> bool:
        """Return `stopped`."""
        return self.stopped


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

    def fit(self, recipe: Recipe, fold: int) -> Fit:
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


@dataclass(slots=True)
class FakeSearcher:
    """Draws recipes from the space at random and trains them with the fake trainer.

    The draws follow from the seed, the space and the start, so that a search can be repeated.

    Attributes
    ----------
    searches : list of (space, start, max_trials)
        What was asked for, in order.
    """

    trainer: FakeTrainer
    n_folds: int = field(default=5, kw_only=True)
    seed: int = field(default=1, kw_only=True)
    searches: list[tuple[tuple[Knob, ...], Recipe, int]] = field(default_factory=list, init=False)

    def search(self, space: tuple[Knob, ...], start: Recipe, *, max_trials: int, clock: Clock) -> tuple[Trial, ...]:
        """Train the start, then random recipes of the space, until the clock is at its end."""
        self.searches.append((space, start, max_trials))
        chance = random.Random(f"{self.seed} {start.key} {space}")
        trials: list[Trial] = []
        recipe = start
        while len(trials) < max_trials and clock.left_s() > 0 and not clock.interrupted():
            fits = tuple(self.trainer.fit(recipe, fold) for fold in range(self.n_folds))
            trials.append(Trial(name=f"tuner {len(trials)}", recipe=recipe, fits=fits))
            values = {knob.field: _draw(knob, start, chance) for knob in space}
            recipe = with_edits(start, tuple(values.items()))
        return tuple(trials)


@dataclass(slots=True)
class MemoryStore:
    """Keeps what is saved in lists.

    Attributes
    ----------
    runs : list of Run
    events : list of (kind, text)
    plans : dict of stage to StagePlan
        Of stages that have begun and not ended.
    """

    runs: list[Run] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    plans: dict[StageName, StagePlan] = field(default_factory=dict)

    def save(self, run: Run) -> None:
        """Append the run, and forget the plans of the stages that it has ended."""
        self.runs.append(run)
        self.plans = {stage: plan for stage, plan in self.plans.items() if run.stage(stage) is None}

    def event(self, kind: str, text: str) -> None:
        """Append the event."""
        self.events.append((kind, text))

    def plan(self, stage: StageName) -> StagePlan | None:
        """Return a plan that was kept."""
        return self.plans.get(stage)

    def save_plan(self, stage: StageName, plan: StagePlan) -> None:
        """Keep a plan."""
        self.plans[stage] = plan


def fake_effects(
    score: Score | None = None,
    *,
    trainer: FakeTrainer | None = None,
    n_folds: int = 5,
    limit_s: float = math.inf,
    max_tuner_trials: int = 8,
) -> Effects:
    """Return effects around a fake trainer, on one fake clock.

    Parameters
    ----------
    score : callable or None
        (recipe, fold) -> deciding metric; 0.7 everywhere by default. Not read when a trainer is given.
    limit_s : float
        The clock's limit in seconds; one fit costs `trainer.seconds` (1 by default).
    """
    trainer = trainer or FakeTrainer(score or (lambda recipe, fold: 0.7))
    trainer.clock.limit_s = min(limit_s, trainer.clock.limit_s)
    return Effects(
        trainer=trainer,
        searcher=FakeSearcher(trainer, n_folds=n_folds),
        clock=trainer.clock,
        store=MemoryStore(),
        n_folds=n_folds,
        max_tuner_trials=max_tuner_trials,
    )


def _mean_fit(fits: tuple[Fit, ...]) -> Fit:
    return dataclasses.replace(
        fits[0],
        key="+".join(fit.key for fit in fits),
        seconds=0.0,
        validation_loss=fmean(fit.validation_loss for fit in fits),
        validation_score=fmean(fit.validation_score for fit in fits),
    )


def _draw(knob: Knob, start: Recipe, chance: random.Random) -> Value:
    if knob.choices:
        return chance.choice(knob.choices)
    if knob.sampling == "log":
        value = math.exp(chance.uniform(math.log(knob.low), math.log(knob.high)))
    else:
        value = chance.uniform(knob.low, knob.high)
    return round(value) if isinstance(value_of(start, knob.field), int) else value
