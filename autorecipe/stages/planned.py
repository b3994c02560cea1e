"""What the searching stages share: a plan at their start, candidates of equal length, a whole trial at their end."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from autorecipe import decide
from autorecipe.config import StageName
from autorecipe.effects import Effects
from autorecipe.metrics.choose import metric_named
from autorecipe.planner import Allowance, after_first, is_shortened, plan_stage, plan_text, shortened
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import StagePlan, StageResult
from autorecipe.record.trial import Trial
from autorecipe.row_words import said_of
from autorecipe.stages.portfolio import image_of, trial_s
from autorecipe.stages.trials import (
    N_SPREAD_SEEDS,
    OUT_OF_TIME,
    effect_of,
    has_time_for,
    is_known,
    measure_noise,
    try_recipe,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a stage would try with time enough.

    Attributes
    ----------
    n_trials : int
        Candidates.
    recipes : tuple of Recipe
        Some of them, from which their seconds are predicted; by default they are like the start.
    kept_s : float
        Seconds that are kept back from them.
    """

    stage: StageName
    n_trials: int
    recipes: tuple[Recipe, ...] = ()
    kept_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a stage begins.

    Attributes
    ----------
    start : Trial
        What the stage before ended with.
    reference : Trial
        What candidates are held against: the start, or the start as short as they are.
    is_interrupted : bool
        Whether the user wished to stop before the first candidate.
    """

    plan: StagePlan
    start: Trial
    reference: Trial
    seed_spread: float
    is_interrupted: bool = False

    @property
    def is_short(self) -> bool:
        """Whether candidates are shorter than the start."""
        return is_shortened(self.plan)

    def candidate(self, recipe: Recipe) -> Recipe:
        """Return a recipe as long as candidates are."""
        return shortened(recipe, self.plan)

    def notes(self, run: Run, *, n_tried: int, n_first: int = 0) -> tuple[str, ...]:
        """Say what was expected, and what happened, `n_first` trials that were made before apart."""
        if self.is_interrupted:
            before = "a further" if n_first else "the first"
            return (f"interrupted before {before} trial",) if n_tried == 0 else (f"tried {n_tried}",)
        expected = _plan_text(self.plan, run, n_tried=n_tried, n_first=n_first)
        if self.plan.n_trials < 1:
            return (expected,)
        return (expected, f"tried {n_tried} of about {max(self.plan.n_trials, n_tried)}{after_first(n_first)}")


def open_stage(wanted: Wanted, start: Trial, run: Run, effects: Effects) -> Opening:
    """Plan a stage, train its reference, and measure the noise; the plan is kept and told before the first candidate.

    Raises
    ------
    ValueError
        When the start is a baseline.
    """
    if start.recipe is None:
        raise ValueError(f"'{start.name}' is a baseline, not a network to start from")
    allowance = Allowance(
        available_s=max(0.0, effects.clock.left_s() - wanted.kept_s),
        n_wanted=wanted.n_trials,
        n_folds=effects.n_folds,
        n_train=run.split.n_train,
        n_seeds=N_SPREAD_SEEDS - 1 if effects.n_folds == 1 else 0,
        kept_s=wanted.kept_s,
        image=image_of(run),
        may_shorten=run.config.preset != "quick",
    )
    recorded = effects.store.plan(wanted.stage)
    plan = plan_stage(start, networks_of(run), allowance, candidates=wanted.recipes, recorded=recorded)
    _keep_plan(wanted.stage, plan, effects)
    reference = _reference(start, plan, effects)
    if is_shortened(plan) and reference.status == "failed":
        plan, reference = dataclasses.replace(plan, n_trials=0, epochs=0, row_share=1.0), start
    noise = measure_noise(reference, run, effects)
    gain = decide.smallest_detectable_gain(noise.error)
    plan = dataclasses.replace(plan, detectable_gain=gain)
    _keep_plan(wanted.stage, plan, effects)
    if plan.n_trials:
        effects.store.event("plan", _plan_text(plan, run))
    return Opening(
        plan=plan,
        start=start,
        reference=reference,
        seed_spread=noise.seed_spread,
        is_interrupted=effects.clock.interrupted(),
    )


def _keep_plan(stage: StageName, plan: StagePlan, effects: Effects) -> None:
    if not effects.clock.interrupted():  # a plan beside a network that was cut short would bind the next session
        effects.store.save_plan(stage, plan)


def _plan_text(plan: StagePlan, run: Run, *, n_tried: int = 0, n_first: int = 0) -> str:
    unit = metric_named(run.deciding_metric, run.schema.task).title
    said = plan_text(plan, unit=unit, n_tried=n_tried, n_first=n_first)
    return said_of(run.schema.modality, said)


def networks_of(run: Run) -> tuple[Trial, ...]:
    """Return the networks that a run has trained so far."""
    found = (t for stage in run.stages for t in (*stage.ladder, *stage.trials, *([stage.best] if stage.best else [])))
    return tuple({tuple(f.key for f in t.fits): t for t in found if t.recipe is not None and t.fits}.values())


def has_time_to_try(
    recipe: Recipe, opening: Opening, run: Run, effects: Effects, *, tried: tuple[Trial, ...] = (), kept_s: float = 0.0
) -> bool:
    """Tell whether a candidate fits into what is left, and with it, where it is short, a whole trial at the end.

    Parameters
    ----------
    recipe : Recipe
        Not shortened.
    tried : tuple of Trial
        The stage's trials so far.
    kept_s : float
        Seconds that are kept back for something else.
    """
    known = (*networks_of(run), opening.reference, *tried)
    short = opening.candidate(recipe)
    wanted = [short, recipe] if opening.is_short else [short]
    recipes = [r for r in wanted if not is_known(r, effects)]
    if not recipes:
        return not effects.clock.interrupted()
    needed_s = sum(trial_s(r, known, run) for r in recipes)
    return has_time_for(needed_s + kept_s, effects)


def train_whole(recipe: Recipe, opening: Opening, run: Run, effects: Effects) -> tuple[Trial, str]:
    """Train what shortened trials have kept, whole: it stands unless it is worse than the start by more than its error.

    Returns
    -------
    trial : Trial
        The recipe's, or the start's.
    note : str
        What happened; "" when nothing had changed.
    """
    start = opening.start
    if recipe == start.recipe:
        return start, ""
    trial = try_recipe(recipe, effects, name="trained whole")
    if trial.status == "failed":
        return start, f"what was kept could not be trained whole ({trial.cause}): the start stands"
    effect, error = effect_of(start, trial, run, effects, seed_spread=opening.seed_spread)
    numbers = f"{decide.signed(effect)}, error {decide.unsigned(error)}"
    if effect >= -error:
        return trial, f"what was kept was trained whole: {numbers}"
    return start, f"what was kept is worse when trained whole ({numbers}): the start stands"


def without_signal(stage: StageName, question: str, run: Run) -> StageResult | None:
    """Return the result of a stage that has nothing to do, as the inputs say nothing of the target; else None."""
    before = run.stages[-1] if run.stages else None
    if before is None or before.diagnosis is None or before.diagnosis.name != "no signal":
        return None
    first = next(result.stage for result in run.stages if result.diagnosis == before.diagnosis)
    return StageResult(
        stage=stage,
        question=question,
        start=run.recipe,
        end=run.recipe,
        best=run.best,
        notes=(f"nothing to do: no signal, as {first.capitalize()} says",),
        diagnosis=before.diagnosis,
    )


def failures_note(trials: tuple[Trial, ...]) -> tuple[str, ...]:
    """Say how many trials of a stage failed, with the first cause; time that ended is none."""
    causes = [trial.cause for trial in trials if trial.status == "failed" and trial.cause != OUT_OF_TIME]
    if any(trial.status == "ok" for trial in trials):
        said = f"{len(causes)} of {len(trials)} trials could not be trained"
        return (f"{said} (first: {causes[0]}): the others decide",) if causes else ()
    if not trials:
        return ()
    if len(trials) == 1:
        return (f"the one trial could not be trained ({trials[0].cause}): the start stands",)
    return (f"none of the {len(trials)} trials could be trained (first: {trials[0].cause}): the start stands",)


def _reference(start: Trial, plan: StagePlan, effects: Effects) -> Trial:
    if start.recipe is None or shortened(start.recipe, plan) == start.recipe:
        return start
    return try_recipe(shortened(start.recipe, plan), effects, name=f"{start.name}, shortened")
