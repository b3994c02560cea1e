"""Fake effects: searching with a fake trainer, a fake clock and a fake store, without Keras, waiting or files."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from autorecipe.change import value_of, with_edits
from autorecipe.effects import Clock, Effects, Knob
from autorecipe.recipe import Recipe, Value
from autorecipe.record.trial import Trial
from autorecipe.testing.fake_trainer import FakeTrainer, Score
from autorecipe.testing.fake_world import MemoryStore


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


def _draw(knob: Knob, start: Recipe, chance: random.Random) -> Value:
    if knob.choices:
        return chance.choice(knob.choices)
    if knob.sampling == "log":
        value = math.exp(chance.uniform(math.log(knob.low), math.log(knob.high)))
    else:
        value = chance.uniform(knob.low, knob.high)
    return round(value) if isinstance(value_of(start, knob.field), int) else value
