"""What do several copies of the best network add?"""

from __future__ import annotations

import dataclasses

from autorecipe import decide
from autorecipe.effects import Effects
from autorecipe.planner import TIME_MARGIN
from autorecipe.recipe import Change
from autorecipe.run import Decision, Measurement, Run, StageResult, Trial
from autorecipe.stages import Stage
from autorecipe.stages.regularize import best_so_far
from autorecipe.stages.trials import (
    effect_of,
    ended_by,
    fresh_seed,
    has_time_for,
    seed_spread,
    try_recipe,
)

LEAST_BAG_FOLDS = 2  # one more network is better a copy, whose gain can be measured
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
    n_bag_folds = affordable_folds(best, run, effects)
    reserve = n_bag_folds * best.seconds
    has_time = has_time_for(2 * best.seconds + reserve, effects)
    if has_time:
        spread = seed_spread(best, run, effects)
        copies, decisions = _copies(best, run, effects, spread, reserve)
    bag = _bag(best, effects, n_bag_folds)
    has_whole_bag = bool(bag) and len(bag[0].fits) == run.split.n_bag_folds
    members = bag if has_whole_bag else [*copies, *bag]
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
        notes=(_note(members, bag),),
        seconds=effects.clock.now_s() - began,
        ended=ended_by(effects, out_of_time=not (has_whole_bag or has_time)),
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


def affordable_folds(best: Trial, run: Run, effects: Effects) -> int:
    """Return how many folds of all non-test rows there is time for: at least two, or none.

    None where the stages have used cross-validation, whose folds are such folds already, and none where time goes
    forward: most of its folds end long before the latest rows.
    """
    if run.split.scheme != "holdout" or run.config.split_by_time or effects.clock.interrupted():
        return 0
    n = min(run.split.n_bag_folds, effects.clock.left_s() / (TIME_MARGIN * max(best.seconds, 1e-3)))
    return int(n) if n >= LEAST_BAG_FOLDS else 0


def _bag(best: Trial, effects: Effects, n_folds: int) -> list[Trial]:
    """Train the recipe on folds of all non-test rows."""
    if best.recipe is None or not n_folds:
        return []
    wide = dataclasses.replace(effects, n_folds=n_folds)
    trial = try_recipe(best.recipe, wide, name=f"{n_folds} folds of all rows", first_fold=1)
    fits = tuple(f for f in trial.fits if f.status == "ok")
    return [dataclasses.replace(trial, fits=fits)] if fits else []


def _note(members: list[Trial], bag: list[Trial]) -> str:
    n, n_folds = (sum(len(t.fits) for t in trials) for trials in (members, bag))
    if n_folds:
        return f"{n} networks, {n_folds} of them on folds of all rows that are not locked away, averaged"
    return f"{n} network{'s' if n > 1 else ''} in the final model" + (", averaged" if n > 1 else "")


STAGE = Stage(
    name="squeeze",
    question="What do several copies of the best network add?",
    work=work,
)
