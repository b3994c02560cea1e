"""What a network's curves say: underfit, overfit, a good fit, no signal, unstable, or cut short (docs/recipe.md, H)."""

from __future__ import annotations

import dataclasses
import math

from autorecipe.checks.curves import (
    ERRORS,
    FALL_LIMIT,
    is_clearly_better_than_chance,
    is_falling,
    names_nan,
    on_fold,
    rivals_above_chance,
    smoothed,
    swing,
    turn,
)
from autorecipe.checks.t025_underfit import NEAR_FLOOR, rivals_ahead
from autorecipe.checks.verdicts import figure, loss_name
from autorecipe.checks.wording import percent
from autorecipe.config import Modality
from autorecipe.evidence import Evidence, Rival, TrainingReading
from autorecipe.record.stage import Diagnosis, DiagnosisName

GAP_SHARE = 0.25  # of what was won over chance in training that is lost in validation; choice
HALF_WON = 0.5  # of chance: a larger training loss that validation shares leaves most to be learned; choice
LATE = 0.75  # share of the epochs: Google's tuning playbook, as check T024
LONG = 20  # epochs without improvement: docs/recipe.md, H
ONE_CLASS_SHARE = 0.99  # of the predictions; choice
NATURAL_SHARE = 0.98  # of the rows in their largest class, from which predictions of one class are natural; choice

SLOWER = "a tenth of the learning rate, then clipped gradients, then a normalization"
CALMER = "a smaller learning rate, then batch normalization"
NOT_STARTING = "the rate that a range test finds, and the initializer that fits the activation"
FASTER = "2 to 5 times the learning rate"
LARGER = "a larger network: more width, then depth"
LONGER = "a larger rate and batch, or more time"
HOLD_BACK = "dropout, then L2 or weight decay, level by level; more rows first of all"
ONE_CLASS = "choose the decision threshold first, then a tenth of the learning rate, then focal loss (--loss focal)"
NO_SIGNAL: dict[Modality, str] = {
    "table": "columns that tell more about the target; no setting of the network will help",
    "image": "labels that are right, and images that show what they say; no setting of the network will help",
}
NOTHING = "tune it"
MORE_TIME = "more time (a longer --time-limit)"
NO_INTERRUPT = "more time (your interrupt ended it: autorecipe resume goes on)"


def diagnose(evidence: Evidence) -> Diagnosis:
    """Name what a network's curves show, with the numbers that say so and what to do about it.

    Raises
    ------
    ValueError
        When the network was not trained.
    """
    training = evidence.training
    if training is None:
        raise ValueError("a network that was not trained has no curves to diagnose")
    found = (
        _unstable(training)
        or _cut_short(evidence, training)
        or _not_learning(evidence, training)
        or _overfit(evidence, training)
        or _underfit(evidence, training)
        or _good_fit(evidence, training)
    )
    found = _with_one_class(found, training)
    return dataclasses.replace(found, reason=f"{on_fold(training)}{found.reason}")


def _unstable(training: TrainingReading) -> Diagnosis | None:
    fit = training.fit
    if fit.status == "failed":
        remedy = SLOWER if names_nan(fit.cause) or not fit.cause else "mend the cause, then train again"
        return _named("unstable", f"the training failed: {fit.cause or 'for an unknown cause'}", remedy)
    saved = [repair for repair in fit.repairs if names_nan(repair)]
    if saved:
        return _named("unstable", f"the training had to be saved from NaN: {saved[0]}", SLOWER)
    losses = (*fit.history.train_loss, *fit.history.validation_loss)
    if not all(map(math.isfinite, losses)) or not math.isfinite(fit.train_loss + fit.validation_loss):
        return _named("unstable", "a loss is not a finite number", SLOWER)
    found = swing(training)
    if found is None or not found.is_wide:
        return None
    is_wild = _is_known(training) and fit.validation_loss >= training.chance_loss
    reason = (
        f"the last validation losses spread {figure(found.ratio)} sampling errors, and the training loss rose in"
        f" {percent(found.up_share)} of the epochs"
    )
    return _named("unstable", reason, SLOWER if is_wild else CALMER)


def _cut_short(evidence: Evidence, training: TrainingReading) -> Diagnosis | None:
    """Curves that were ended after few epochs show no more than whether the network overfits already."""
    fit, n_epochs = training.fit, len(training.fit.history.train_loss)
    if not fit.is_cut or n_epochs >= LONG:
        return None
    seen = f"its training was ended in epoch {max(n_epochs, 1)} of at most {training.epochs:,}"
    unit = loss_name(evidence.facts.task)
    both = f"training {unit} {figure(fit.train_loss)}, validation {figure(fit.validation_loss)}"
    remedy = NO_INTERRUPT if fit.is_interrupted else MORE_TIME
    short = _named("cut short", f"{seen}; {both}; chance costs {figure(training.chance_loss)}", remedy)
    return _overfit(evidence, training) or short


def _not_learning(evidence: Evidence, training: TrainingReading) -> Diagnosis | None:
    """No better than chance: is it the network, or is there nothing to learn?"""
    fit = training.fit
    if not _is_known(training):
        return None
    if is_clearly_better_than_chance(training, training):
        return None if is_falling(evidence) else _flat_beside_rivals(evidence, training)
    reason, better = _beside_chance(evidence, training), rivals_above_chance(training)
    if training.rivals and not better:
        return _named("no signal", f"{reason}, and no baseline is", NO_SIGNAL[evidence.facts.modality])
    if better:
        best = min(better, key=lambda rival: rival.validation_loss)
        reason = f"{reason}, though {_title(best)} reaches {figure(best.validation_loss)}"
    if fit.train_loss < FALL_LIMIT * training.chance_loss:
        train = f"{reason}; training is at {figure(fit.train_loss)}"
        if better:
            return _named("overfit", train, HOLD_BACK)
        return _named("no signal", train, NO_SIGNAL[evidence.facts.modality])
    return _flat(evidence, training, reason)


def _beside_chance(evidence: Evidence, training: TrainingReading) -> str:
    fit, unit, prior = training.fit, loss_name(evidence.facts.task), figure(training.chance_loss)
    if training.gain is None:
        own = f"validation {unit} {figure(fit.validation_loss)} ± {figure(fit.validation_loss_error)}"
        return f"{own} is not below chance, {prior}"
    gain = f"{figure(training.gain)} ± {figure(training.gain_error)}"
    own = f"validation {unit} {figure(fit.validation_loss)} is not clearly below chance, {prior}"
    return f"{own} (row by row the gain is {gain})"


def _flat_beside_rivals(evidence: Evidence, training: TrainingReading) -> Diagnosis | None:
    """Predictions that hardly differ have a tiny error, so that a hair below chance looks clear."""
    limit = FALL_LIMIT * training.chance_loss
    if training.rivals and all(rival.validation_loss >= limit for rival in training.rivals):
        return None
    unit = loss_name(evidence.facts.task)
    both = f"training {unit} {figure(training.fit.train_loss)}, validation {figure(training.fit.validation_loss)}"
    return _flat(evidence, training, f"{both}, chance {figure(training.chance_loss)}")


def _flat(evidence: Evidence, training: TrainingReading, reason: str) -> Diagnosis:
    losses = training.fit.history.train_loss
    recent = smoothed(losses)[-LONG:]
    stands = len(losses) >= LONG and min(recent) > FALL_LIMIT * recent[0]
    if stands and not is_falling(evidence):
        return _named("underfit", f"{reason}; no improvement in the last {LONG} epochs", FASTER)
    return _named("underfit", f"{reason}; the loss does not fall from the start", NOT_STARTING)


def _overfit(evidence: Evidence, training: TrainingReading) -> Diagnosis | None:
    fit, unit, found = training.fit, loss_name(evidence.facts.task), turn(training)
    gap = fit.validation_loss - fit.train_loss
    won = training.chance_loss - fit.train_loss
    both = f"training {unit} {figure(fit.train_loss)}, validation {figure(fit.validation_loss)}"
    if gap > ERRORS * fit.validation_loss_error and won > 0 and gap > GAP_SHARE * won:
        return _named("overfit", f"{both}: {percent(gap / won)} of what training won is lost on new rows", HOLD_BACK)
    if found is None or not found.has_turned:
        return None
    reason = (
        f"{both}; validation turned in epoch {found.best_epoch} of {found.epochs}, from {figure(found.best)} to"
        f" {figure(found.last)} while training fell"
    )
    return _named("overfit", reason, HOLD_BACK)


def _underfit(evidence: Evidence, training: TrainingReading) -> Diagnosis | None:
    fit, unit = training.fit, loss_name(evidence.facts.task)
    if training.floor is not None and fit.train_loss <= NEAR_FLOOR * training.floor:
        return None
    both = f"training {unit} {figure(fit.train_loss)}, validation {figure(fit.validation_loss)}"
    ahead = rivals_ahead(training)
    if ahead:
        best = min(ahead, key=lambda rival: rival.validation_loss)
        rival = f"{_title(best)} reaches {figure(best.train_loss)} and {figure(best.validation_loss)}"
        return _named("underfit", f"{both}; {rival}", LARGER)
    if _is_still_falling(training):
        return _named("underfit", f"{both}; both were still falling when training ended", LONGER)
    is_shared = fit.validation_loss - fit.train_loss <= ERRORS * fit.validation_loss_error
    if not training.rivals and is_shared and fit.train_loss > HALF_WON * training.chance_loss:
        reason = f"{both} are the same within the error, and chance costs {figure(training.chance_loss)}"
        return _named("underfit", reason, LARGER)
    return None


def _is_still_falling(training: TrainingReading) -> bool:
    fit, found = training.fit, turn(training)
    if found is None or not (fit.is_cut or found.epochs >= training.epochs):
        return False
    before = fit.history.validation_loss[max(int(LATE * found.epochs) - 1, 0)]
    is_late = found.best_epoch > LATE * found.epochs
    return is_late and found.best < before - ERRORS * found.error and found.train_at_end <= found.train_at_best


def _good_fit(evidence: Evidence, training: TrainingReading) -> Diagnosis:
    fit, unit = training.fit, loss_name(evidence.facts.task)
    reason = (
        f"training {unit} {figure(fit.train_loss)}, validation {figure(fit.validation_loss)} ±"
        f" {figure(fit.validation_loss_error)}; chance costs {figure(training.chance_loss)}"
    )
    return _named("good fit", reason, NOTHING)


def _with_one_class(found: Diagnosis, training: TrainingReading) -> Diagnosis:
    share, natural = training.fit.largest_class_share, training.largest_true_share
    if share < ONE_CLASS_SHARE or not 0 < natural < NATURAL_SHARE or training.fit.status == "failed":
        return found
    if found.name == "cut short":  # its first steps learn the prior, which is one class
        return found
    reason = f"{percent(share)} of the predictions are one class, {percent(natural)} of the rows are; {found.reason}"
    return Diagnosis(name=found.name, reason=reason, remedy=ONE_CLASS)


def _is_known(training: TrainingReading) -> bool:
    """Whether the loss of the prior was measured: it is above zero unless all targets are the same."""
    return math.isfinite(training.chance_loss) and training.chance_loss > 0


def _title(rival: Rival) -> str:
    return rival.name.replace("_", " ")


def _named(name: DiagnosisName, reason: str, remedy: str) -> Diagnosis:
    return Diagnosis(name=name, reason=reason, remedy=remedy)
