"""The training swings instead of falling.

What it looks for: the spread of the last ten validation losses beside their sampling error, and how often the smoothed
training loss rose in those epochs.

Why it matters: a rate that is too large for the valley throws the weights from side to side; which epoch is kept is
then a matter of luck.

How to read it: both must hold. A validation loss that swings while the training loss falls is overfitting or a small
validation set; a training loss that is flat has arrived. The losses are the symptom themselves, so this warns without
another one.

Limits: a standard deviation above 3 sampling errors and rises in more than 40 % of the epochs (choices; AutoTrainer's
own rule mostly measures the number of rows, which is why the error is the unit). Repairs: a third of the rate, a batch
twice as large, a moving average of the weights.
"""

from __future__ import annotations

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import SWING_LIMIT, UP_SHARE_LIMIT, WINDOW, swing, trained
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure
from autorecipe.checks.wording import percent
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe

CODE = "T020"
TITLE = "Oscillation"
SLOWER = 1 / 3  # factor of the learning rate; choice
LARGER = 2  # factor of the batch size; choice
EMA_DECAY = 0.99  # of the moving average of the weights: about the last hundred steps; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Warn where both losses swing."""
    found = swing(trained(evidence))
    if found is None:
        raise NotApplicable(f"fewer than {WINDOW} epochs, or the validation loss has no error")
    if not found.is_wide:
        return Verdict(text=f"validation swings {figure(found.ratio)} sampling errors (limit {SWING_LIMIT:g})")
    message = (
        f"The training swings: the last {WINDOW} validation losses spread {figure(found.ratio)} sampling errors (limit"
        f" {SWING_LIMIT:g}) and the training loss rose in {percent(found.up_share)} of the epochs (limit"
        f" {percent(UP_SHARE_LIMIT)})"
    )
    remedy = "a third of the rate, a larger batch, a moving average of the weights"
    return VOICE.says("warn", message, remedy=remedy, action="repair", measured=found.ratio, limit=SWING_LIMIT)


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Slow down, average over more rows, average over steps."""
    return (
        remedies.rate_times(recipe, SLOWER),
        remedies.batch(recipe, LARGER * recipe.batch_size),
        remedies.moving_average(EMA_DECAY),
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Does the training settle?",
    when="during",
    judge=judge,
    repairs=repairs,
)
