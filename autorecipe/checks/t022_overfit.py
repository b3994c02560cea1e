"""The validation loss has turned while the training loss falls.

What it looks for: a best epoch that lies a fifth of the training back, a validation loss that has risen beyond its
errors since, and a training loss that still fell.

Why it matters: from the turn on the network learns its training rows by heart, and predicts others worse.

How to read it: with early stopping the best epoch was put back, and this is information: there is room for
regularization. Without it the last weights were kept, and it is a warning. One epoch of rising validation loss is
noise: a rule on it alarms in every healthy training.

Limits: 20 % of the epochs behind the best one, 2 standard errors above it (choices: standard errors, since a bare rise
comes by chance in nearly every run). Repairs: early stopping, dropout, decoupled weight decay.
"""

from __future__ import annotations

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import ERRORS, is_falling, on_fold, trained, turn
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, loss_name
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe

CODE = "T022"
TITLE = "Overfitting"
MIN_EPOCHS = 5  # before a turn can be told from noise; choice
PATIENCE = 15  # epochs: recipe rule D1
DROPOUT_RATES = (0.1, 0.25, 0.4)  # recipe rules D1 and D2
WEIGHT_DECAY = 0.02  # RealMLP, arXiv 2407.04491

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Tell a validation loss that has turned, beyond its errors, from one that has not."""
    training = trained(evidence)
    found = turn(training)
    if found is None or found.epochs < MIN_EPOCHS:
        raise NotApplicable(f"fewer than {MIN_EPOCHS} epochs with both losses")
    if not is_falling(evidence):
        raise NotApplicable("the training loss does not fall: see T014")
    unit, limit = loss_name(evidence.facts.task), found.best + ERRORS * found.error
    if not found.has_turned:
        return Verdict(text=f"validation {unit} {figure(found.last)} at the end, {figure(found.best)} at its best")
    message = (
        f"The network overfits: {on_fold(training)}its validation {unit} rose from {figure(found.best)} in epoch"
        f" {found.best_epoch} to {figure(found.last)} in epoch {found.epochs} (limit {figure(limit)}) while training"
        f" fell from {figure(found.train_at_best)} to {figure(found.train_at_end)}"
    )
    if training.patience > 0:
        remedy = f"the weights of epoch {found.best_epoch} were put back; regularization may win more"
        return VOICE.says("info", message, remedy=remedy, measured=found.last, limit=limit)
    remedy = "early stopping with the best weights, dropout, weight decay"
    return VOICE.says("warn", message, remedy=remedy, action="repair", measured=found.last, limit=limit)


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Stop at the best epoch, then hold the network back."""
    return (
        *((remedies.patience(recipe, PATIENCE),) if recipe.patience == 0 else ()),
        *remedies.more_dropout(recipe, DROPOUT_RATES),
        *((remedies.weight_decay(WEIGHT_DECAY),) if recipe.weight_decay < WEIGHT_DECAY else ()),
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Did validation go on falling with training?",
    when="during",
    judge=judge,
    repairs=repairs,
)
