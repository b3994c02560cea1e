"""Which settings of the remaining knobs win?"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from autorecipe import decide
from autorecipe.effects import Clock, Effects, Knob
from autorecipe.errors import TrainingFailed
from autorecipe.metrics.choose import metric_named
from autorecipe.recipe import Change, Recipe, Value
from autorecipe.run import Confirmation, Decision, Ended, Measurement, Run, StageResult, Trial
from autorecipe.stages import Stage
from autorecipe.stages.trials import (
    OUT_OF_TIME,
    TIME_MARGIN,
    confirm_stage,
    effect_of,
    has_time_for,
    seed_spread,
    try_recipe,
)
from autorecipe.tuning.space import knobs_at_edge, learning_rate_knob, space_around

SCAN_FACTOR = 10.0  # the learning rate's scan spans two decades
SCAN_TRIALS = (3, 6)  # fewer say nothing about two decades, more are better spent on all knobs
SCAN_SHARE = 0.25  # of the trials and the time, at most
REFINE_SHARE = 0.25  # of the trials and the time: around the best, or beyond the edge it lies at
SCAN_EPOCHS_SHARE = 0.25  # of the epochs that the start was trained: coarse and short first (E2)
MIN_SCAN_EPOCHS = 5  # E2: the coarse search's 1-5 epochs
CONFIRM_TRIALS = 3  # trials of the start's length kept back: two are trained, and the end may be larger
MAX_RESERVE = 0.5  # of the time left, so that something is searched at all


def work(run: Run, effects: Effects) -> StageResult:
    """Search the learning rate first and coarsely, then all knobs, then around the best.

    The best recipe found is kept when it gains more than the best of so many would by chance, and when its gain
    shows again on fresh seeds.

    Raises
    ------
    TrainingFailed
        When no recipe could be trained, the start included; with the first cause.
    """
    began = effects.clock.now_s()
    before = _start_trial(run, effects)
    if before.status == "failed" or not has_time_for((1 + CONFIRM_TRIALS) * before.seconds, effects):
        return _without_time(before, effects, began)
    spread = seed_spread(before, run, effects)
    found = _Tuning.of(before, run, effects).scan().search().refine()
    decision, winner = _decide(found, spread)
    confirmation, notes = None, list(found.notes)
    if winner is not before:
        confirmation = _confirmation(before, winner, run, effects, spread)
        if confirmation is None:
            notes.append("not confirmed on new seeds: no time was left")
        elif not confirmation.confirmed:
            winner = before
    return StageResult(
        stage="tune",
        question=STAGE.question,
        start=before.recipe,
        end=winner.recipe,
        best=winner,
        trials=(before, *found.scanned, *found.tried),
        decisions=(decision,) if decision else (),
        measurements=(Measurement(kind="seed_spread", value=spread),),
        confirmation=confirmation,
        notes=tuple(notes),
        seconds=effects.clock.now_s() - began,
        ended=_ended(found, effects),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tuning:
    """What has been searched, and what may still be."""

    before: Trial
    run: Run
    effects: Effects
    center: Recipe
    confirm_s: float
    scanned: tuple[Trial, ...] = ()
    tried: tuple[Trial, ...] = ()
    notes: tuple[str, ...] = ()
    space: tuple[Knob, ...] = ()
    is_cut: bool = False

    @classmethod
    def of(cls, before: Trial, run: Run, effects: Effects) -> _Tuning:
        """Return a search that has not begun, with the confirmation's seconds kept back."""
        if before.recipe is None:
            raise ValueError("Tune needs a network to start from, not a baseline")
        wanted_s = TIME_MARGIN * CONFIRM_TRIALS * before.seconds
        confirm_s = min(wanted_s, MAX_RESERVE * effects.clock.left_s())
        return cls(before=before, run=run, effects=effects, center=before.recipe, confirm_s=confirm_s)

    @property
    def is_max(self) -> bool:
        """Whether a high score is good."""
        return metric_named(self.run.deciding_metric, self.run.schema.task).direction == "max"

    @property
    def best(self) -> Trial:
        """The best trial of full length, the start among them."""
        return self.best_of((self.before, *self.tried))

    def best_of(self, trials: tuple[Trial, ...]) -> Trial:
        """Return the trial with the best validation score among those that could be trained."""
        sign = 1.0 if self.is_max else -1.0
        return max((t for t in trials if t.status == "ok"), key=lambda t: sign * t.validation_score)

    def scan(self) -> _Tuning:
        """Move the learning rate to the best of a few over two decades, trained for a few epochs."""
        n_trials = min(SCAN_TRIALS[1], round(SCAN_SHARE * self.effects.max_tuner_trials))
        if n_trials < SCAN_TRIALS[0]:
            return self
        start = dataclasses.replace(self.center, epochs=_scan_epochs(self.before))
        knob = learning_rate_knob(start, factor=SCAN_FACTOR)
        trials = self._searched((knob,), start, n_trials=n_trials, share_s=SCAN_SHARE)
        if not any(t.status == "ok" for t in trials):
            return dataclasses.replace(self, scanned=trials)
        best = self.best_of(trials).recipe or start
        note = f"learning rate first, {len(trials)} of them for {start.epochs} epochs each: "
        note += f"{start.learning_rate:.3g} -> {best.learning_rate:.3g}"
        note += ", at the edge of the scan" if knobs_at_edge((knob,), best) else ""
        center = dataclasses.replace(self.center, learning_rate=best.learning_rate)
        return dataclasses.replace(self, scanned=trials, center=center, notes=(*self.notes, note))

    def search(self) -> _Tuning:
        """Search all knobs around the center, at full length."""
        n_left = self.effects.max_tuner_trials - len(self.scanned)
        n_trials = n_left - round(REFINE_SHARE * n_left)
        space = self._space_around(self.center)
        trials = self._searched(space, self.center, n_trials=n_trials, share_s=1 - REFINE_SHARE)
        return self._with(trials, space=space)

    def refine(self) -> _Tuning:
        """Search once more: beyond the edge that the best lies at, or all knobs around the best."""
        best = self.best.recipe
        n_trials = self.effects.max_tuner_trials - len(self.scanned) - len(self.tried)
        if best is None or n_trials < 1:
            return self
        edges = knobs_at_edge(self.space, best)
        space = tuple(k for k in self._space_around(best) if not edges or k.field in edges)
        # the best is replayed from memory as the search's first trial: it takes no trial from the rest
        trials = self._searched(space, best, n_trials=n_trials + 1, share_s=1.0)
        widened = self._with(trials, space=space)
        if not edges:
            return widened
        names = " and ".join(field.replace("_", " ") for field in edges)
        note = f"the best {names} lay at the edge of the space: "
        note += "widened once" if len(trials) > 1 else "no time was left to widen it"
        return dataclasses.replace(widened, notes=(*self.notes, note))

    def _space_around(self, recipe: Recipe) -> tuple[Knob, ...]:
        return space_around(recipe, n_rows=self.run.split.n_train, task=self.run.schema.task)

    def _searched(
        self, space: tuple[Knob, ...], start: Recipe, *, n_trials: int, share_s: float
    ) -> tuple[Trial, ...]:
        clock = self.effects.clock
        searchable_s = clock.left_s() - self.confirm_s
        ends_early = _EarlierEnd(clock=clock, reserve_s=self.confirm_s + (1 - share_s) * max(0.0, searchable_s))
        return self.effects.searcher.search(space, start, max_trials=n_trials, clock=ends_early)

    def _with(self, trials: tuple[Trial, ...], *, space: tuple[Knob, ...]) -> _Tuning:
        known = {t.recipe for t in (self.before, *self.tried)}
        new = tuple(t for t in trials if t.recipe not in known)
        return dataclasses.replace(self, tried=(*self.tried, *new), space=space)


@dataclass(frozen=True, slots=True, kw_only=True)
class _EarlierEnd:
    """A clock that ends some seconds before another."""

    clock: Clock
    reserve_s: float

    def now_s(self) -> float:
        return self.clock.now_s()

    def left_s(self) -> float:
        return max(0.0, self.clock.left_s() - self.reserve_s)

    def interrupted(self) -> bool:
        return self.clock.interrupted()
