"""The loss grows with the batch.

What it looks for: the loss of one batch, of the same batch twice, and so on up to 32 times. A mean does not change.

Why it matters: a loss that is summed over the batch makes every gradient, and so the fitting learning rate, depend on
the batch size, and makes penalties weaker the larger the batch is.

How to read it: a ratio of 2 for a doubled batch is a sum. Keras averages with the default reduction.

Limits: ratios outside [0.99, 1.01] warn (choice, after TheDeepChecker).
"""

from __future__ import annotations

import math

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure
from autorecipe.evidence import Evidence

CODE = "T004"
TITLE = "Loss reduction"
TOLERANCE = 0.01  # of the loss of the single batch; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Warn when the loss of a repeated batch is another one."""
    reading = evidence.preflight.duplication
    if reading is None or len(reading.losses) < 2:
        raise NotApplicable("no batch was repeated")
    single = reading.losses[0][1]
    if single == 0 or not all(math.isfinite(loss) for _, loss in reading.losses):
        raise NotApplicable(f"the loss of one batch is {figure(single)}")
    ratios = [(factor, loss / single) for factor, loss in reading.losses[1:]]
    factor, ratio = max(ratios, key=lambda pair: abs(pair[1] - 1))
    if abs(ratio - 1) <= TOLERANCE:
        return Verdict(text=f"loss of a batch repeated {max(f for f, _ in ratios):g} times {figure(ratio)} of one")
    message = (
        f"The loss grows with the batch: repeated {factor:g} times, it is {figure(ratio)} times as large,"
        f" allowed {1 - TOLERANCE:g} to {1 + TOLERANCE:g}"
    )
    remedy = 'average it: reduction="sum_over_batch_size", or keras.ops.mean in a loss of your own'
    return VOICE.says("warn", message, remedy=remedy, action="ask", measured=ratio, limit=1 + TOLERANCE)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Is the loss a mean over the batch?",
    when="before",
    judge=judge,
)
