"""Where things happen, as narrow protocols: training, searching, the clock, the disk.

Stages see only these. Values, paths and hashes cross the seam; models and arrays stay behind it. Tests pass fakes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from autorecipe.backbones import ReadyBackbone
from autorecipe.config import StageName
from autorecipe.ensemble.record import Ensemble
from autorecipe.recipe import Recipe, Value
from autorecipe.record.readings import NotMeasured, Reading
from autorecipe.record.run import Run
from autorecipe.record.stage import StagePlan
from autorecipe.record.trial import Fit, Trial

BaselineName = Literal["constant", "linear", "gradient_boosting"]
ProbeName = Literal[
    "inputs",
    "head",
    "layout",
    "loss_at_start",
    "loss_with_prior_bias",
    "duplication",
    "cross_talk",
    "internals",
    "tiny_batch",
    "controls",
    "rate_range",
    "parity",
    "evaluation",
    "augmentation",
]
Sampling = Literal["linear", "log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One dimension of a search space: a field of the recipe and its range or choices.

    Attributes
    ----------
    field : str
        Name of a field of `Recipe`.
    choices : tuple of values
        When not empty, the values to choose from; otherwise `low` <= value <= `high`.
    """

    field: str
    choices: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    sampling: Sampling = "linear"


class Clock(Protocol):
    """The time that is left."""

    def now_s(self) -> float:
        """Seconds that this run has used so far, imports and earlier sessions included."""

    def left_s(self) -> float:
        """Seconds left to whoever holds this clock (a stage's clock ends before the run's)."""

    def interrupted(self) -> bool:
        """Whether the user asked to stop searching and finish."""


class Trainer(Protocol):
    """Trains and measures; every fit is memoised, so asking again returns what was found."""

    def fit(self, recipe: Recipe, fold: int, *, n_more: int | None = None) -> Fit:
        """Train a recipe on one fold; a failure is a Fit with its cause, never an exception.

        With `n_more` networks that must be trained after it, it has its share of what is left, and a moment anyway.
        """

    def knows(self, recipe: Recipe, fold: int) -> bool:
        """Tell whether `fit` would answer from memory."""

    def baseline(self, name: BaselineName, fold: int) -> Fit:
        """Train a baseline on one fold."""

    def probe(self, kind: ProbeName, recipe: Recipe) -> Reading | NotMeasured:
        """Measure one property of a recipe's network before it is trained; its field in `Preflight` has that name.

        "augmentation" is none of them: it is measured of the network as it was trained on the first fold.
        """

    def ready_backbone(self, backbone: str, *, may_download: bool) -> ReadyBackbone:
        """Make the weights of a pretrained backbone ready, or say why they cannot be."""

    def row_error(self, before: Trial, after: Trial) -> float:
        """Standard error of the difference of two trials' deciding scores, by a paired bootstrap of rows."""

    def blend(self, trials: tuple[Trial, ...], name: str) -> Trial:
        """Average the validation predictions of trials on the same folds, and score the averages."""

    def weigh(self, trials: tuple[Trial, ...], *, in_order: bool = False) -> Ensemble:
        """Choose, by their predictions out of fold, trials of the same folds that predict best together.

        With `in_order` time goes forward: what is chosen on early rows is measured on later ones.
        """

    def serving_rate(self, trial: Trial) -> float:
        """Return how many rows a second one network of a trial predicts; 0 where it cannot be measured."""


class Searcher(Protocol):
    """Searches a space of recipes."""

    def search(self, space: tuple[Knob, ...], start: Recipe, *, max_trials: int, clock: Clock) -> tuple[Trial, ...]:
        """Return the trials tried, the start first, in the order tried; stop when the clock is at its end."""


class Store(Protocol):
    """Keeps what is known."""

    def save(self, run: Run) -> None:
        """Write `run.json` and what belongs to it, atomically."""

    def event(self, kind: str, text: str) -> None:
        """Append one line to the journal and show it."""

    def plan(self, stage: StageName) -> StagePlan | None:
        """Return what a stage had planned before it was broken off; None when it has not begun, or has ended."""

    def save_plan(self, stage: StageName, plan: StagePlan) -> None:
        """Keep a stage's plan until its result is saved, and longer where the user interrupted it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The four seams, together."""

    trainer: Trainer
    searcher: Searcher
    clock: Clock
    store: Store
    n_folds: int
    max_tuner_trials: int
    has_gpu: bool = False
