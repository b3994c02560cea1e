"""The metric is not computed as it should be.

What it looks for: the score of a constant prediction, as computed and by its formula; and the score of the same rows in
another order.

Why it matters: every decision rests on the metric. One that depends on the order of the rows averages over batches
that are not alike; one that is wrong on a constant is wrong everywhere.

How to read it: both differences should be nothing but rounding.

Limits: one part in a million (choice: float32 has seven digits; after Karpathy's "dumb baselines" and evaluation on
the full set).
"""

from __future__ import annotations

import math

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, power
from autorecipe.evidence import Evidence

CODE = "T012"
TITLE = "Evaluation"
LIMIT = 1e-6  # of the score, or absolute below 1; choice: seven digits of float32

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Stop where the metric is wrong on a constant, or depends on the order of the rows."""
    reading = evidence.preflight.evaluation
    if reading is None:
        raise NotApplicable("the metric was not tried on a constant")
    if math.isnan(reading.expected_score) or math.isinf(reading.expected_score):
        raise NotApplicable(f"{reading.metric} of a constant is undefined")
    limit = LIMIT * max(1.0, abs(reading.expected_score))
    metric, remedy = reading.metric.replace("_", " "), "mend the metric before any score is believed"
    difference = abs(reading.constant_score - reading.expected_score)
    if not difference <= limit:
        message = (
            f"The metric is wrong on a constant prediction: {metric} {figure(reading.constant_score)}, by its formula"
            f" {figure(reading.expected_score)} (limit {power(LIMIT)})"
        )
        return VOICE.says("stop", message, remedy=remedy, action="ask", measured=difference, limit=limit)
    if not abs(reading.sorted_difference) <= limit:
        by = abs(reading.sorted_difference)
        message = (
            f"The metric depends on the order of the rows: {metric} differs by {figure(by)} (limit {power(LIMIT)})"
        )
        return VOICE.says("stop", message, remedy=remedy, action="ask", measured=by, limit=limit)
    return Verdict(text=f"{metric} of a constant {figure(reading.constant_score)}, in any order of the rows")


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Is the metric computed as its formula says?",
    when="before",
    judge=judge,
)
