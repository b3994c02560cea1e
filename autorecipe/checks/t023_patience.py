"""Early stopping is too hasty.

What it looks for: a training that was stopped early although the validation loss had not risen beyond its error and the
training loss still fell, with a patience shorter than is usual.

Why it matters: validation losses are noisy; a short patience ends a training at the first unlucky epochs.

How to read it: it is information: the result counts, a longer patience may find a better epoch. A patience below five
epochs warns.

Limits: a tenth of the epochs allowed, at least five (choices; AutoTrainer: a fifteenth, at least three); "had not
risen" means within 1 standard error of the best.
"""

from __future__ import annotations

import math

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import trained, turn
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure
from autorecipe.checks.wording import plural
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe

CODE = "T023"
TITLE = "Patience"
SHARE = 0.1  # of the epochs allowed; choice
LEAST = 5  # epochs; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Say where training stopped before the validation loss had turned."""
    training = trained(evidence)
    if training.patience <= 0:
        raise NotApplicable("there is no early stopping")
    found, fit = turn(training), training.fit
    if found is None:
        raise NotApplicable("fewer than two epochs with both losses")
    limit = max(math.ceil(SHARE * training.epochs), LEAST)
    has_stopped = not fit.is_cut and len(fit.history.train_loss) < training.epochs
    is_level = found.last <= found.best + found.error and found.train_at_end < found.train_at_best
    if not (has_stopped and is_level and training.patience < limit):
        return Verdict(text=f"patience {plural(training.patience, 'epoch')}, best epoch {found.best_epoch}")
    message = (
        f"Training stopped early: after {plural(training.patience, 'epoch')} without a better validation loss (limit"
        f" {limit}), at {figure(found.last)}, within its error of the best {figure(found.best)}"
    )
    is_short = training.patience < LEAST
    return VOICE.says(
        "warn" if is_short else "info",
        message,
        remedy=f"a patience of {limit} epochs",
        action="repair" if is_short else "none",
        measured=float(training.patience),
        limit=float(limit),
    )


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Wait as long as the limit asks."""
    return (remedies.patience(recipe, max(math.ceil(SHARE * recipe.epochs), LEAST)),)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Did early stopping wait long enough?",
    when="during",
    judge=judge,
    repairs=repairs,
)
