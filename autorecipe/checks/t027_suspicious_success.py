"""The result is too good to be true.

What it looks for: a validation loss that is clearly below the training loss, and one that is almost nothing on hundreds
of rows.

Why it matters: unseen rows are never easier than learned ones but by luck. Rows on both sides of the split, or the
target among the inputs under another name, look exactly like this.

How to read it: look at the findings about leaks first (D013 to D016). Some tasks are solved without an error: then the
linear model and gradient boosting solve them too.

Limits: a validation loss 3 standard errors below the training loss, both as means over the folds, unless both are less
than a hundredth of what the prior costs: of a task that is solved, either may be the smaller one. Where the targets of
the unseen rows vary less than those of the training rows, the training loss of a regression is first scaled down by as
much: such rows are easier. Or a loss of a thousandth of what the prior costs, on 200 rows or more (choices, after
UMLAUT's overconfident validation).
"""

from __future__ import annotations

from autorecipe.checks.curves import trained
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, loss_name
from autorecipe.evidence import Evidence, MeanLosses, TrainingReading

CODE = "T027"
TITLE = "Suspicious success"
ERRORS = 3.0  # standard errors of the validation loss; choice
PERFECT_SHARE = 1e-3  # of what the prior costs; choice: one wrong row in a thousand costs more
SOLVED_SHARE = 1e-2  # of what the prior costs, below which a training loss is nothing to compare with; choice
MIN_ROWS = 200  # validation rows; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Warn where validation is easier than training, or no row is wrong."""
    seen, unit = _losses(trained(evidence)), loss_name(evidence.facts.task)
    # where a tail of the target lies in the training rows, all others are easier, for a constant too
    scale = min(1.0, seen.chance) if evidence.facts.task == "regression" and seen.chance > 0 else 1.0
    limit = scale * seen.train - ERRORS * seen.error
    own = figure(seen.validation)
    remedy = "look for rows on both sides of the split, and for the target among the inputs (D013 to D016)"
    is_solved = max(seen.train, seen.validation) < SOLVED_SHARE * seen.chance
    if seen.error > 0 and seen.validation < limit and not is_solved:
        message = (
            f"Unseen rows are easier than learned ones: a validation {unit} of {own}, training {figure(seen.train)}"
            f" (limit {figure(limit)})"
        )
        return VOICE.says("warn", message, remedy=remedy, action="ask", measured=seen.validation, limit=limit)
    perfect = PERFECT_SHARE * seen.chance
    n_rows = evidence.facts.n_validation
    if n_rows >= MIN_ROWS and seen.chance > 0 and seen.validation <= perfect:
        message = f"Almost no error is left: a validation {unit} of {own} on {n_rows:,} rows (limit {figure(perfect)})"
        return VOICE.says("warn", message, remedy=remedy, action="ask", measured=seen.validation, limit=perfect)
    return Verdict(text=f"validation {unit} {own}, training {figure(seen.train)}")


def _losses(training: TrainingReading) -> MeanLosses:
    fit = training.fit
    return training.mean or MeanLosses(
        train=fit.train_loss,
        validation=fit.validation_loss,
        error=fit.validation_loss_error,
        chance=training.chance_loss,
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Is the result too good to be true?",
    when="after",
    judge=judge,
)
