"""The rounds of tuning: the rate first and coarsely, all knobs, then around the best (recipe rule E2)."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from itertools import accumulate

from autorecipe.change import value_of, with_edits
from autorecipe.decide import unsigned
from autorecipe.effects import Clock, Effects, Knob
from autorecipe.metrics.choose import metric_named
from autorecipe.planner import MIN_TRIALS, TIME_MARGIN
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import Ended
from autorecipe.record.trial import Trial
from autorecipe.row_words import row_noun
from autorecipe.stages.planned import Opening
from autorecipe.stages.trials import try_recipe
from autorecipe.tuning.space import FIRST_PENALTIES, knobs_at_edge, learning_rate_knob, space_around

SCAN_FACTOR = 10.0  # the learning rate's scan spans two decades
SCAN_TRIALS = (3, 6)  # fewer say nothing about two decades, more are better spent on all knobs
SCAN_SHARE = 0.25  # of the trials and the time, at most
SCAN_EPOCHS = 5  # E2: the coarse search's 1-5 epochs
SCAN_STEPS = 100  # E1: a fitting rate makes the loss fall within about so many; small tables need more epochs for them
REFINE_FACTOR = 2.0  # the learning rate's reach around the best, once it is not at an edge
REFINE_SHARE = 0.25  # of the trials and the time: around the best, or beyond the edge it lies at
REFINE_EPOCHS = (10, 20)  # E2, at a constant rate
STEADY = (("schedule", "constant"), ("warm_up_share", 0.0), ("reduce_on_plateau", False))
STALE_TRIALS = 10  # so many without a gain that could be told from noise end a search; choice
CONFIRM_TRIALS = 3  # trials of the start's length kept back: two are trained, and the end may be larger
QUICK_FACTOR = 5.0  # the quick preset searches the learning rate alone, which needs no new graph
MAX_RESERVE = 0.33  # of the time left, so that something is searched at all


def reserve_s(before: Trial, run: Run, effects: Effects) -> float:
    """Return the seconds to keep back for the confirmation; the quick preset has none."""
    if run.config.preset == "quick":
        return 0.0
    return min(TIME_MARGIN * CONFIRM_TRIALS * before.seconds, MAX_RESERVE * effects.clock.left_s())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What has been searched, and what may still be.

    Attributes
    ----------
    center : Recipe
        What the search is laid around, as long as candidates are.
    kept_s : float
        Seconds that are kept back from the search.
    scanned, refined : tuple of Trial
        Trials that are too short to win: of the coarse scan, and of a refinement in a hurry.
    tried : tuple of Trial
        Candidates.
    """

    opening: Opening
    run: Run
    effects: Effects
    center: Recipe
    kept_s: float
    scanned: tuple[Trial, ...] = ()
    tried: tuple[Trial, ...] = ()
    refined: tuple[Trial, ...] = ()
    notes: tuple[str, ...] = ()
    space: tuple[Knob, ...] = ()

    @classmethod
    def of(cls, opening: Opening, run: Run, effects: Effects) -> Tuning:
        """Return a search that has not begun; where candidates are short, the whole trial at the end is kept back."""
        reference = opening.reference
        if reference.recipe is None:
            raise ValueError("Tune needs a network to start from, not a baseline")
        whole_s = TIME_MARGIN * opening.plan.whole_trial_s if opening.is_short else 0.0
        return cls(
            opening=opening, run=run, effects=effects, center=reference.recipe, kept_s=opening.plan.kept_s + whole_s
        )

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials, in the order of the rounds."""
        return (*self.scanned, *self.tried, *self.refined)

    @property
    def best(self) -> Trial:
        """The best trial of a candidate's length, the reference among them."""
        return self.best_of((self.opening.reference, *self.tried))

    @property
    def ended(self) -> Ended:
        """Whether the search tried all it may, or why not."""
        if self.effects.clock.interrupted():
            return "interrupted"
        longest_s = max(t.seconds for t in (self.opening.reference, *self.tried))
        has_time = self.effects.clock.left_s() - self.kept_s > TIME_MARGIN * longest_s
        return "done" if has_time or len(self.trials) >= self.effects.max_tuner_trials else "budget"

    def best_of(self, trials: tuple[Trial, ...]) -> Trial:
        """Return the trial with the best validation score among those that could be trained."""
        return max((t for t in trials if t.status == "ok"), key=self._score)

    def scan(self) -> Tuning:
        """Move the learning rate to the best of a few over two decades, with small penalties, for a few epochs."""
        n_trials = min(SCAN_TRIALS[1], round(SCAN_SHARE * self.effects.max_tuner_trials))
        if n_trials < SCAN_TRIALS[0]:
            return self
        start = dataclasses.replace(self.center, epochs=self._scan_epochs())
        knob, penalty = learning_rate_knob(start, factor=SCAN_FACTOR), _coarse_penalty(start)
        trials, _ = self._searched((knob, penalty), start, n_trials=n_trials, share_s=SCAN_SHARE)
        if not any(t.status == "ok" for t in trials):
            return dataclasses.replace(self, scanned=trials)
        best = self.best_of(trials).recipe or start
        note = f"learning rate first, {len(trials)} of them for {start.epochs} epochs each: "
        note += f"{start.learning_rate:.3g} -> {best.learning_rate:.3g}"
        note += ", at the edge of the scan" if knobs_at_edge((knob,), best) else ""
        edits = [("learning_rate", value_of(best, "learning_rate"))]
        if not value_of(start, penalty.field):  # one that was kept on whole trials is not overruled by a few epochs
            edits.append((penalty.field, value_of(best, penalty.field)))
        return dataclasses.replace(
            self, scanned=trials, center=with_edits(self.center, edits), notes=(*self.notes, note)
        )

    def search(self) -> Tuning:
        """Search all knobs around the center."""
        n_left = self.effects.max_tuner_trials - len(self.scanned)
        n_trials = n_left - round(REFINE_SHARE * n_left)
        space = self._space_around(self.center)
        trials, is_stale = self._searched(space, self.center, n_trials=n_trials, share_s=1 - REFINE_SHARE)
        return self._with(trials, space=space, is_stale=is_stale)

    def refine(self) -> Tuning:
        """Search once more: beyond the edge that the best lies at, or all knobs around the best.

        When that would leave time for too few trials, they are short and at a constant rate, and their best is tried
        at full length.
        """
        best = self.best.recipe
        n_trials = self.effects.max_tuner_trials - len(self.trials)
        is_stale = any(note.startswith("stopped") for note in self.notes)
        if best is None or n_trials < 1 or (is_stale and self.best is self.opening.reference):
            return self
        edges = knobs_at_edge(self.space, best)
        space = self._refined_space(best, edges)
        if self._is_hurried():
            return self._refine_short(best, space, n_trials=n_trials)
        # the best is replayed from memory as the search's first trial: it takes no trial from the rest
        trials, is_stale = self._searched(space, best, n_trials=n_trials + 1, share_s=1.0)
        widened = self._with(trials, space=space, is_stale=is_stale)
        if not edges:
            return widened
        names = " and ".join(field.replace("_", " ") for field in edges)
        note = f"the best {names} lay at the edge of the space: "
        note += "widened once" if len(trials) > 1 else "no time was left to widen it"
        return dataclasses.replace(widened, notes=(*widened.notes, note))

    def _refine_short(self, best: Recipe, space: tuple[Knob, ...], *, n_trials: int) -> Tuning:
        least, most = REFINE_EPOCHS
        epochs = min(most, max(least, round(REFINE_SHARE * best.epochs)), best.epochs)
        steady = with_edits(best, (*STEADY, ("epochs", epochs)))
        space = tuple(knob for knob in space if knob.field not in dict(STEADY))
        trials, _ = self._searched(space, steady, n_trials=n_trials, share_s=1.0 - REFINE_SHARE)
        refined = dataclasses.replace(self, refined=trials)
        if not any(t.status == "ok" for t in trials):
            return refined
        found = self.best_of(trials).recipe or steady
        note = f"refined around the best on {len(trials)} recipes of {epochs} epochs each, at a constant rate"
        refined = dataclasses.replace(refined, notes=(*self.notes, note))
        if found == steady:
            return refined
        recipe = with_edits(best, [(knob.field, value_of(found, knob.field)) for knob in space])
        return refined._with((try_recipe(recipe, self.effects, name="refined"),), space=self.space, is_stale=False)

    def _refined_space(self, best: Recipe, edges: tuple[str, ...]) -> tuple[Knob, ...]:
        around = self._space_around(best)
        if edges:
            return tuple(knob for knob in around if knob.field in edges)
        return (learning_rate_knob(best, factor=REFINE_FACTOR), *around[1:])

    def _is_hurried(self) -> bool:
        """Whether the plan left fewer whole trials than are worth a round; by counts, so that resuming repeats it."""
        n_planned = self.opening.plan.n_trials
        has_all = n_planned >= self.effects.max_tuner_trials
        return not (has_all or self.run.config.preset == "quick") and REFINE_SHARE * n_planned < MIN_TRIALS

    def _scan_epochs(self) -> int:
        n_rows = self.center.row_share * self.run.split.n_train
        steps_per_epoch = max(1, math.ceil(n_rows / self.center.batch_size))
        return min(self.center.epochs, max(SCAN_EPOCHS, math.ceil(SCAN_STEPS / steps_per_epoch)))

    def _space_around(self, recipe: Recipe) -> tuple[Knob, ...]:
        preset = self.run.config.preset
        if preset == "quick":
            return (learning_rate_knob(recipe, factor=QUICK_FACTOR),)
        n_rows, schema = self.run.split.n_train, self.run.schema
        is_thorough = preset == "thorough"
        return space_around(recipe, n_rows=n_rows, task=schema.task, thorough=is_thorough, modality=schema.modality)

    def _searched(
        self, space: tuple[Knob, ...], start: Recipe, *, n_trials: int, share_s: float
    ) -> tuple[tuple[Trial, ...], bool]:
        """Return the trials, and whether the search stopped since its last ones gained nothing beyond the noise.

        A search is looked at after the seconds of `STALE_TRIALS` trials, then of twice as many, and so on: going on
        replays what was tried from memory. Where it stops is a matter of counts alone, and what was tried beyond is
        left out.
        """
        clock = self.effects.clock
        end_s = clock.now_s() + share_s * (clock.left_s() - self.kept_s)
        slice_s = STALE_TRIALS * max(self.opening.plan.trial_s, self.opening.reference.seconds)
        n_before = 0
        while True:
            slice_end_s = min(end_s, clock.now_s() + slice_s)
            ends_early = _EarlierEnd(clock=clock, end_s=slice_end_s)
            trials = self.effects.searcher.search(space, start, max_trials=n_trials, clock=ends_early)
            if n_until_stale := self._n_until_stale(trials):
                return trials[:n_until_stale], True
            if slice_end_s >= end_s or len(trials) >= n_trials or len(trials) <= n_before:
                return trials, False
            n_before, slice_s = len(trials), 2 * slice_s

    def _n_until_stale(self, trials: tuple[Trial, ...]) -> int:
        """How many trials it took until the last ones gained nothing beyond the noise; 0 when they still gain."""
        if self.run.config.search == "grid":
            return 0
        scores = [self._score(t) if t.status == "ok" else -math.inf for t in trials]
        best = list(accumulate(scores, max))
        gain = self.opening.plan.detectable_gain
        pairs = zip(best, best[STALE_TRIALS:], strict=False)
        stale = (n for n, (before, after) in enumerate(pairs) if before > -math.inf and after - before <= gain)
        return next(stale, -STALE_TRIALS - 1) + STALE_TRIALS + 1

    def _score(self, trial: Trial) -> float:
        is_max = metric_named(self.run.deciding_metric, self.run.schema.task).direction == "max"
        return trial.validation_score if is_max else -trial.validation_score

    def _with(self, trials: tuple[Trial, ...], *, space: tuple[Knob, ...], is_stale: bool) -> Tuning:
        known = {t.recipe for t in (self.opening.reference, *self.tried)}
        new = tuple(t for t in trials if t.recipe not in known)
        notes = self.notes
        if is_stale:
            gain = self.opening.plan.detectable_gain
            row = row_noun(self.run.schema.modality)
            unclear = f"less than {unsigned(gain)}, which the validation {row}s cannot tell from noise"
            noise = unclear if gain else "nothing"
            notes = (*notes, f"stopped: the last {STALE_TRIALS} recipes gained {noise}")
        return dataclasses.replace(self, tried=(*self.tried, *new), space=space, notes=notes)


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


def _coarse_penalty(recipe: Recipe) -> Knob:
    field = "l2" if recipe.l2 > 0 and recipe.weight_decay == 0 else "weight_decay"
    own = float(value_of(recipe, field))
    return Knob(field=field, choices=tuple(sorted({*FIRST_PENALTIES, own})))
