"""What stages expected and answered, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autorecipe.config import StageName
from autorecipe.ensemble.record import Ensemble
from autorecipe.recipe import Recipe
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.readings import Preflight
from autorecipe.record.trial import Confirmation, Decision, Measurement, Trial

Ended = Literal["done", "budget", "interrupted"]
DiagnosisName = Literal["underfit", "overfit", "good fit", "no signal", "unstable", "cut short"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What a network's curves say, with their errors (docs/recipe.md, H).

    Attributes
    ----------
    reason : str
        The numbers that say so.
    remedy : str
        What is done about it.
    """

    name: DiagnosisName
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """What a stage expected before it began.

    Attributes
    ----------
    available_s, trial_s : float
        Seconds that the stage had, and the predicted seconds of one trial (all folds).
    n_trials : int
        Trials that fit.
    epochs : int
        Most epochs of a candidate; 0 where they were not shortened.
    row_share : float in (0, 1]
        Share of the training rows that candidates learn from.
    detectable_gain : float
        Smallest true gain of the deciding score that would be kept four times out of five.
    whole_trial_s : float
        Predicted seconds of a trial that is not shortened.
    kept_s : float
        Seconds of the stage that were kept back from its trials, and are not among the available ones.
    """

    available_s: float
    trial_s: float
    n_trials: int
    epochs: int = 0
    row_share: float = 1.0
    detectable_gain: float = 0.0
    whole_trial_s: float = 0.0
    kept_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """A change that the user asked for, judged like any other.

    Attributes
    ----------
    base : str
        Key of the recipe that it was compared with.
    score_before : float
        The deciding score of that recipe.
    """

    decision: Decision
    trial: Trial
    base: str = ""
    score_before: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """A stage's answer to its question.

    Attributes
    ----------
    start, end : Recipe or None
        The recipe before and after the stage.
    best : Trial or None
        The trial of `end`.
    ladder : tuple of Trial
        Baselines and models in order of score, worst first (Baseline and Squeeze fill it).
    members : tuple of str
        Keys of the fits that the stage wants in the final model (Squeeze fills it).
    ensemble : Ensemble or None
        Their weights, and what they gain together (Squeeze fills it).
    notes : tuple of str
        Sentences for the reader.
    preflight : Preflight or None
        What the probes measured (Baseline fills it).
    outcomes : tuple of CheckOutcome
        Every training check's verdict.
    findings : tuple of Finding
        What the training checks noticed.
    repairs : tuple of Decision
        Changes that findings asked for, tried and judged; those kept are in `end`.
    diagnosis : Diagnosis or None
        Of `best`, when the stage ended.
    plan : StagePlan or None
        What the stage expected before it began.
    """

    stage: StageName
    question: str
    start: Recipe | None = None
    end: Recipe | None = None
    best: Trial | None = None
    ladder: tuple[Trial, ...] = ()
    trials: tuple[Trial, ...] = ()
    decisions: tuple[Decision, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    confirmation: Confirmation | None = None
    members: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    ended: Ended = "done"
    preflight: Preflight | None = None
    outcomes: tuple[CheckOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Decision, ...] = ()
    diagnosis: Diagnosis | None = None
    plan: StagePlan | None = None
    ensemble: Ensemble | None = None
