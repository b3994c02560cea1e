"""The network learns no more from the rows than from nothing, or too much from shuffled targets.

What it looks for: the same short training three times: on the rows, with all inputs set to zero, and with the targets
shuffled. The first must beat the second on validation rows; the third must do no better than knowing the prior.

Why it matters: a network that does as well on zeros does not use its inputs: they carry no signal, or labels belong to
other rows. One that learns from shuffled targets has seen the validation targets.

How to read it: gains are losses saved per validation row, with their standard error. Where zeros do as well, see
whether the linear model or gradient boosting beats the constant: if they do, the pipeline of the network is at fault.

Limits: 2 standard errors over zeroed inputs, else a warning; shuffled targets 3 standard errors better than chance
stop (choices, after Karpathy's input-independent baseline). Below 50 validation rows zeroed inputs are not judged: a
gain within the errors says nothing there.
"""

from __future__ import annotations

import math

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, loss_name
from autorecipe.evidence import Evidence
from autorecipe.record.readings import ControlsReading

CODE = "T009"
TITLE = "Controls"
ZEROED_ERRORS = 2.0  # standard errors; choice
SHUFFLED_ERRORS = 3.0  # standard errors; choice
MIN_ROWS = 50  # validation rows; choice
SMALLEST_GAIN = 1e-6  # of a loss; rounding in float32

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Stop where shuffled targets can be predicted, warn where zeroed inputs do as well."""
    reading = evidence.preflight.controls
    if reading is None:
        raise NotApplicable("the controls were not trained")
    if not all(map(math.isfinite, (reading.gain_over_zeroed, reading.shuffled_gain))):
        raise NotApplicable("a control's loss is not finite")
    unit = loss_name(evidence.facts.task)
    leak = SHUFFLED_ERRORS * reading.shuffled_error + SMALLEST_GAIN
    if reading.shuffled_gain > leak:
        message = (
            f"Shuffled targets can be predicted: training on them saves {figure(reading.shuffled_gain)} {unit} against"
            f" chance, limit {SHUFFLED_ERRORS:g} errors = {figure(leak)}. Targets reach the network by another way"
        )
        remedy = "look for validation targets among the inputs, and rows shared by training and validation"
        gain = reading.shuffled_gain
        return VOICE.says("stop", message, remedy=remedy, action="ask", measured=gain, limit=leak)
    return _against_zeros(reading, unit)


def _against_zeros(reading: ControlsReading, unit: str) -> Verdict:
    limit, gain = ZEROED_ERRORS * reading.zeroed_error, reading.gain_over_zeroed
    if gain > max(limit, SMALLEST_GAIN):
        return Verdict(text=f"zeroed inputs {gain:+.3g} {unit}, shuffled targets no better than chance")
    if reading.n_validation < MIN_ROWS:
        raise NotApplicable(f"{reading.n_validation} validation rows cannot tell the rows from zeros")
    message = (
        f"The inputs carry no usable signal: training on the rows saves {figure(gain)} {unit} against zeroed inputs,"
        f" needed 2 errors = {figure(limit)} on {reading.n_validation:,} validation rows"
    )
    remedy = "see whether a linear model beats the constant; if so, labels or inputs belong to other rows here"
    return VOICE.says("warn", message, remedy=remedy, action="ask", measured=gain, limit=limit)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Does the network learn from its inputs, and only from them?",
    when="before",
    judge=judge,
)
