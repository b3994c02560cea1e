"""What the curves of a training show: is it learning, does it swing, has the validation turned?"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.verdicts import figure
from autorecipe.evidence import Evidence, Rival, TrainingReading
from autorecipe.record.network_readings import Internals, LayerReading

FALL_LIMIT = 0.98  # of what ignorance costs; choice
BUDGET_SHARE = 0.1  # of the epochs allowed, after which a loss must have fallen; choice (AutoTrainer: 30 %)
SMOOTHING = 0.5  # weight of the newest epoch in the moving average: about three epochs
WINDOW = 10  # epochs in which swings are looked for; choice
SWING_LIMIT = 3.0  # validation's standard deviation over its sampling error; choice
UP_SHARE_LIMIT = 0.4  # of epochs in which the smoothed training loss rises; choice
TURN_SHARE = 0.2  # of the epochs that lie behind the best one; choice
ERRORS = 2.0  # standard errors that count as clear; choice
CHANCE_RIVAL = "constant"  # the baseline that is chance itself
STILL_FALLING = 0.001  # of the loss, per epoch of the last quarter; choice
MIN_STEPS = 50  # optimizer steps, before which nothing is said about a loss that has not fallen; choice
NAN_WORDS = ("nan", "inf", "infinite", "infinity", "non-finite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """How far the validation loss swings in its last epochs.

    Attributes
    ----------
    ratio : float
        Standard deviation of the last validation losses over their sampling error.
    up_share : float
        Share of those epochs in which the smoothed training loss rose.
    """

    ratio: float
    up_share: float

    @property
    def is_wide(self) -> bool:
        """Whether the training swings rather than falls."""
        return self.ratio > SWING_LIMIT and self.up_share > UP_SHARE_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The validation loss at its best and at the end, and the training loss at both."""

    best_epoch: int
    epochs: int
    best: float
    last: float
    error: float
    train_at_best: float
    train_at_end: float

    @property
    def has_turned(self) -> bool:
        """Whether validation rose beyond its errors, long ago, while the training loss went on falling."""
        is_long_ago = self.epochs - self.best_epoch >= TURN_SHARE * self.epochs
        return is_long_ago and self.last > self.best + ERRORS * self.error and self.train_at_end < self.train_at_best


def training_of(evidence: Evidence) -> TrainingReading:
    """Return how the network was trained.

    Raises
    ------
    NotApplicable
        When it was not trained.
    """
    if evidence.training is None:
        raise NotApplicable("not trained yet")
    return evidence.training


def trained(evidence: Evidence) -> TrainingReading:
    """Return how the network was trained.

    Raises
    ------
    NotApplicable
        When it was not trained, or the training failed.
    """
    training = training_of(evidence)
    if training.fit.status == "failed":
        raise NotApplicable("the training failed")
    if not training.fit.history.train_loss:
        raise NotApplicable("no epoch was trained")
    return training


def smoothed(values: Sequence[float]) -> tuple[float, ...]:
    """Return the moving average of the finite values among a curve's.

    >>> smoothed([4.0, 2.0, 1.0])
    (4.0, 3.0, 2.0)
    """
    out: list[float] = []
    for value in values:
        if math.isfinite(value):
            out.append(value if not out else out[-1] + SMOOTHING * (value - out[-1]))
    return tuple(out)


def chance(evidence: Evidence, training: TrainingReading) -> float:
    """Return what knowing the prior alone costs, or the first loss seen where that is not known."""
    start = evidence.preflight.loss_at_start
    known = (training.chance_loss, start.prior if start else math.nan, *training.fit.history.train_loss)
    return next((value for value in known if math.isfinite(value) and value > 0), math.nan)


def is_falling(evidence: Evidence) -> bool:
    """Whether the training loss, or the validation loss, fell below what ignorance costs."""
    training = training_of(evidence)
    limit, history = FALL_LIMIT * chance(evidence, training), training.fit.history
    train, validation = smoothed(history.train_loss), smoothed(history.validation_loss)
    return math.isnan(limit) or min((*train, *validation), default=math.inf) < limit


def is_under_way(evidence: Evidence) -> bool:
    """Whether the training loss fell clearly from its own start, and fell still when training ended."""
    training, before = training_of(evidence), evidence.preflight
    start = before.loss_with_prior_bias if evidence.facts.starts_at_prior else before.loss_at_start
    losses = [loss for loss in training.fit.history.train_loss if math.isfinite(loss)]
    if len(losses) < 2:
        return False
    n_recent, calm = max(len(losses) // 4, 1), smoothed(losses)
    rises = sum(after > before for before, after in itertools.pairwise(calm)) / (len(calm) - 1)
    falls_still = losses[-1] < (1 - STILL_FALLING * n_recent) * losses[-1 - n_recent]
    # a first step that blew the weights up is no start from which to fall
    limit = FALL_LIMIT * min(calm[0], start.value if start is not None else math.inf)
    return falls_still and rises <= UP_SHARE_LIMIT and calm[-1] == min(calm) and calm[-1] < limit


def has_few_steps(training: TrainingReading) -> bool:
    """Whether training ended, before its patience did, after so few steps that no loss could have fallen."""
    is_ended = training.fit.is_cut or len(training.fit.history.train_loss) >= training.epochs
    return is_ended and 0 < training.fit.steps < MIN_STEPS


def is_clearly_better_than_chance(known: TrainingReading | Rival, training: TrainingReading) -> bool:
    """Whether the network, or a rival of it, predicts new rows better than the prior does, beyond two errors.

    The error is that of the difference row by row. Where that was not measured, a fall of 2 % counts: the error of the
    loss says how far rows lie apart, which for rare classes is more than all that can be gained.
    """
    if known.gain is not None:
        return known.gain > ERRORS * known.gain_error
    loss = known.validation_loss if isinstance(known, Rival) else known.fit.validation_loss
    return loss < FALL_LIMIT * training.chance_loss


def rivals_above_chance(training: TrainingReading) -> tuple[Rival, ...]:
    """Return the baselines that predict new rows clearly better than the prior does."""
    others = (rival for rival in training.rivals if rival.name != CHANCE_RIVAL)
    return tuple(rival for rival in others if is_clearly_better_than_chance(rival, training))


def is_early(training: TrainingReading) -> bool:
    """Whether the training was ended before a tenth of the epochs were done."""
    return training.fit.is_cut and len(training.fit.history.train_loss) < BUDGET_SHARE * training.epochs


def on_fold(training: TrainingReading) -> str:
    """Say which rows a network's curves are of; "" with one split."""
    return f"on the first of {training.n_folds} folds, " if training.n_folds > 1 else ""


def who_cut(training: TrainingReading) -> str:
    """Name what ended a training early."""
    return "your interrupt" if training.fit.is_interrupted else "the clock"


def symptom(evidence: Evidence) -> str:
    """Return in a clause why the network learns badly; "" when it does not, or nobody knows yet."""
    training = evidence.training
    if training is None:
        return ""
    if training.fit.status == "failed":
        return "the training failed"
    if not training.fit.history.train_loss or is_early(training):
        return ""
    expected = chance(evidence, training)
    if not is_falling(evidence):
        return f"the training loss does not fall below chance ({figure(expected)})"
    if math.isfinite(training.chance_loss) and 0 < training.chance_loss <= training.fit.validation_loss:
        own = figure(training.fit.validation_loss)
        return f"the validation loss {own} is no better than chance ({figure(training.chance_loss)})"
    return ""


def swing(training: TrainingReading) -> Swing | None:
    """Measure how far the losses swing; None below ten epochs, or where the sampling error is not known."""
    history, error = training.fit.history, training.fit.validation_loss_error
    validation = [v for v in history.validation_loss if math.isfinite(v)][-WINDOW:]
    train = smoothed(history.train_loss)[-WINDOW - 1 :]
    if len(validation) < WINDOW or len(train) < WINDOW or not error > 0:
        return None
    rises = [after > before for before, after in itertools.pairwise(train)]
    return Swing(ratio=_ratio(statistics.pstdev(validation), error), up_share=sum(rises) / len(rises))


def _ratio(value: float, unit: float) -> float:
    ratio = value / unit
    return ratio if math.isfinite(ratio) else math.inf


def turn(training: TrainingReading) -> Turn | None:
    """Compare the validation loss at its best with the end; None without two epochs of both losses."""
    history = training.fit.history
    pairs = list(zip(history.train_loss, history.validation_loss, strict=False))
    finite = [(i, v) for i, (t, v) in enumerate(pairs) if math.isfinite(t) and math.isfinite(v)]
    if len(finite) < 2:
        return None
    best = min(finite, key=lambda pair: pair[1])[0]
    last = finite[-1][0]
    return Turn(
        best_epoch=best + 1,
        epochs=last + 1,
        best=pairs[best][1],
        last=pairs[last][1],
        error=training.fit.validation_loss_error,
        train_at_best=pairs[best][0],
        train_at_end=pairs[last][0],
    )


def names_nan(text: str) -> bool:
    """Whether a sentence speaks of NaN or infinity.

    >>> names_nan("epoch 3: the loss was NaN: back to epoch 2"), names_nan("no information about infants")
    (True, False)
    """
    return any(word.strip(":;,.()'\"") in NAN_WORDS for word in text.casefold().split())


def hidden_layers(internals: Internals) -> tuple[LayerReading, ...]:
    """Return the layers between inputs and outputs, those without weights of their own yet (all zero) left out.

    A branch that starts at zero (Zhang et al. 2019, Fixup, arXiv 1901.09321) is neither dead nor badly scaled.
    """
    return tuple(layer for layer in internals.layers if not layer.is_last and layer.kernel_norm != 0)


def later_probes(evidence: Evidence) -> tuple[Internals, ...]:
    """Return the looks inside that were taken while the network was trained.

    Raises
    ------
    NotApplicable
        When there are none.
    """
    probes = tuple(i for i in training_of(evidence).fit.internals if i.epoch > 0 and i.layers)
    if not probes:
        raise NotApplicable("its layers were not looked at during training")
    return probes
