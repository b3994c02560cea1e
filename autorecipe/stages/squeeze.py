"""What do several networks give together?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from autorecipe import decide
from autorecipe.change import Change
from autorecipe.effects import Effects
from autorecipe.ensemble.choose import SOURCE
from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.ensemble.serving_cost import thinned, with_networks
from autorecipe.planner import TIME_MARGIN
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Decision, Measurement, Trial
from autorecipe.stages import Stage
from autorecipe.stages.choosing import (
    Chosen,
    can_be_served,
    candidates,
    choose,
    export_s,
    has_time_to_weigh,
    n_columns,
    serving_limit,
    unit_of,
)
from autorecipe.stages.regularize import best_so_far
from autorecipe.stages.trials import (
    OUT_OF_TIME,
    effect_of,
    ended_by,
    fresh_seed,
    has_time_for,
    judged,
    recipe_of,
    seed_spread,
    try_recipe,
    whole,
)
from autorecipe.stages.views import try_views, with_views

N_COPIES = 3  # seeds whose predictions are averaged
BLEND_SOURCE = "averaging copies: RealMLP bagging, arXiv 2407.04491, table B.4 (-5 % to -8 % error)"


def work(run: Run, effects: Effects) -> StageResult:
    """Choose recipes that predict best together, train them on folds of all rows, and average copies where none fit."""
    began = effects.clock.now_s()
    best = run.best or best_so_far(run)
    if best is None or best.recipe is None:
        raise ValueError("Squeeze needs a trained network")
    start, best = best.recipe, whole(best, effects)
    seen = try_views(best, run, effects)
    pool = with_views(candidates(run, best, effects), seen, run, effects)
    chosen, spread, best = choose(pool, run, effects), 0.0, seen.best
    decisions: list[Decision] = []
    bags = _bags(chosen, run, effects)
    has_time = bool(bags) or has_time_for(2 * best.seconds, effects)
    if bags:
        chosen = _with_bags(chosen, bags, run, effects)
    elif has_time and _has_room(chosen.ensemble.parts, 0, chosen.trial(chosen.ensemble.parts[0]), run, effects):
        spread = seed_spread(best, run, effects)
        chosen, decisions = _with_copies(chosen, run, effects, spread)
    ensemble = thinned(chosen.ensemble, limit=serving_limit(run), n_columns=n_columns(run), unit=unit_of(run))
    members = tuple(key for part in ensemble.parts for key in part.keys)
    return StageResult(
        stage="squeeze",
        question=STAGE.question,
        start=start,
        end=best.recipe,
        best=best,
        trials=_trials_of(members, chosen.trials),
        decisions=(*seen.decisions, *_ensemble_decision(ensemble), *decisions),
        measurements=(Measurement(kind="seed_spread", value=spread),),
        members=members,
        ensemble=ensemble,
        notes=(_note(ensemble, bags, unit_of(run)),),
        seconds=effects.clock.now_s() - began,
        ended=ended_by(effects, out_of_time=not has_time),
    )


def needed_s(run: Run) -> float:
    """Return the seconds that this stage will take with the best network so far; 0 while there is none."""
    if run.best is None:
        return 0.0
    n_trials = run.split.n_bag_folds if run.split.scheme == "holdout" else N_COPIES - 1
    return TIME_MARGIN * n_trials * run.best.seconds


def affordable_folds(trial: Trial, run: Run, effects: Effects, *, kept_s: float = 0.0) -> int:
    """Return how many folds of all non-test rows there is time for.

    None where the stages have used cross-validation, whose folds are such folds already, and none where time goes
    forward: most of its folds end long before the latest rows.

    Parameters
    ----------
    kept_s : float
        Seconds that are kept back for something else.
    """
    if run.split.scheme != "holdout" or run.config.split_by_time or effects.clock.interrupted() or trial.recipe is None:
        return 0
    n_all = run.split.n_bag_folds
    n_known = sum(effects.trainer.knows(trial.recipe, fold) for fold in range(1, n_all + 1))
    n = min(n_all, n_known + (effects.clock.left_s() - kept_s) / (TIME_MARGIN * max(trial.seconds, 1e-3)))
    return int(n)


def _ensemble_decision(ensemble: Ensemble) -> list[Decision]:
    if len(ensemble.parts) < 2:
        return []
    title = f"average {len(ensemble.parts)} recipes, weighted"
    change = Change(edits=(), title=title, reason="different networks err apart", source=SOURCE)
    return [decide.judge(change, effect=ensemble.gain, error=ensemble.gain_error)]


def _bags(chosen: Chosen, run: Run, effects: Effects) -> tuple[Trial, ...]:
    """Train the parts on folds of all non-test rows, the heaviest first, as long as there is time.

    A part gets no more folds than can be served beside one network of each other part.
    """
    bags: list[Trial] = []
    parts = list(chosen.ensemble.parts)
    for i, part in enumerate(parts[: 1 if run.config.preset == "quick" else None]):
        n_more = sum(len(bag.fits) for bag in bags) + run.split.n_bag_folds
        kept_s = export_s((), n_more=n_more) if bags else 0.0
        n_folds = affordable_folds(chosen.trial(part), run, effects, kept_s=kept_s)
        n_folds = min(n_folds, _servable_networks(parts, i, run))
        if not n_folds:
            continue
        wide = dataclasses.replace(effects, n_folds=n_folds)
        trial = try_recipe(part.recipe, wide, name=part.name, first_fold=1)
        fits = tuple(f for f in trial.fits if f.status == "ok")
        if fits:
            bags.append(dataclasses.replace(trial, fits=fits))
            parts[i] = with_networks(part, part.keys[:1] * (len(fits) + (len(fits) < run.split.n_bag_folds)))
    return tuple(bags)


def _servable_networks(parts: Sequence[EnsemblePart], place: int, run: Run) -> int:
    """Return how many networks a part may have beside those of the others, so that the whole can be served."""
    for n in range(run.split.n_bag_folds, 0, -1):
        n_own = n if n == run.split.n_bag_folds else n + 1  # a bag that is not whole stands beside the first network
        with_n = [with_networks(p, p.keys[:1] * n_own) if i == place else p for i, p in enumerate(parts)]
        if can_be_served(with_n, run):
            return n
    return 0


def _is_whole_bag(bag: Trial, run: Run) -> bool:
    return len(bag.fits) == run.split.n_bag_folds


def _with_bags(chosen: Chosen, bags: tuple[Trial, ...], run: Run, effects: Effects) -> Chosen:
    """Weigh bags anew where every part has a whole one and there is time, else put them in the place of networks."""
    n_parts = len(chosen.ensemble.parts)
    if n_parts == 1 or len(bags) < n_parts or not all(_is_whole_bag(b, run) for b in bags):
        return _as_bags(chosen, bags, run)
    if not has_time_to_weigh(effects):
        return _as_bags(chosen, bags, run)
    again = choose(bags, run, effects, measured=chosen.ensemble.parts)
    left_out = (*chosen.ensemble.left_out, *again.ensemble.left_out)
    return dataclasses.replace(again, ensemble=dataclasses.replace(again.ensemble, left_out=left_out))


def _as_bags(chosen: Chosen, bags: tuple[Trial, ...], run: Run) -> Chosen:
    """Put whole bags in the place of the networks that were chosen, and the folds of others beside them."""
    parts = []
    for part in chosen.ensemble.parts:
        bag = next((b for b in bags if b.recipe == part.recipe), None)
        keys = () if bag is None else tuple(f.key for f in bag.fits)
        stands_alone = bag is not None and _is_whole_bag(bag, run)
        parts.append(with_networks(part, keys if stands_alone else (*part.keys, *keys)))
    return _with_parts(chosen, parts, bags)


def _with_parts(chosen: Chosen, parts: list[EnsemblePart], more: tuple[Trial, ...]) -> Chosen:
    ensemble = dataclasses.replace(chosen.ensemble, parts=tuple(parts))
    return Chosen(ensemble=ensemble, trials=(*chosen.trials, *more))


def _with_copies(chosen: Chosen, run: Run, effects: Effects, spread: float) -> tuple[Chosen, list[Decision]]:
    """Add copies of the parts with fresh seeds while their average predicts no worse, the heaviest part first."""
    is_quick = run.config.preset == "quick"
    parts, decisions, more = list(chosen.ensemble.parts), [], []
    for place, part in enumerate(parts[: 1 if is_quick else None]):
        copies = [chosen.trial(part)]
        while len(copies) < (2 if is_quick else N_COPIES) and _has_room(parts, place, copies[0], run, effects):
            copy, told = _next_copy(copies, run, effects, spread)
            decisions += told
            if copy is None:
                break
            copies.append(copy)
            parts[place] = with_networks(parts[place], (*parts[place].keys, *(f.key for f in copy.fits)))
        more += copies[1:]
    return _with_parts(chosen, parts, tuple(more)), decisions


def _has_room(parts: Sequence[EnsemblePart], place: int, trial: Trial, run: Run, effects: Effects) -> bool:
    """Tell whether a part's trial can be trained once more, and its networks exported and served with all others."""
    keys = parts[place].keys
    with_copy = [with_networks(p, (*keys, *keys[:1] * len(trial.fits))) if p is parts[place] else p for p in parts]
    needed_s = trial.seconds + export_s(parts, n_more=len(trial.fits))
    return has_time_for(needed_s, effects) and can_be_served(with_copy, run)


def _next_copy(
    copies: Sequence[Trial], run: Run, effects: Effects, spread: float
) -> tuple[Trial | None, list[Decision]]:
    """Train one more copy of the first, and judge what it adds; None where it cannot be trained or adds nothing."""
    best, n = copies[0], len(copies)
    copy = try_recipe(fresh_seed(recipe_of(best), "spread", n), effects, name=f"copy {n + 1}")
    change = Change(edits=(), title=f"average {n + 1} copies", reason="copies err apart", source=BLEND_SOURCE)
    if copy.status == "failed":
        is_late = copy.cause == OUT_OF_TIME
        return None, [] if is_late else [judged(change, (best, copy), run, effects, seed_spread=spread)]
    blend = effects.trainer.blend((*copies, copy), change.title)
    effect, error = effect_of(best, blend, run, effects, seed_spread=spread)
    decision = decide.judge(change, effect=effect, error=error)
    return copy if decision.kept else None, [decision]


def _trials_of(members: tuple[str, ...], trials: tuple[Trial, ...]) -> tuple[Trial, ...]:
    """Return the trials that have a network among the members, in the order of the members."""
    used = [t for t in trials if any(f.key in members for f in t.fits)]
    return tuple(sorted(used, key=lambda t: min(members.index(f.key) for f in t.fits if f.key in members)))


def _note(ensemble: Ensemble, bags: tuple[Trial, ...], unit: str) -> str:
    members = [key for part in ensemble.parts for key in part.keys]
    n_folds = len({f.key for bag in bags for f in bag.fits} & set(members))
    n, n_recipes = len(members), len(ensemble.parts)
    what = f"{n} network{'s' if n > 1 else ''}" + (f" of {n_recipes} recipes" if n_recipes > 1 else "")
    if n_folds:
        return f"{what}, {n_folds} of them on folds of all {unit} that are not locked away, averaged"
    return f"{what} in the final model" + (", averaged" if n > 1 else "")


STAGE = Stage(
    name="squeeze",
    question="What do several networks give together?",
    work=work,
)
