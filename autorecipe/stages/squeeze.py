"""What do several copies of the best network add?"""

from __future__ import annotations

import dataclasses

from autorecipe import decide
from autorecipe.effects import Effects
from autorecipe.recipe import Change
from autorecipe.run import Decision, Measurement, Run, StageResult, Trial
from autorecipe.stages import Stage
from autorecipe.stages.regularize import best_so_far
from autorecipe.stages.trials import (
    TIME_MARGIN,
    effect_of,
    ended_by,
    fresh_seed,
    has_time_for,
    seed_spread,
    try_recipe,
)

N_COPIES = 3  # seeds whose predictions are averaged
BLEND_SOURCE = "averaging copies: RealMLP bagging, arXiv 2407.04491, table B.4 (-5 % to -8 % error)"


def work(run: Run, effects: Effects) -> StageResult:
    """Average copies of the best recipe: fresh seeds, then folds of all rows that are not locked away."""
    began = effects.clock.now_s()
    best = run.best or best_so_far(run)
    if best is None or best.recipe is None:
        raise ValueError("Squeeze needs a trained network")
    copies: list[Trial] = [best]
    decisions: list[Decision] = []
    spread = 0.0
    has_bag = run.split.scheme == "holdout"
    reserve = run.split.n_bag_folds * best.seconds if has_bag else 0.0
    has_time = has_time_for(2 * best.seconds + reserve, effects)
    if has_time:
        spread = seed_spread(best, run, effects)
        copies, decisions = _copies(best, run, effects, spread, reserve)
    bag = _bag(best, run, effects)
    members = bag or copies
    return StageResult(
        stage="squeeze",
        question=STAGE.question,
        start=best.recipe,
        end=best.recipe,
        best=best,
        trials=tuple(members),
        decisions=tuple(decisions),
        measurements=(Measurement(kind="seed_spread", value=spread),),
        members=tuple(f.key for t in members for f in t.fits if f.status == "ok"),
        notes=(_note(members, bool(bag)),),
        seconds=effects.clock.now_s() - began,
        ended=ended_by(effects, out_of_time=not bag if has_bag else not has_time),
    )


def needed_s(run: Run) -> float:
    """Return the seconds that this stage will take with the best network so far; 0 while there is none."""
    if run.best is None:
        return 0.0
    n_trials = run.split.n_bag_folds if run.split.scheme == "holdout" else N_COPIES - 1
    return TIME_MARGIN * n_trials * run.best.seconds


def _copies(
    best: Trial, run: Run, effects: Effects, spread: float, reserve: float
) -> tuple[list[Trial], list[Decision]]:
    """Add copies with fresh seeds while their average predicts no worse."""
    if best.recipe is None:
        return [best], []
    copies, decisions = [best], []
    for i in range(1, N_COPIES if run.config.preset != "quick" else 2):
        if not has_time_for(best.seconds + reserve, effects):
            break
        copy = try_recipe(fresh_seed(best.recipe, "spread", i), effects, name=f"copy {i + 1}")
        if copy.status == "failed":
            break
        change = Change(edits=(), title=f"average {i + 1} copies", reason="copies err apart", source=BLEND_SOURCE)
        blend = effects.trainer.blend((*copies, copy), change.title)
        effect, error = effect_of(best, blend, run, effects, seed_spread=spread)
        decisions.append(decide.judge(change, effect=effect, error=error))
        if not decisions[-1].kept:
            break
        copies.append(copy)
    return copies, decisions


def _bag(best: Trial, run: Run, effects: Effects) -> list[Trial]:
    """Train the recipe on folds of all non-test rows, where the stages have used one split; [] without the time."""
    if run.split.scheme != "holdout" or best.recipe is None:
        return []
    n_folds = run.split.n_bag_folds
    if not has_time_for(n_folds * best.seconds, effects):
        return []
    wide = dataclasses.replace(effects, n_folds=n_folds)
    trial = try_recipe(best.recipe, wide, name=f"{n_folds} folds of all rows", first_fold=1)
    fits = tuple(f for f in trial.fits if f.status == "ok")
    return [dataclasses.replace(trial, fits=fits)] if len(fits) > 1 else []


def _note(members: list[Trial], is_bag: bool) -> str:
    n = sum(len(t.fits) for t in members)
    if is_bag:
        return f"{n} networks on {n} folds of all rows that are not locked away, averaged"
    return f"{n} network{'s' if n > 1 else ''} in the final model" + (", averaged" if n > 1 else "")


STAGE = Stage(
    name="squeeze",
    question="What do several copies of the best network add?",
    work=work,
)
