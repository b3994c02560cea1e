"""The training was too short, or far too long.

What it looks for: where in the training its best epoch lies, when all epochs allowed were used.

Why it matters: a best epoch at the end says that the loss was still falling. One right at the start says that all the
rest was wasted.

How to read it: it is information, as long as the loss at the end falls by less than its error it is not even that.
Training that was ended by early stopping was long enough.

Limits: a best epoch in the last quarter, with a gain of more than 1 standard error since its beginning, asks for twice
the epochs; one in the first tenth for fewer, or for a smaller rate (Google's tuning playbook). Below 8 epochs nothing
is said (choice).
"""

from __future__ import annotations

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import trained, turn
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, loss_name
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe

CODE = "T024"
TITLE = "Run length"
LATE = 0.75  # share of the epochs: Google's tuning playbook
EARLY = 0.1  # share of the epochs: Google's tuning playbook
MIN_EPOCHS = 8  # choice
LONGER = 2  # factor of the epochs; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Say where the best epoch lies near an end."""
    training = trained(evidence)
    fit, found = training.fit, turn(training)
    if found is None or found.epochs < MIN_EPOCHS:
        raise NotApplicable(f"fewer than {MIN_EPOCHS} epochs with both losses")
    where = found.best_epoch / found.epochs
    text = f"best epoch {found.best_epoch} of {found.epochs}"
    unit = loss_name(evidence.facts.task)
    used_all = fit.is_cut or found.epochs >= training.epochs
    gain = fit.history.validation_loss[int(LATE * found.epochs) - 1] - found.best
    if used_all and where > LATE and gain > found.error:
        message = (
            f"The loss was still falling when training ended: {text}, and the validation {unit} fell by"
            f" {figure(gain)} in the last quarter (its error {figure(found.error)})"
        )
        remedy = "more time" if fit.is_cut else "twice the epochs"
        return VOICE.says("info", message, remedy=remedy, measured=where, limit=LATE)
    if used_all and not fit.is_cut and where <= EARLY:
        message = f"Most epochs were wasted: {text} (limit {EARLY:.0%})"
        remedy = "a smaller rate, early stopping, or fewer epochs"
        return VOICE.says("info", message, remedy=remedy, measured=where, limit=EARLY)
    return Verdict(text=text)


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Train longer."""
    return (remedies.epochs(recipe, LONGER * recipe.epochs),)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Was the training as long as it should be?",
    when="after",
    judge=judge,
    repairs=repairs,
)
