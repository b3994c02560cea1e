"""What was trained and measured, and what was decided by it, as plain values."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from autorecipe.change import Change
from autorecipe.recipe import Recipe
from autorecipe.record.network_readings import Internals

TrialStatus = Literal["ok", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One value per epoch.

    Attributes
    ----------
    gradient_norm, peak_gradient_norm : tuple of float
        Mean and largest global norm of the epoch's steps, before clipping.
    """

    train_loss: tuple[float, ...] = ()
    validation_loss: tuple[float, ...] = ()
    learning_rate: tuple[float, ...] = ()
    gradient_norm: tuple[float, ...] = ()
    peak_gradient_norm: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One recipe (or baseline) trained on one fold.

    Attributes
    ----------
    key : str
        Hash of (data fingerprint, recipe, fold): the name of its folder under `trials/`.
    train_loss, validation_loss : float
        Data loss (no penalties) at the epoch that was kept, in the task's loss: log loss in nats, or mean squared
        error of the standardized target (never of its logarithm; those of `history` are in the unit that was learned).
    train_score, validation_score : float
        The deciding metric.
    best_epoch, epochs : int
        The epoch whose weights were kept (from 1), and how many were trained.
    is_cut : bool
        Whether the training was ended early: by the clock, unless `is_interrupted`.
    is_interrupted : bool
        Whether it was the user who ended it.
    setup_s : float
        Seconds of `seconds` that went before the first epoch: building, compiling, fitting the prefix.
    repairs : tuple of str
        What was done to save the training: "epoch 3: the loss was NaN: back to epoch 2, rate 1e-3 -> 1e-4".
    internals : tuple of Internals
        Layer statistics of fold 0, empty on other folds: after epochs 0 and 1, then after each power of two that lies
        at least 500 steps after the last look.
    validation_loss_error : float
        Standard error of the validation loss, by its rows.
    largest_class_share : float
        Share of the validation rows that get the most frequent prediction; 0 for regression.
    chance_loss : float
        Validation loss of predicting the training rows' prior.
    largest_true_share : float
        Share of the most frequent class among the validation rows; 0 for regression.
    gain_over_chance : float or None
        Mean over the validation rows of what a row costs the prior less what it costs the fit; None where not measured.
    gain_error : float
        Standard error of that mean, row by row.
    precision : str
        Keras' dtype policy of the hidden layers while they were trained; their weights are float32 always.
    smearing : float > 0
        What the exponential of the outputs is multiplied by, where the logarithm of the target was learned; else 1.
    """

    key: str
    fold: int
    status: TrialStatus = "ok"
    cause: str = ""
    seconds: float = 0.0
    train_loss: float = 0.0
    validation_loss: float = 0.0
    train_score: float = 0.0
    validation_score: float = 0.0
    best_epoch: int = 0
    epochs: int = 0
    steps: int = 0
    n_parameters: int = 0
    is_cut: bool = False
    is_interrupted: bool = False
    setup_s: float = 0.0
    repairs: tuple[str, ...] = ()
    internals: tuple[Internals, ...] = ()
    validation_loss_error: float = 0.0
    largest_class_share: float = 0.0
    chance_loss: float = 0.0
    largest_true_share: float = 0.0
    gain_over_chance: float | None = None
    gain_error: float = 0.0
    precision: str = "float32"
    smearing: float = 1.0
    history: History = field(default_factory=History)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One recipe trained on one or more folds (`recipe` is None for a baseline)."""

    name: str
    recipe: Recipe | None
    fits: tuple[Fit, ...]

    @property
    def status(self) -> TrialStatus:
        """Whether every fold was trained."""
        return "ok" if self.fits and all(f.status == "ok" for f in self.fits) else "failed"

    @property
    def is_cut(self) -> bool:
        """Whether the training of some fold was ended early."""
        return any(f.is_cut for f in self.fits)

    @property
    def is_interrupted(self) -> bool:
        """Whether it was the user who ended the training of some fold."""
        return any(f.is_interrupted for f in self.fits)

    @property
    def cause(self) -> str:
        """Why the first failing fold failed; "" when none did."""
        return next((f.cause for f in self.fits if f.status == "failed"), "")

    @property
    def train_loss(self) -> float:
        """Mean over the folds."""
        return _mean([f.train_loss for f in self.fits])

    @property
    def validation_loss(self) -> float:
        """Mean over the folds."""
        return _mean([f.validation_loss for f in self.fits])

    @property
    def train_score(self) -> float:
        """Mean over the folds of the deciding metric."""
        return _mean([f.train_score for f in self.fits])

    @property
    def validation_score(self) -> float:
        """Mean over the folds of the deciding metric."""
        return _mean([f.validation_score for f in self.fits])

    @property
    def gain_over_chance(self) -> float | None:
        """Mean over the folds of the gain over the prior; None when some fold's is not known."""
        gains = [f.gain_over_chance for f in self.fits if f.gain_over_chance is not None]
        return _mean(gains) if gains and len(gains) == len(self.fits) else None

    @property
    def gain_error(self) -> float:
        """Standard error of the gain over the prior, whose folds have no row in common."""
        return math.hypot(*(f.gain_error for f in self.fits)) / max(len(self.fits), 1)

    @property
    def seconds(self) -> float:
        """Seconds of training, all folds together."""
        return sum(f.seconds for f in self.fits)

    @property
    def n_parameters(self) -> int:
        """Trainable parameters of one network."""
        return max((f.n_parameters for f in self.fits), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a stage measured besides its trials.

    Attributes
    ----------
    kind : str
        "seed_spread", "learning_curve".
    text : str
        A sentence for the reader; "" when there is nothing to say.
    """

    kind: str
    value: float
    text: str = ""
    curve: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Keep or reject a change.

    Attributes
    ----------
    effect : float
        Gain of the deciding metric; positive is better whatever the metric's direction.
    error : float
        One standard error of the effect.
    rule : str
        The rule that decided, with its numbers.
    train_loss_before, train_loss_after : float
        Shown where a stage decides on training loss.
    n_tried : int
        How many candidates the winner was chosen from.
    """

    change: Change
    kept: bool
    effect: float
    error: float
    rule: str
    train_loss_before: float = 0.0
    train_loss_after: float = 0.0
    n_tried: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A stage's start and end recipe, trained again with fresh seeds."""

    effect: float
    error: float
    confirmed: bool
    rule: str


def _mean(values: list[float]) -> float:
    """Mean of the numbers that are defined: a score may not be, on a fold with rows of one class alone."""
    known = [v for v in values if not math.isnan(v)]
    return sum(known) / len(known) if known else math.nan
