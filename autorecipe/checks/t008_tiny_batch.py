"""The network cannot memorise a few rows.

What it looks for: 16 to 32 distinct rows that do not contradict each other, learned without any regularization, at
three learning rates. A sound network drives their loss to almost nothing.

Why it matters: what cannot learn thirty rows by heart will not learn thirty thousand. When even that fails there is a
bug: labels that belong to other rows, a loss that does not fit the output, gradients that do not arrive.

How to read it: the number of steps says how easily it went. When it fails, look at T002, T006 and the labels first;
only then at the learning rate and the size.

A network without a hidden layer is a linear model, which need not be able to: it is not judged when it fails.

Limits: every row right and the loss at 1 % of its start (regression: 0.1 % of the variance) passes; 90 % right, or a
tenth of the starting squared error, warns; less stops (choices, after Karpathy's recipe, CS231n's 20 rows and
TheDeepChecker's 16).
"""

from __future__ import annotations

import math

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, loss_name
from autorecipe.checks.wording import percent
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe
from autorecipe.record.finding import Severity
from autorecipe.record.readings import TinyBatchReading

CODE = "T008"
TITLE = "Tiny batch"
ACCURACY_LIMIT = 0.9  # share of the rows; choice
ERROR_SHARE = 0.1  # of the starting squared error; choice: the counterpart of 90 % of the rows
FASTER = 3.0  # factor of the learning rate; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Stop where a few rows cannot be memorised, warn where nearly."""
    reading = evidence.preflight.tiny_batch
    if reading is None:
        raise NotApplicable("no tiny batch was trained")
    if reading.n_rows < 2 or reading.start <= 0:
        raise NotApplicable(f"{reading.n_rows} rows with a loss of {figure(reading.start)} at start")
    is_regression = evidence.facts.task == "regression"
    if math.isfinite(reading.best) and reading.best <= reading.limit and reading.accuracy >= 1:
        return Verdict(text=f"{reading.n_rows} rows memorised in {reading.n_steps} steps")
    if _is_linear(evidence):
        raise NotApplicable("a linear model, which has no hidden layer, need not memorise rows")
    right = "" if is_regression else f", {percent(reading.accuracy)} of them right"
    message = (
        f"The network cannot memorise {reading.n_rows} rows: its {loss_name(evidence.facts.task)} falls from"
        f" {figure(reading.start)} to {figure(reading.best)}, limit {figure(reading.limit)}{right}"
    )
    severity = _severity(reading, is_regression=is_regression)
    remedy = "check that each label belongs to its row and that the loss fits the output (T002), then a larger rate"
    return VOICE.says(severity, message, remedy=remedy, action="repair", measured=reading.best, limit=reading.limit)


def _is_linear(evidence: Evidence) -> bool:
    layout = evidence.preflight.layout
    weighted = [fact for fact in layout.layers if fact.n_units or fact.kernel_initializer] if layout else []
    return len(weighted) == 1 and weighted[0].kind == "Dense"


def _severity(reading: TinyBatchReading, *, is_regression: bool) -> Severity:
    if not math.isfinite(reading.best):
        return "stop"
    is_near = reading.best <= ERROR_SHARE * reading.start if is_regression else reading.accuracy >= ACCURACY_LIMIT
    return "warn" if is_near else "stop"


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Learn faster, or give it more room."""
    faster, slower = remedies.rate_times(recipe, FASTER), remedies.rate_times(recipe, 1 / FASTER)
    return (faster, remedies.wider(recipe), slower)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Can the network memorise a few rows?",
    when="before",
    judge=judge,
    repairs=repairs,
)
