"""Which settings of the remaining knobs win?"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from autorecipe import decide
from autorecipe.effects import Clock, Effects, Knob
from autorecipe.errors import TrainingFailed
from autorecipe.metrics.choose import metric_named
from autorecipe.recipe import Change, Recipe, Value
from autorecipe.run import Decision, Ended, Measurement, Run, StageResult, Trial
from autorecipe.stages import Stage
from autorecipe.stages.trials import (
    OUT_OF_TIME,
    TIME_MARGIN,
    confirm_if_time,
    effect_of,
    has_time_for,
    seed_spread,
    try_recipe,
    unconfirmed,
    whole,
)
from autorecipe.tuning.space import knobs_at_edge, learning_rate_knob, space_around

SCAN_FACTOR = 10.0  # the learning rate's scan spans two decades
SCAN_TRIALS = (3, 6)  # fewer say nothing about two decades, more are better spent on all knobs
SCAN_SHARE = 0.25  # of the trials and the time, at most
REFINE_FACTOR = 2.0  # the learning rate's reach around the best, once it is not at an edge
REFINE_SHARE = 0.25  # of the trials and the time: around the best, or beyond the edge it lies at
SCAN_EPOCHS_SHARE = 0.25  # of the epochs that the start was trained: coarse and short first (E2)
MIN_SCAN_EPOCHS = 5  # E2: the coarse search's 1-5 epochs
CONFIRM_TRIALS = 3  # trials of the start's length kept back: two are trained, and the end may be larger
QUICK_FACTOR = 5.0  # the quick preset searches the learning rate alone, which needs no new graph
LEAST_TRIALS = 2  # with time for fewer nothing is searched
MAX_RESERVE = 0.33  # of the time left, so that something is searched at all


def work(run: Run, effects: Effects) -> StageResult:
    """Search the learning rate first and coarsely, then all knobs, then around the best.

    The best recipe found is kept when it gains more than the best of so many would by chance, and when its
    gain shows again on fresh seeds.

    Raises
    ------
    TrainingFailed
        When no recipe could be trained, the start included; with the first cause.
    """
    began = effects.clock.now_s()
    before = _start_trial(run, effects)
    if before.status == "failed" or not has_time_for(LEAST_TRIALS * before.seconds, effects):
        return _without_time(before, effects, began)
    spread = seed_spread(before, run, effects)
    found = _Tuning.of(before, run, effects).scan().search().refine()
    ended = found.ended
    decision, winner = _decide(found, spread)
    confirmation, notes = None, list(found.notes)
    if winner is not before:
        confirmation = confirm_if_time(before, winner, run, effects, seed_spread=spread)
        if confirmation is None:
            notes.append(unconfirmed(run))
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
        ended=ended,
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

    @property
    def ended(self) -> Ended:
        """Whether the search tried all it may, or why not."""
        if self.effects.clock.interrupted():
            return "interrupted"
        n_tried = len(self.scanned) + len(self.tried)
        longest_s = max(t.seconds for t in (self.before, *self.tried))
        has_time = self.effects.clock.left_s() - self.confirm_s > TIME_MARGIN * longest_s
        return "done" if has_time or n_tried >= self.effects.max_tuner_trials else "budget"

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
        around = self._space_around(best)
        if edges:
            space = tuple(knob for knob in around if knob.field in edges)
        else:
            space = (learning_rate_knob(best, factor=REFINE_FACTOR), *around[1:])
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
        if self.run.config.preset == "quick":
            return (learning_rate_knob(recipe, factor=QUICK_FACTOR),)
        return space_around(recipe, n_rows=self.run.split.n_train, task=self.run.schema.task)

    def _searched(self, space: tuple[Knob, ...], start: Recipe, *, n_trials: int, share_s: float) -> tuple[Trial, ...]:
        clock = self.effects.clock
        end_s = clock.now_s() + share_s * (clock.left_s() - self.confirm_s)
        ends_early = _EarlierEnd(clock=clock, end_s=end_s)
        return self.effects.searcher.search(space, start, max_trials=n_trials, clock=ends_early)

    def _with(self, trials: tuple[Trial, ...], *, space: tuple[Knob, ...]) -> _Tuning:
        known = {t.recipe for t in (self.before, *self.tried)}
        new = tuple(t for t in trials if t.recipe not in known)
        return dataclasses.replace(self, tried=(*self.tried, *new), space=space)


@dataclass(frozen=True, slots=True, kw_only=True)
class _EarlierEnd:
    """A clock that ends before another, at a second of the run."""

    clock: Clock
    end_s: float

    def now_s(self) -> float:
        return self.clock.now_s()

    def left_s(self) -> float:
        return max(0.0, min(self.clock.left_s(), self.end_s - self.clock.now_s()))

    def interrupted(self) -> bool:
        return self.clock.interrupted()


def _start_trial(run: Run, effects: Effects) -> Trial:
    start, best = run.recipe, run.best
    if start is None:
        raise ValueError("Tune needs the recipe that an earlier stage ended with")
    if best is not None and best.recipe == start and best.status == "ok":
        return whole(best, effects)
    if not has_time_for(0.0, effects):
        return Trial(name="start", recipe=start, fits=())
    trial = try_recipe(start, effects, name="start")
    if trial.status == "failed" and trial.cause != OUT_OF_TIME:
        raise TrainingFailed(f"no recipe could be trained in Tune: {trial.cause}")
    return trial


def _without_time(before: Trial, effects: Effects, began: float) -> StageResult:
    return StageResult(
        stage="tune",
        question=STAGE.question,
        start=before.recipe,
        end=before.recipe,
        best=before if before.status == "ok" else None,
        notes=("nothing was tuned: no time was left",),
        seconds=effects.clock.now_s() - began,
        ended="interrupted" if effects.clock.interrupted() else "budget",
    )


def _scan_epochs(before: Trial) -> int:
    trained = max(fit.epochs for fit in before.fits)
    return max(MIN_SCAN_EPOCHS, round(SCAN_EPOCHS_SHARE * trained))


def _decide(found: _Tuning, spread: float) -> tuple[Decision | None, Trial]:
    """Hold the best recipe found against the start."""
    before = found.before
    candidates = tuple(t for t in found.tried if t.status == "ok")
    if not candidates or before.recipe is None:
        return None, before
    winner = found.best_of(candidates)
    if winner.recipe is None:
        return None, before
    effect, error = effect_of(before, winner, found.run, found.effects, seed_spread=spread)
    decision = decide.judge(
        _change(before.recipe, winner.recipe, n_tried=len(candidates)),
        effect=effect,
        error=error,
        n_candidates=len(candidates),
        simpler=decide.is_simpler(winner.recipe, before.recipe),
        losses=(before.train_loss, winner.train_loss),
    )
    return decision, winner if decision.kept else before


def _change(before: Recipe, after: Recipe, *, n_tried: int) -> Change:
    edits: list[tuple[str, Value]] = []
    words: list[str] = []
    for field in dataclasses.fields(Recipe):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new:
            edits.append((field.name, new))
            words.append(f"{field.name.replace('_', ' ')} {_short(old)} -> {_short(new)}")
    reason = f"the best of {n_tried} recipes tried" if n_tried > 1 else "the one recipe tried"
    return Change(edits=tuple(edits), title=", ".join(words), reason=reason)


def _short(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


STAGE = Stage(
    name="tune",
    question="Which settings of the remaining knobs win?",
    work=work,
)
