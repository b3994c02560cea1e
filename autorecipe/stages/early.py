"""The changes that a stage tries first, each trained whole: one after the other, the best so far in front."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from autorecipe.change import Change
from autorecipe.effects import Effects
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.trial import Decision, Trial
from autorecipe.stages.planned import networks_of
from autorecipe.stages.portfolio import KEPT, PLAIN_NETS, is_family_change, is_too_dear, trial_s
from autorecipe.stages.trials import OUT_OF_TIME, has_time_for, is_known, judged, try_recipe

# times too long that a family's seconds may be predicted and the family be tried all the same, where the user names it
# (measured: RealMLP on 230 and 720 rows took a third of what a plain net foretold)
NAMED_PATIENCE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """What was tried first.

    Attributes
    ----------
    best : Trial
        What stands.
    left_out : tuple of str
        Titles of what there was no time for.
    interrupted : tuple of str
        Titles of what was left out as the user wished to stop.
    """

    best: Trial
    trials: tuple[Trial, ...] = ()
    decisions: tuple[Decision, ...] = ()
    left_out: tuple[str, ...] = ()
    interrupted: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What to say of it."""
        late = (f"no time for {', '.join(self.left_out)}",) if self.left_out else ()
        return (*late, *((f"interrupted before {', '.join(self.interrupted)}",) if self.interrupted else ()))


def try_early(changes: tuple[Change, ...], start: Trial, run: Run, effects: Effects, *, seed_spread: float) -> Early:
    """Try changes in their order, each on top of what was kept; what does not fit into the time is left out.

    A family brings all its settings along, so it replaces what was kept before it.
    """
    state = Early(best=start)
    for change in changes:
        state = _tried(change, state, run, effects, seed_spread=seed_spread)
    return state


def _is_for(change: Change, recipe: Recipe) -> bool:
    """Whether a change is a family, or of what every family keeps, or for the plain net while that stands."""
    if recipe.family in ("custom", *PLAIN_NETS.values()) or is_family_change(change):
        return True
    return all(field in KEPT for field, _ in change.edits)


def _tried(change: Change, state: Early, run: Run, effects: Effects, *, seed_spread: float) -> Early:
    before = state.best
    if before.recipe is None:
        raise ValueError(f"'{before.name}' is a baseline, not a network")
    if not _is_for(change, before.recipe):
        return state
    recipe = change.apply(before.recipe)
    if recipe == before.recipe:
        return state
    known = (*networks_of(run), *state.trials)
    needed_s = trial_s(recipe, known, run)
    if is_family_change(change) and run.config.families:
        needed_s /= NAMED_PATIENCE
    has_time = has_time_for(needed_s, effects) and not is_too_dear(change, needed_s, run)
    if not is_known(recipe, effects) and not has_time:
        return _without(change, state, effects)
    trial = try_recipe(recipe, effects, name=change.title)
    decision = judged(change, (before, trial), run, effects, seed_spread=seed_spread)
    state = dataclasses.replace(
        state,
        best=trial if decision.kept else before,
        trials=(*state.trials, trial),
        decisions=(*state.decisions, decision),
    )
    return _without(change, state, effects) if trial.cause == OUT_OF_TIME else state


def _without(change: Change, state: Early, effects: Effects) -> Early:
    if effects.clock.interrupted():
        return dataclasses.replace(state, interrupted=(*state.interrupted, change.title))
    return dataclasses.replace(state, left_out=(*state.left_out, change.title))
