"""All that is known about one network, for training checks to judge.

A reading that is None was not taken, and the checks that need it are skipped.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from autorecipe.config import Modality, Task
from autorecipe.record.readings import Preflight
from autorecipe.record.trial import Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A baseline's losses (log loss, or mean squared error in standard deviations), beside which a network stands.

    Attributes
    ----------
    gain : float or None
        Mean over the validation rows of all folds of what a row costs the prior less what it costs the baseline.
    gain_error : float
        Standard error of that mean, row by row.
    """

    name: str
    train_loss: float
    validation_loss: float
    gain: float | None = None
    gain_error: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about the network and its rows without measuring.

    Attributes
    ----------
    starts_at_prior : bool or None
        Whether the loss before training should equal the prior's; None for a model of the user's.
    suits_rate_test : bool
    edges : tuple of str
        Knobs whose best value lies at the end of what was searched.
    modality : str
        What a row is: of a table, or an image.
    """

    task: Task
    n_classes: int
    n_train: int
    n_validation: int
    learning_rate: float
    batch_size: int
    optimizer: str
    starts_at_prior: bool | None = None
    suits_rate_test: bool = True
    edges: tuple[str, ...] = ()
    modality: Modality = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanLosses:
    """A network's losses, and that of predicting the prior, as means over its folds.

    Attributes
    ----------
    error : float
        Standard error of the mean validation loss, by its rows.
    """

    train: float
    validation: float
    error: float
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingReading:
    """How a network was trained on one fold.

    Attributes
    ----------
    fit : Fit
        With its history (losses and gradient norms per epoch), internals, repairs, and its cause where it failed.
    epochs, patience : int
        Allowed; patience 0 for none.
    chance_loss : float
        Validation loss of predicting the prior.
    largest_true_share : float
        Share of the most frequent class among the validation rows; 0 for regression.
    floor : float or None
        Loss that conflicting rows make unavoidable.
    gain : float or None
        Mean over the validation rows of all folds of what a row costs the prior less what it costs the network; None
        where it was not measured row by row.
    gain_error : float
        Standard error of that mean, row by row.
    n_folds : int
        Folds that the network was trained on; `fit` and the rivals' losses are of the first.
    mean : MeanLosses or None
        Its losses over all folds; None where they are those of `fit`.
    """

    fit: Fit
    epochs: int
    patience: int
    chance_loss: float
    largest_true_share: float = 0.0
    floor: float | None = None
    rivals: tuple[Rival, ...] = ()
    gain: float | None = None
    gain_error: float = 0.0
    n_folds: int = 1
    mean: MeanLosses | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is known about one network."""

    facts: Facts
    preflight: Preflight = field(default_factory=Preflight)
    training: TrainingReading | None = None
