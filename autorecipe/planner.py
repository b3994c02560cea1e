"""How many trials fit into a stage's seconds, and how they are shortened when too few do."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from autorecipe.decide import unsigned
from autorecipe.recipe import Recipe
from autorecipe.record.stage import StagePlan
from autorecipe.record.trial import Trial
from autorecipe.trial_cost import predicted_s

MIN_TRIALS = 4  # candidates that a stage wants to try before it shortens them; choice: fewer are hardly a search
TIME_MARGIN = 1.2  # a trial is started when 1.2 times its predicted seconds are left; choice
MORE_TIME = 1.1  # a plan is made anew when there are so many times the seconds that it was made for; choice
FEWEST_EPOCHS = 5  # of a shortened trial: recipe rule E2
SEEDS_SHARE = 0.3  # of a stage's time, at most, goes into measuring the noise; choice
ROW_SHARES = (1.0, 0.5, 0.25, 0.125)  # of the training rows, tried in this order
LEAST_ROWS = 2_000  # that a shortened trial learns from; choice: as many as make one split enough to decide on

PARTS = {0.5: "half", 0.25: "a quarter", 0.125: "an eighth"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a stage may spend.

    Attributes
    ----------
    available_s : float
        Seconds for its trials.
    kept_s : float
        Seconds that it has besides, and keeps back from them.
    n_wanted : int
        Candidates that it would try with time enough.
    n_folds, n_train : int
        Folds of a trial, and training rows of one.
    n_seeds : int
        Trials besides the candidates, as long as these, that measure the noise.
    image : tuple of int
        (height, width, channels) of images; empty for tables.
    may_shorten : bool
        False where the plan is fixed (the quick preset).
    """

    available_s: float
    n_wanted: int
    n_folds: int
    n_train: int
    n_seeds: int = 0
    kept_s: float = 0.0
    image: tuple[int, ...] = ()
    may_shorten: bool = True


def plan_stage(
    reference: Trial,
    known: Sequence[Trial],
    allowance: Allowance,
    *,
    candidates: Sequence[Recipe] = (),
    recorded: StagePlan | None = None,
) -> StagePlan:
    """Return how many trials fit into a stage's seconds, shortened when fewer than `MIN_TRIALS` do.

    First their epochs are shortened, to no fewer than the best epoch seen; then they learn from a share of the rows.
    The largest that fits is taken. Of the seconds, those of the shortened reference, of the seeds that measure the
    noise and of one whole trial at the end are kept back. When not even the shortest fits, nothing is shortened.

    Parameters
    ----------
    reference : Trial
        The stage's start.
    known : sequence of Trial
        Trials so far, from which seconds are predicted.
    allowance : Allowance
    candidates : sequence of Recipe
        What will be tried, as far as it is known; by default recipes like the reference's.
    recorded : StagePlan or None
        What the stage had planned before it was broken off: it holds, unless there is more time now.

    Raises
    ------
    ValueError
        When the reference is a baseline.
    """
    if reference.recipe is None:
        raise ValueError(f"'{reference.name}' is a baseline, not a network to plan for")
    if recorded is not None and _is_enough(recorded, allowance):
        return recorded
    cost = _Cost(
        reference=reference.recipe, recipes=tuple(candidates) or (reference.recipe,), known=known, allowance=allowance
    )
    whole = cost.plan(epochs=0, row_share=1.0)
    enough = min(MIN_TRIALS, allowance.n_wanted)
    if whole.n_trials >= enough or not allowance.may_shorten:
        return whole
    fewest = min(max(FEWEST_EPOCHS, *(fit.best_epoch for fit in reference.fits)), reference.recipe.epochs)
    for share in ROW_SHARES:
        is_small = share < 1 and share * allowance.n_train < LEAST_ROWS
        if not is_small and (epochs := cost.most_epochs(fewest, row_share=share, n_trials=enough)):
            return cost.plan(epochs=epochs, row_share=share)
    return whole


def is_shortened(plan: StagePlan) -> bool:
    """Whether a stage's candidates are shorter than its start."""
    return plan.epochs > 0 or plan.row_share < 1.0


def shortened(recipe: Recipe, plan: StagePlan) -> Recipe:
    """Return a recipe with the plan's epochs and share of the rows, where these are less than its own."""
    epochs = min(recipe.epochs, plan.epochs) if plan.epochs else recipe.epochs
    return dataclasses.replace(recipe, epochs=epochs, row_share=min(recipe.row_share, plan.row_share))


def plan_text(plan: StagePlan, *, unit: str = "", n_tried: int = 0, n_first: int = 0) -> str:
    """Say what a stage expects, and where that was no trial of the usual length, how many shorter ones it tried.

    Parameters
    ----------
    unit : str
        What gains are measured in ("ROC AUC").
    n_tried : int
        Trials so far.
    n_first : int
        Trials that the stage made before it planned.

    Examples
    --------
    >>> plan_text(StagePlan(available_s=45.0, trial_s=3.0, n_trials=14, detectable_gain=0.0041))
    'about 14 trials of 3 s each; gains below 0.0041 cannot be told from noise here'
    """
    if plan.n_trials < 1 and n_tried:
        text = f"no time for trials of the {_seconds(plan.trial_s)} expected on average: tried {n_tried} that take less"
    elif plan.n_trials < 1:
        further = "further " if n_first else ""
        text = f"no time for a {further}trial of {_seconds(plan.trial_s)}{after_first(n_first)}"
    else:
        text = f"about {plan.n_trials} trial{'s' if plan.n_trials > 1 else ''} of {_seconds(plan.trial_s)}"
        text += " each" if plan.n_trials > 1 else ""
    if is_shortened(plan):
        rows = f"on {PARTS.get(plan.row_share, f'{plan.row_share:.0%}')} of the rows" if plan.row_share < 1 else ""
        epochs = f"{plan.epochs} epochs each" if plan.epochs else ""
        text += f", {', '.join(part for part in (rows, epochs) if part)}"
        text += f", because a whole trial takes {_seconds(plan.whole_trial_s)}"
    if plan.detectable_gain > 0:
        measured = f" ({unit})" if unit else ""
        text += f"; gains below {unsigned(plan.detectable_gain)}{measured} cannot be told from noise here"
    return text


def after_first(n_first: int) -> str:
    """Say that trials were made before a stage planned; "" where none was.

    >>> after_first(6)
    ' after the 6 that come first'
    """
    if n_first == 1:
        return " after the one that comes first"
    return f" after the {n_first} that come first" if n_first else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cost:
    """What the candidates of a stage cost."""

    reference: Recipe
    recipes: tuple[Recipe, ...]
    known: Sequence[Trial]
    allowance: Allowance

    def plan(self, *, epochs: int, row_share: float) -> StagePlan:
        """Return the plan with candidates of that length."""
        allowed = self.allowance
        plan = StagePlan(available_s=allowed.available_s, trial_s=0.0, n_trials=0, epochs=epochs, row_share=row_share)
        whole_s = self._mean_s(self.recipes)
        trial_s = self._mean_s([shortened(recipe, plan) for recipe in self.recipes])
        reference_s = self._mean_s([shortened(self.reference, plan)])
        kept_s = min(allowed.n_seeds * reference_s, SEEDS_SHARE * allowed.available_s)
        kept_s += whole_s + reference_s if is_shortened(plan) else 0.0
        n_fit = (allowed.available_s - kept_s) / trial_s - (TIME_MARGIN - 1) if trial_s > 0 else math.inf
        n_trials = int(max(0.0, min(n_fit, allowed.n_wanted)))
        return dataclasses.replace(
            plan, trial_s=trial_s, n_trials=n_trials, whole_trial_s=whole_s, kept_s=allowed.kept_s
        )

    def most_epochs(self, fewest: int, *, row_share: float, n_trials: int) -> int:
        """Return the most epochs with which so many candidates fit; 0 when not even the fewest do."""
        low, high = fewest - 1, self.reference.epochs
        while low < high:
            middle = (low + high + 1) // 2
            if self.plan(epochs=middle, row_share=row_share).n_trials >= n_trials:
                low = middle
            else:
                high = middle - 1
        return low if low >= fewest else 0

    def _mean_s(self, recipes: Iterable[Recipe]) -> float:
        allowed = self.allowance
        return fmean(
            predicted_s(r, self.known, n_folds=allowed.n_folds, n_train=allowed.n_train, image=allowed.image)
            for r in recipes
        )


def _is_enough(recorded: StagePlan, allowance: Allowance) -> bool:
    """Whether a plan was made for about the time that there is; what a later clock no longer keeps back is not more."""
    available_s = allowance.available_s + allowance.kept_s - recorded.kept_s
    return available_s <= MORE_TIME * recorded.available_s


def _seconds(seconds: float) -> str:
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:,.0f} s"
