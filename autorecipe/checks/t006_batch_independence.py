"""A row's prediction depends on other rows of its batch.

What it looks for: the gradient of one row's outputs by the inputs of the other rows of its batch, in inference mode,
beside the gradient by its own inputs.

Why it matters: a wrong reshape or a reduction over the batch axis mixes rows. Training and validation look fine, often
better than they should; predictions change with whoever else is in the batch.

How to read it: batch normalization mixes rows while it trains, which is why this is measured in inference mode, where
nothing may mix.

Limits: a millionth of a row's own largest gradient (choice, after Karpathy's "use backprop to chart dependencies" and
TheDeepChecker). Gradients that do not exist are exactly zero.
"""

from __future__ import annotations

import math

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, power
from autorecipe.evidence import Evidence

CODE = "T006"
TITLE = "Batch independence"
LIMIT = 1e-6  # of a row's own gradient; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Stop when rows of a batch are mixed."""
    reading = evidence.preflight.cross_talk
    if reading is None:
        raise NotApplicable("the rows' dependence on each other was not measured")
    if not math.isfinite(reading.largest_share):
        raise NotApplicable("the gradients are not finite")
    if reading.largest_share <= LIMIT:
        return Verdict(text=f"{reading.n_rows} rows of a batch independent of each other")
    message = (
        f"Rows of a batch are mixed: another row's inputs move a prediction {figure(reading.largest_share)} times as"
        f" much as its own (limit {power(LIMIT)})"
    )
    remedy = "look for a reshape, mean, softmax or sum over axis 0 where axis -1 was meant"
    share = reading.largest_share
    return VOICE.says("stop", message, remedy=remedy, action="ask", measured=share, limit=LIMIT)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Does each row's prediction depend on that row alone?",
    when="before",
    judge=judge,
)
