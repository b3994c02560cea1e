"""Can a larger network memorise the training rows?"""

from __future__ import annotations

import dataclasses

from autorecipe import decide
from autorecipe.change import Change
from autorecipe.effects import Effects
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import Ended, StageResult
from autorecipe.record.trial import Decision, Measurement, Trial
from autorecipe.row_words import row_noun
from autorecipe.stages import Stage
from autorecipe.stages.early import Early, try_early
from autorecipe.stages.growth import changes_to_try, early_changes, faster_change, optimizers_to_try, with_optimizer
from autorecipe.stages.planned import (
    Opening,
    Wanted,
    failures_note,
    has_time_to_try,
    open_stage,
    train_whole,
    without_signal,
)
from autorecipe.stages.soundness import assess, told_of
from autorecipe.stages.trials import (
    OUT_OF_TIME,
    effect_of,
    ended_by,
    judged,
    measure_noise,
    recipe_of,
    try_recipe,
    whole,
)

FLOOR_MARGIN = 1.1  # the floor counts as reached within 10 % of it
NO_FLOOR = 0.01  # nats, or share of the target's variance: below this a network has memorised
TURNED_SHARE = 1.05  # validation has turned when its last loss is 5 % above its best while training still falls


def work(run: Run, effects: Effects) -> StageResult:
    """Grow the baseline network, one change at a time, without regularization.

    First the numbers are embedded and other families stand beside it, each trained whole; then what stands grows. A
    network that overfits already grows by changes with published evidence alone; one that found no signal does not
    grow at all.
    """
    began = effects.clock.now_s()
    before = run.stages[-1].best
    if before is None or before.recipe is None:
        raise ValueError("Overfit needs the baseline's network")
    if nothing := without_signal("overfit", STAGE.question, run):
        return nothing
    before = whole(before, effects)
    noise = measure_noise(before, run, effects)
    changes = early_changes(recipe_of(before), run, effects)
    early = try_early(changes, before, run, effects, seed_spread=noise.seed_spread)
    state = _grown(early, _with_spread(run, noise.seed_spread), effects)
    opening = state.opening
    ended = ended_by(effects, out_of_time=state.is_over or state.left_out or bool(early.left_out))
    best, note = train_whole(state.recipe, opening, run, effects) if opening.is_short else (state.best, "")
    sound = assess(best, run, effects, when=("during",), seed_spread=opening.seed_spread)
    result = StageResult(
        stage="overfit",
        question=STAGE.question,
        start=before.recipe,
        end=sound.best.recipe,
        best=sound.best,
        trials=(*early.trials, *state.trials),
        decisions=(*early.decisions, *state.decisions),
        measurements=(Measurement(kind="seed_spread", value=opening.seed_spread),),
        notes=(
            *state.notes(ended, note, n_first=len(early.trials)),
            *early.notes,
            *failures_note((*early.trials, *state.trials)),
        ),
        seconds=effects.clock.now_s() - began,
        ended=ended,
        plan=opening.plan,
    )
    return told_of(result, sound)


def _with_spread(run: Run, seed_spread: float) -> Run:
    """Return the run with what this stage has measured so far."""
    measured = (Measurement(kind="seed_spread", value=seed_spread),)
    standing = dataclasses.replace(run.stages[-1], measurements=(*run.stages[-1].measurements, *measured))
    return dataclasses.replace(run, stages=(*run.stages[:-1], standing))


def _grown(early: Early, run: Run, effects: Effects) -> _Growth:
    recipe, optimizers = recipe_of(early.best), optimizers_to_try(run)
    changes = changes_to_try(recipe, run)
    planned = (*changes, *(with_optimizer(recipe, name) for name in optimizers))
    recipes = tuple(change.apply(recipe) for change in planned)
    wanted = Wanted(stage="overfit", n_trials=len(planned), recipes=recipes)
    opening = open_stage(wanted, early.best, run, effects)
    state = _Growth(run=run, effects=effects, opening=opening, recipe=recipe, best=opening.reference)
    for change in changes:
        state = state.tried(change)
    for name in optimizers:
        state = state.tried(with_optimizer(state.recipe, name))
    return state


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Growth:
    """How far the network has grown: its recipe, and the trial that stands for it, shortened where candidates are."""

    run: Run
    effects: Effects
    opening: Opening
    recipe: Recipe
    best: Trial
    trials: tuple[Trial, ...] = ()
    decisions: tuple[Decision, ...] = ()
    left_out: bool = False
    is_over: bool = False

    def tried(self, change: Change) -> _Growth:
        """Try a change unless the stage has ended, and then what it has made worth trying."""
        if self.is_over or self.at_floor():
            return self
        state = self.grow(change)
        follow = faster_change(self.recipe, state.recipe)
        return state.tried(follow) if follow else state

    def grow(self, change: Change) -> _Growth:
        """Try one change, and return what is known then; one that does not fit is left out for a cheaper one."""
        recipe = change.apply(self.recipe)
        if recipe == self.recipe or recipe.width < self.recipe.width:
            return self
        if not has_time_to_try(recipe, self.opening, self.run, self.effects, tried=self.trials):
            return dataclasses.replace(self, left_out=True)
        trial = try_recipe(self.opening.candidate(recipe), self.effects, name=change.title)
        decision = self._decide(change, trial)
        return dataclasses.replace(
            self,
            recipe=recipe if decision.kept else self.recipe,
            best=trial if decision.kept else self.best,
            trials=(*self.trials, trial),
            decisions=(*self.decisions, decision),
            is_over=trial.cause == OUT_OF_TIME,
        )

    def _decide(self, change: Change, trial: Trial) -> Decision:
        spread = self.opening.seed_spread
        if trial.status == "failed" or has_turned(self.best) or change.source:
            decision = judged(change, (self.best, trial), self.run, self.effects, seed_spread=spread)
            return decision if trial.status == "failed" else _with_equal_losses(decision, self.best, trial)
        effect, error = effect_of(self.best, trial, self.run, self.effects, seed_spread=spread)
        before, after = losses_at_equal_epochs(self.best, trial)
        return decide.judge_growth(change, train_before=before, train_after=after, effect=effect, error=error)

    def notes(self, ended: Ended, note: str, *, n_first: int) -> tuple[str, ...]:
        """Say what was expected and what happened, after the trials that come first."""
        expected = self.opening.notes(self.run, n_tried=len(self.trials), n_first=n_first)
        said = (*precision_note(self.best), *((note,) if note else ()))
        return (*expected, self.ending(ended), *said)

    def at_floor(self) -> bool:
        """Whether the training loss is as low as conflicting rows allow."""
        floor = self.run.profile.floor if self.run.profile else None
        reached = sum(f.history.train_loss[-1] for f in self.best.fits) / len(self.best.fits)
        return reached <= max(NO_FLOOR, FLOOR_MARGIN * (floor or 0.0))

    def ending(self, ended: Ended) -> str:
        """Say why the stage ended."""
        if self.at_floor():
            return f"done: the training {row_noun(self.run.schema.modality)}s are memorised, down to the floor"
        if ended != "done":
            return "ended by its share of the time" if ended == "budget" else "stopped by the user"
        if has_turned(self.best):
            return "done: validation has turned while training still falls"
        return "done: nothing larger learns more"


def precision_note(trial: Trial) -> tuple[str, ...]:
    """Say so when a trial's networks were trained in mixed precision."""
    names = sorted({fit.precision for fit in trial.fits} - {"float32"})
    return tuple(f"trained in {name}, which the GPU gains from; weights and outputs are float32" for name in names)


def has_turned(trial: Trial) -> bool:
    """Whether validation has turned while training still falls, on most folds."""
    turned = 0
    for fit in trial.fits:
        best = min(fit.history.validation_loss)
        after = fit.history.validation_loss[-1] > TURNED_SHARE * best
        falling = fit.history.train_loss[-1] < fit.history.train_loss[fit.best_epoch - 1]
        turned += after and falling
    return turned > len(trial.fits) / 2


def losses_at_equal_epochs(a: Trial, b: Trial) -> tuple[list[float], list[float]]:
    """Return both trials' training losses per fold after as many epochs as both have had."""
    pairs = [(x.history.train_loss, y.history.train_loss) for x, y in zip(a.fits, b.fits, strict=True)]
    ends = [min(len(x), len(y)) - 1 for x, y in pairs]
    return [x[e] for (x, _), e in zip(pairs, ends, strict=True)], [y[e] for (_, y), e in zip(pairs, ends, strict=True)]


def _with_equal_losses(decision: Decision, before: Trial, after: Trial) -> Decision:
    losses = losses_at_equal_epochs(before, after)
    means = [sum(part) / len(part) for part in losses]
    return dataclasses.replace(decision, train_loss_before=means[0], train_loss_after=means[1])


STAGE = Stage(
    name="overfit",
    question="Can a larger network memorise the training rows?",
    work=work,
)
