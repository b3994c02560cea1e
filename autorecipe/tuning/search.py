"""Searching a space of recipes with Keras Tuner, under a deadline."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Literal

import msgspec

from autorecipe.change import value_of, with_edits
from autorecipe.effects import Clock, Knob, Trainer
from autorecipe.recipe import Recipe, Value
from autorecipe.record.trial import Fit, Trial
from autorecipe.tuning.space import check_space

MAX_SEED = 2**32 - 1  # NumPy's RandomState takes 32 bits
CUT_OFF = "out of time"
SIGNIFICANT_DIGITS = 3  # of a number suggested: a recipe is read by people

SearchMethod = Literal["bayesian", "random", "grid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KerasTunerSearcher:
    """A search by Keras Tuner over recipes (`autorecipe.effects.Searcher`).

    The oracle is built anew at every search: since the trainer remembers its fits and the suggestions follow
    from the seed, a search that was cut off is replayed in a moment and goes on where it stopped.

    Parameters
    ----------
    directory : Path
        Where Keras Tuner keeps its records; one folder per space and start.
    direction : "max" or "min"
        Whether a high or a low score is good.
    n_folds : int
        Folds that each recipe is trained on; 1 for one split.
    method : "bayesian", "random" or "grid"
        A grid holds every combination of the choices, and of each range its ends and the start's own value; the
        space's first knob moves fastest, so that trials that run out have spent themselves on what weighs most.

    References
    ----------
    Bergstra and Bengio (2012), "Random search for hyper-parameter optimization", JMLR 13: why a grid is no default.
    """

    trainer: Trainer
    directory: Path
    direction: Literal["max", "min"]
    n_folds: int
    seed: int
    method: SearchMethod = "bayesian"

    def search(self, space: tuple[Knob, ...], start: Recipe, *, max_trials: int, clock: Clock) -> tuple[Trial, ...]:
        """Return the trials tried, the start first, failed ones among them.

        A trial is not started when its predicted seconds exceed what the clock has left, and one that the
        clock cut off between folds is left out.

        Raises
        ------
        ValueError
            When the space leaves out the start's value of a knob, or names a field that no recipe has.
        """
        check_space(space, start)
        session = _Session(trainer=self.trainer, n_folds=self.n_folds, space=space, start=start, clock=clock)
        if max_trials < 1 or not session.may_start():
            return ()
        from autorecipe.tuning import oracle  # here, because it imports TensorFlow

        name = _fingerprint(space, start, seed=self.seed, method=self.method)
        plan = oracle.SearchPlan(
            space=space,
            start=start,
            direction=self.direction,
            max_trials=max_trials if space else 1,
            seed=1 + int(name, 16) % MAX_SEED,
            may_start=session.may_start,
            method=self.method,
        )
        tuner = oracle.RecipeTuner(
            oracle.DeadlineOracle(plan), train=session.train, directory=self.directory, name=name
        )
        tuner.search()
        return tuple(session.tried)


@dataclass(slots=True, kw_only=True)
class _Session:
    trainer: Trainer
    n_folds: int
    space: tuple[Knob, ...]
    start: Recipe
    clock: Clock
    tried: list[Trial] = field(default_factory=list)
    suggestion_s: list[float] = field(default_factory=list)
    idle_since_s: float | None = None
    is_cut_off: bool = False

    def may_start(self) -> bool:
        """Tell whether a trial of the usual length, its suggestion included, still fits in."""
        trial_s = median(t.seconds for t in self.tried) if self.tried else 0.0
        suggestion_s = median(self.suggestion_s) if self.suggestion_s else 0.0
        return not self.is_cut_off and self._time_for(trial_s + suggestion_s)

    def train(self, values: dict[str, Value]) -> Trial:
        """Train the values' recipe on every fold, and remember the trial unless the clock cut it off."""
        if self.idle_since_s is not None:
            self.suggestion_s.append(self.clock.now_s() - self.idle_since_s)
        recipe = recipe_of(values, space=self.space, start=self.start)
        fits: list[Fit] = []
        while len(fits) < self.n_folds and all(fit.status == "ok" for fit in fits):
            if fits and not self._time_for(fits[-1].seconds):
                fits.append(Fit(key="", fold=len(fits), status="failed", cause=CUT_OFF))
            else:
                fits.append(_finite(self.trainer.fit(recipe, len(fits))))
        trial = Trial(name=f"tuner {len(self.tried) + 1}", recipe=recipe, fits=tuple(fits))
        self.is_cut_off = trial.status == "failed" and (trial.cause == CUT_OFF or not self._time_for(0.0))
        if not self.is_cut_off:
            self.tried.append(trial)
        self.idle_since_s = self.clock.now_s()
        return trial

    def _time_for(self, seconds: float) -> bool:
        return not self.clock.interrupted() and self.clock.left_s() > seconds


def recipe_of(values: dict[str, Value], *, space: tuple[Knob, ...], start: Recipe) -> Recipe:
    """Return the start with a suggestion's values, as the types that its fields have.

    Numbers drawn from a range are kept within it and written with three significant digits; the start's own
    values come back exactly.
    """
    edits = {k.field: _value(values[k.field], knob=k, own=value_of(start, k.field)) for k in space}
    return with_edits(start, edits.items())


def _value(suggested: Value, *, knob: Knob, own: Value) -> Value:
    if knob.choices or suggested == own:
        return type(own)(suggested)
    short = round(float(suggested)) if isinstance(own, int) else float(f"{suggested:.{SIGNIFICANT_DIGITS}g}")
    return type(own)(min(max(short, knob.low), knob.high))


def _finite(fit: Fit) -> Fit:
    if fit.is_cut:
        return dataclasses.replace(fit, status="failed", cause=CUT_OFF)
    if fit.status == "ok" and not math.isfinite(fit.validation_score):
        cause = f"its validation score is not finite: {fit.validation_score}"
        return dataclasses.replace(fit, status="failed", cause=cause)
    return fit


def _fingerprint(space: tuple[Knob, ...], start: Recipe, *, seed: int, method: SearchMethod) -> str:
    return hashlib.sha256(msgspec.json.encode((space, start.key, seed, method))).hexdigest()[:16]
