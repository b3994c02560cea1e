"""What the stages share: training a candidate on every fold, and its effect with its error."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from statistics import median

from autorecipe import decide
from autorecipe.change import Change
from autorecipe.effects import Effects
from autorecipe.metrics.choose import metric_named
from autorecipe.planner import SEEDS_SHARE, TIME_MARGIN
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import Ended
from autorecipe.record.trial import Confirmation, Decision, Fit, Trial

OUT_OF_TIME = "out of time"
ENOUGH_TRIALS = 5  # a stage with time for fewer spends them on candidates and leaves its sum unconfirmed
N_SPREAD_SEEDS = 3  # design section 4: s is the spread over three seeds


def try_recipe(
    recipe: Recipe, effects: Effects, *, name: str = "", first_fold: int = 0, whatever_the_clock: bool = False
) -> Trial:
    """Train a recipe on every fold.

    Parameters
    ----------
    first_fold : int
        Index of the first of `effects.n_folds` folds; a multiple of it asks for a fresh repetition of the folds.
    whatever_the_clock : bool
        Train on every fold, each cut short after its share of the time, and for a moment even when none is left: a
        run needs one network.

    Returns
    -------
    Trial
        Failed, with the cause "out of time", when the clock ends before every fold was trained.
    """
    fits: list[Fit] = []
    for fold in range(first_fold, first_fold + effects.n_folds):
        is_affordable = whatever_the_clock or effects.trainer.knows(recipe, fold)
        if fits and not (is_affordable or has_time_for(fits[-1].seconds, effects)):
            fits.append(Fit(key="", fold=fold, status="failed", cause=OUT_OF_TIME))
            break
        n_more = first_fold + effects.n_folds - fold - 1 if whatever_the_clock else None
        fit = effects.trainer.fit(recipe, fold, n_more=n_more)
        if fit.is_cut and not whatever_the_clock:  # half-trained against trained would say nothing
            fit = dataclasses.replace(fit, status="failed", cause=OUT_OF_TIME)
        fits.append(fit)
        if fit.status == "failed":
            break
    return Trial(name=name, recipe=recipe, fits=tuple(fits))


def recipe_of(trial: Trial) -> Recipe:
    """Return the recipe of a network's trial.

    Raises
    ------
    ValueError
        When it is a baseline's.
    """
    if trial.recipe is None:
        raise ValueError(f"'{trial.name}' is a baseline, not a network")
    return trial.recipe


def unconfirmed(run: Run, effects: Effects) -> str:
    """Say why a stage's sum was not confirmed."""
    is_quick = run.config.preset == "quick"
    reason = "the quick preset leaves that out" if is_quick else f"{why_not(effects)}, or its training failed"
    return f"not confirmed on new seeds: {reason}"


def whole(trial: Trial, effects: Effects) -> Trial:
    """Return the trial, trained again when the clock had cut it short and there is time now."""
    if not trial.is_cut or trial.recipe is None or not has_time_for(trial.seconds, effects):
        return trial
    again = try_recipe(trial.recipe, effects, name=trial.name)
    return again if again.status == "ok" else trial


def has_time_for(trial_seconds: float, effects: Effects) -> bool:
    """Tell whether a trial of that many seconds fits into what is left."""
    return not effects.clock.interrupted() and effects.clock.left_s() > TIME_MARGIN * trial_seconds


def is_known(recipe: Recipe, effects: Effects, *, first_fold: int = 0) -> bool:
    """Tell whether every fold of a recipe was trained before, so that asking again costs no time."""
    folds = range(first_fold, first_fold + effects.n_folds)
    return not effects.clock.interrupted() and all(effects.trainer.knows(recipe, fold) for fold in folds)


def why_not(effects: Effects) -> str:
    """Say why something was left out: the user's wish to stop, else the clock."""
    return "you interrupted the run" if effects.clock.interrupted() else "no time was left"


def ended_by(effects: Effects, *, out_of_time: bool) -> Ended:
    """Say how a stage ended: interrupted by the user, by its share of the time, or of its own."""
    if effects.clock.interrupted():
        return "interrupted"
    return "budget" if out_of_time else "done"


def effect_of(before: Trial, after: Trial, run: Run, effects: Effects, *, seed_spread: float) -> tuple[float, float]:
    """Return the gain of the deciding score (positive is better) and its standard error.

    With folds the error is Nadeau and Bengio's; with one split it is the paired bootstrap of rows and twice the
    variance between seeds (design: decisions).
    """
    direction = metric_named(run.deciding_metric, run.schema.task).direction
    gains = decide.differences(before, after, direction=direction)
    if not gains:
        return math.nan, math.nan
    effect = sum(gains) / len(gains)
    if len(gains) > 1:
        return effect, decide.fold_error(gains, n_train=run.split.n_train, n_validation=run.split.n_validation)
    row_error = effects.trainer.row_error(before, after)
    # a spread that is not known is taken to be as large as the rows' error: too careful rather than too hopeful
    return effect, decide.holdout_error(row_error=row_error, seed_spread=seed_spread or row_error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How much the deciding score moves without a reason.

    Attributes
    ----------
    seed_spread : float
        Its standard deviation between seeds of one recipe; 0 with folds, where it is part of the folds' spread, and
        where nothing is known.
    error : float
        One standard error of an effect, as far as it is known before the first change was tried; else 0.
    """

    seed_spread: float
    error: float


def measure_noise(trial: Trial, run: Run, effects: Effects) -> Noise:
    """Measure the noise that a stage's changes are held against, once per stage.

    An earlier stage's spread stands in when the time is too short for new seeds.
    """
    copies = _copies(trial, run, effects)
    spread = decide.spread_of([t.validation_score for t in copies]) if len(copies) > 1 else _known_spread(run, effects)
    if len(copies) > 1:
        _, error = effect_of(copies[0], copies[1], run, effects, seed_spread=spread)
    else:
        error = _known_error(run, effects, seed_spread=spread)
    return Noise(seed_spread=spread, error=error if math.isfinite(error) else 0.0)


def seed_spread(trial: Trial, run: Run, effects: Effects) -> float:
    """Return the standard deviation of the deciding score between seeds of a trial's recipe.

    With folds it is 0: the spread between seeds is already part of the spread between folds, as each fold has a
    seed of its own. An earlier stage's spread stands in when the time is too short for new seeds; without one, two
    seeds must do, and without those 0 says that nothing is known.
    """
    copies = _copies(trial, run, effects)
    return decide.spread_of([t.validation_score for t in copies]) if len(copies) > 1 else _known_spread(run, effects)


def _copies(trial: Trial, run: Run, effects: Effects) -> list[Trial]:
    """Return the trial and, on one split, what of two more seeds there is time for."""
    copies = [trial]
    if effects.n_folds > 1 or trial.recipe is None or trial.status == "failed":
        return copies
    spendable_s = SEEDS_SHARE * effects.clock.left_s()
    recipes = [fresh_seed(trial.recipe, "spread", i) for i in range(1, N_SPREAD_SEEDS)]
    is_first_known = is_known(recipes[0], effects)
    if len(recipes) * trial.seconds > spendable_s and _known_spread(run, effects) and not is_first_known:
        return copies
    for i, recipe in enumerate(recipes, start=1):
        is_dear = i * trial.seconds > spendable_s and not is_known(recipe, effects)
        if is_dear or effects.clock.interrupted():
            break
        again = try_recipe(recipe, effects, name=f"seed {i + 1}")
        copies += [again] if again.status == "ok" else []
    return copies


def _known_spread(run: Run, effects: Effects) -> float:
    if effects.n_folds > 1:
        return 0.0
    found = [m.value for stage in run.stages for m in stage.measurements if m.kind == "seed_spread"]
    return found[-1] if found else 0.0


def _known_error(run: Run, effects: Effects, *, seed_spread: float) -> float:
    """The last stage's errors, or that of the ladder's two networks."""
    for stage in reversed(run.stages):
        if errors := [d.error for d in stage.decisions if d.error > 0]:
            return median(errors)
    nets = [t for stage in run.stages for t in stage.ladder if t.recipe is not None and t.status == "ok"]
    if len(nets) < 2 or len(nets[0].fits) != len(nets[1].fits):
        return 0.0
    return effect_of(nets[0], nets[1], run, effects, seed_spread=seed_spread)[1]


def judged(
    change: Change,
    trials: tuple[Trial, Trial],
    run: Run,
    effects: Effects,
    *,
    seed_spread: float,
    n_candidates: int = 1,
) -> Decision:
    """Decide on a change by its two trials, before and after; a failed trial is rejected with its cause.

    Parameters
    ----------
    n_candidates : int >= 1
        How many candidates it is the best of.
    """
    before, after = trials
    if after.status == "failed":
        cause = why_not(effects) if after.cause == OUT_OF_TIME and effects.clock.interrupted() else after.cause
        return Decision(change=change, kept=False, effect=0.0, error=0.0, rule=f"rejected: {cause}")
    effect, error = effect_of(before, after, run, effects, seed_spread=seed_spread)
    return decide.judge(
        change,
        effect=effect,
        error=error,
        n_candidates=n_candidates,
        simpler=_is_simpler(after.recipe, before.recipe),
        losses=(before.train_loss, after.train_loss),
    )


def _is_simpler(after: Recipe | None, before: Recipe | None) -> bool:
    """Whether a tie goes to the changed recipe; never between families, which are not steps of one scale."""
    if after is None or before is None or after.family != before.family:
        return False
    return decide.is_simpler(after, before)


def confirmation_s(trial_s: float, effects: Effects) -> float:
    """Return the seconds to keep back for a stage's confirmation: two trials, or none where time is short."""
    return 2 * trial_s if has_time_for(ENOUGH_TRIALS * trial_s, effects) else 0.0


def fresh_seed(recipe: Recipe, *parts: str | int) -> Recipe:
    """Return the recipe with a seed made from its own and the parts."""
    return dataclasses.replace(recipe, seed=decide.seed_for(recipe.seed, *parts))


def confirm_if_time(
    before: Trial, after: Trial, run: Run, effects: Effects, *, seed_spread: float
) -> Confirmation | None:
    """Confirm a stage from its first and last trial; None where the preset or the time leaves that out."""
    if before.recipe is None or after.recipe is None or run.config.preset == "quick":
        return None
    first_fold = effects.n_folds if effects.n_folds > 1 else 0
    again = [fresh_seed(recipe, "confirm") for recipe in (before.recipe, after.recipe)]
    is_remembered = all(is_known(recipe, effects, first_fold=first_fold) for recipe in again)
    if not (is_remembered or has_time_for(before.seconds + after.seconds, effects)):
        return None
    return confirm_stage(before.recipe, after.recipe, run, effects, seed_spread=seed_spread)


def confirm_stage(start: Recipe, end: Recipe, run: Run, effects: Effects, *, seed_spread: float) -> Confirmation | None:
    """Train a stage's start and end recipe again, with fresh seeds and folds.

    Returns
    -------
    Confirmation or None
        None when nothing changed, or time ended before both were trained.
    """
    if start == end:
        return None
    first_fold = effects.n_folds if effects.n_folds > 1 else 0
    trials = []
    for recipe, name in ((start, "confirm start"), (end, "confirm end")):
        trial = try_recipe(fresh_seed(recipe, "confirm"), effects, name=name, first_fold=first_fold)
        if trial.status == "failed":
            return None
        trials.append(trial)
    effect, error = effect_of(trials[0], trials[1], run, effects, seed_spread=seed_spread)
    return decide.confirm(effect=effect, error=error)
