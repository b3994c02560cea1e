"""The loss, the output's activation and the labels do not fit each other.

What it looks for: softmax or sigmoid where the loss expects logits, none where it expects probabilities, a double
softmax, sigmoid under a categorical loss, one output under a categorical loss, labels outside 0 to C - 1 or in the
other encoding, a squared error for classes, a cross-entropy for amounts, an activation that cannot reach the targets.

Why it matters: Keras trains such a network without an error message. It learns slowly, stops at a poor loss, or its
probabilities mean nothing.

How to read it: the finding says what the loss expects and what it gets. It is read off the network's last layers and
off its outputs and labels on a few rows; nothing is trained for it.

Limits: rows of probabilities sum to 0.95 to 1.05 (TheDeepChecker); any other disagreement stops (UMLAUT, AutoTrainer
and NeuraLint have the rules), but those under which a network still learns warn: a squared error for classes, a binary
loss per class, an output that ReLU cuts off.
"""

from __future__ import annotations

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.output_rules import (
    AMOUNT_LOSSES,
    BINARY_LOSSES,
    CLASS_LOSSES,
    HINGE_LOSSES,
    Problem,
    amount_problem,
    binary_problem,
    categorical_problem,
    hinge_problem,
)
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice
from autorecipe.evidence import Evidence
from autorecipe.record.network_readings import HeadReading

CODE = "T002"
TITLE = "Loss and output"

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Hold the loss against the output and the labels."""
    head = evidence.preflight.head
    if head is None:
        raise NotApplicable("the output was not looked at")
    problem = _problem(evidence, head)
    if problem is None:
        return Verdict(text=f"{_described(head)} fits {head.loss.replace('_', ' ')}")
    return VOICE.says(problem.severity, problem.message, remedy=problem.remedy, action="ask")


def _problem(evidence: Evidence, head: HeadReading) -> Problem | None:
    if head.loss in CLASS_LOSSES:
        return categorical_problem(head, evidence.facts)
    if head.loss in BINARY_LOSSES:
        return binary_problem(head, evidence.facts)
    if head.loss in HINGE_LOSSES:
        return hinge_problem(head, evidence.facts)
    if head.loss in AMOUNT_LOSSES:
        return amount_problem(head, evidence.facts)
    raise NotApplicable(f"nothing is known about the loss {head.loss}")


def _described(head: HeadReading) -> str:
    kinds = [name for name in head.activations if name != "linear"]
    logits = {True: " as logits", False: " as probabilities", None: ""}[head.from_logits]
    return f"{head.n_outputs} {' and '.join(kinds) or 'linear'} output{'s' if head.n_outputs > 1 else ''}{logits}"


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Do the loss, the output and the labels fit each other?",
    when="before",
    judge=judge,
)
