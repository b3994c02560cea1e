"""What is measured of a network before and while it is trained: plain values, taken by probes.

A probe (see `autorecipe.effects.Trainer.probe`) returns one reading; its name is the name of a field of `Preflight`,
but for the one of a trained network (`AugmentationReading`).
"""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.record.network_readings import HeadReading, InputsReading, Internals, LayoutReading, StartReading

Curve = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicationReading:
    """The loss of a batch that is repeated: (factor, loss), the factor 1 first."""

    losses: Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossTalkReading:
    """How far one row's output depends on other rows of its batch, in inference mode.

    Attributes
    ----------
    largest_share : float
        Largest gradient of a row's outputs by another row's inputs, over the largest by its own.
    """

    largest_share: float
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TinyBatchReading:
    """Can the network memorise a few rows, without regularization?

    Attributes
    ----------
    limit : float
        Loss at which they count as memorised.
    accuracy : float
        1 for regression.
    n_steps : int
        Steps until the limit was reached; 0 when it never was.
    curve : tuple of (step, loss)
    """

    n_rows: int
    start: float
    best: float
    limit: float
    accuracy: float
    n_steps: int
    curve: Curve = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlsReading:
    """Validation losses of the same short training on real rows, on zeroed inputs and on shuffled targets.

    Gains are means over validation rows of (control's loss - loss), with their standard errors.

    Attributes
    ----------
    gain_over_zeroed, zeroed_error : float
        Of the real training over the one on zeroed inputs.
    gain_over_chance, chance_error : float
        Of the real training over predicting the prior.
    shuffled_gain, shuffled_error : float
        Of the training on shuffled targets over predicting the prior, judged on rows with their true targets.
    """

    gain_over_zeroed: float
    zeroed_error: float
    gain_over_chance: float
    chance_error: float
    shuffled_gain: float
    shuffled_error: float
    n_validation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateReading:
    """The learning-rate range test.

    Attributes
    ----------
    largest_fall : float
        Share by which the smoothed loss fell below its start.
    diverged_at : float or None
        Rate at which the sweep was cut.
    curve : tuple of (rate, smoothed loss)
    """

    chosen: float
    default: float
    largest_fall: float
    diverged_at: float | None = None
    curve: Curve = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityReading:
    """Does the network answer the same twice, after it was saved, and in training as in inference?

    Attributes
    ----------
    repeat_difference, reload_difference : float
        Largest difference of two predictions of the same rows, before and after saving and loading.
    train_mode_loss, inference_mode_loss : float
        Of the same rows after a short training.
    n_epochs : float
        Length of that training in passes over the rows.
    not_saved : str
        Why the network cannot be saved and loaded; "" where it can.
    """

    repeat_difference: float
    reload_difference: float
    train_mode_loss: float
    inference_mode_loss: float
    n_epochs: float
    not_saved: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReading:
    """Is the metric computed as it should be?

    Attributes
    ----------
    constant_score, expected_score : float
        Of the constant prediction: as computed, and by its formula.
    sorted_difference : float
        Between the score of rows as they are and of rows sorted by their target.
    """

    metric: str
    constant_score: float
    expected_score: float
    sorted_difference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentedScore:
    """The score on images that were changed in one way, by a field of the recipe and its strength."""

    field: str
    strength: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentationReading:
    """Does a trained network still know images that were changed as augmentation would change them?

    Attributes
    ----------
    plain_score : float
        Accuracy on validation images as they are; of a regression the share of the variance that is explained.
    augmented : tuple of AugmentedScore
        The same on the same images, changed.
    n_rows : int
        Images looked at.
    """

    plain_score: float
    augmented: tuple[AugmentedScore, ...]
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What was measured before the budget is spent; a probe's name is the name of its field here."""

    inputs: InputsReading | None = None
    head: HeadReading | None = None
    layout: LayoutReading | None = None
    loss_at_start: StartReading | None = None
    loss_with_prior_bias: StartReading | None = None
    duplication: DuplicationReading | None = None
    cross_talk: CrossTalkReading | None = None
    internals: Internals | None = None
    tiny_batch: TinyBatchReading | None = None
    controls: ControlsReading | None = None
    rate_range: RateReading | None = None
    parity: ParityReading | None = None
    evaluation: EvaluationReading | None = None


Reading = (
    InputsReading
    | HeadReading
    | LayoutReading
    | StartReading
    | DuplicationReading
    | CrossTalkReading
    | Internals
    | TinyBatchReading
    | ControlsReading
    | RateReading
    | ParityReading
    | EvaluationReading
    | AugmentationReading
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMeasured:
    """A probe that failed, with its cause."""

    cause: str
