"""The network fits its training rows worse than a simpler model does.

What it looks for: the training loss beside those of the baselines that also predict the validation rows better.

Why it matters: a network has room for everything that a linear model can say. Where it fits worse, it is too small, was
trained too little, or its rate is wrong.

How to read it: a baseline counts only where it is ahead on validation rows too: gradient boosting often fits its
training rows far better and predicts no better. Behind the linear model is a warning; behind gradient boosting alone it
is information, as Overfit goes on from there. So is any of a network that the clock ended before a tenth of its epochs:
it needs more time before anything else.

Limits: 2 standard errors of the validation loss, in training and validation (choice, after CS231n and Karpathy). A
training loss within 5 % of the floor that conflicting rows set is as low as it gets (choice).
"""

from __future__ import annotations

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import ERRORS, is_early, on_fold, trained, who_cut
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, loss_name
from autorecipe.evidence import Evidence, Rival, TrainingReading
from autorecipe.recipe import Recipe

CODE = "T025"
TITLE = "Underfitting"
NEAR_FLOOR = 1.05  # of the floor; choice
SIMPLE = "linear"  # how the names of baselines begin that a network of any size can imitate
FASTER = 3.0  # factor of the learning rate; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Say which baselines fit and predict better."""
    training = trained(evidence)
    if not training.rivals:
        raise NotApplicable("there are no baselines to compare with")
    unit, own = loss_name(evidence.facts.task), training.fit.train_loss
    ahead = sorted(rivals_ahead(training), key=lambda rival: not rival.name.startswith(SIMPLE))
    if not ahead:
        best = min(training.rivals, key=lambda rival: rival.validation_loss)
        return Verdict(text=f"training {unit} {figure(own)} ({best.name.replace('_', ' ')} {figure(best.train_loss)})")
    rival = ahead[0]
    message = (
        f"The network underfits: {on_fold(training)}its training {unit} is {figure(own)}, "
        f"{rival.name.replace('_', ' ')} reaches {figure(rival.train_loss)}; on validation rows"
        f" {figure(training.fit.validation_loss)} against {figure(rival.validation_loss)}"
        f" (limit {ERRORS:g} errors of {figure(training.fit.validation_loss_error)})"
    )
    is_late = not is_early(training)
    remedy = "a larger network, a larger rate, more epochs, a linear path"
    is_simple = rival.name.startswith(SIMPLE) and is_late
    return VOICE.says(
        "warn" if is_simple else "info",
        message,
        remedy=remedy if is_late else f"more time: {who_cut(training)} ended its training early",
        action="repair" if is_simple else "none",
        measured=own,
        limit=rival.train_loss,
    )


def rivals_ahead(training: TrainingReading) -> tuple[Rival, ...]:
    """Return the baselines that fit the training rows better and predict validation rows better, beyond errors."""
    fit, margin = training.fit, ERRORS * training.fit.validation_loss_error
    if training.floor is not None and fit.train_loss <= NEAR_FLOOR * training.floor:
        return ()
    return tuple(
        rival
        for rival in training.rivals
        if rival.train_loss < fit.train_loss - margin and rival.validation_loss < fit.validation_loss - margin
    )


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Say directly what a linear model says; then grow, speed up, deepen."""
    behind = rivals_ahead(evidence.training) if evidence.training else ()
    linear = (remedies.linear_path(),) if any(rival.name.startswith(SIMPLE) for rival in behind) else ()
    return (
        *linear,
        remedies.wider(recipe),
        remedies.rate_times(recipe, FASTER),
        remedies.deeper(recipe),
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Does the network fit its training rows as well as simpler models do?",
    when="after",
    judge=judge,
    repairs=repairs,
)
