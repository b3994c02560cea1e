"""Inputs or targets are not numbers.

What it looks for: NaN and infinity in what enters the network and in the targets, numbers too large for float32,
types that no layer can compute with, and targets that are all the same.

Why it matters: one NaN in a batch turns the loss, then every weight, into NaN. A target that never varies leaves
nothing to learn.

How to read it: the columns named are those that reach the network. Mend the data or the pipeline before it; nothing
that is trained on such rows means anything.

Limits: one such value stops (UMLAUT's checks of NaN inputs and of types; SageMaker Debugger, ExplodingTensor). Numbers
count as too large beyond 3.4e38, the largest of float32 (IEEE 754).
"""

from __future__ import annotations

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, several
from autorecipe.checks.wording import name, plural
from autorecipe.evidence import Evidence
from autorecipe.record.network_readings import InputsReading

CODE = "T001"
TITLE = "Finite input"
LARGEST = 3.4e38  # largest float32: IEEE 754
NUMBER_TYPES = ("float", "bfloat", "int", "uint", "bool")

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Stop at values that are not finite numbers, and at targets that never vary."""
    reading = evidence.preflight.inputs
    if reading is None:
        raise NotApplicable("the inputs were not looked at")
    message, remedy = _problem(reading) or ("", "")
    if message:
        return VOICE.says("stop", message, remedy=remedy, action="ask")
    return Verdict(text=f"{plural(len(reading.columns), 'input')} and the target finite on {reading.n_rows:,} rows")


def _problem(reading: InputsReading) -> tuple[str, str] | None:
    for what, dtype in (("The inputs", reading.dtype), ("The targets", reading.label_dtype)):
        if not dtype.startswith(NUMBER_TYPES):
            return f"{what} are of type {dtype}: a network computes with numbers", "convert them to float32"
    wrong = [c for c in reading.columns if c.n_not_finite]
    if wrong:
        n = sum(c.n_not_finite for c in wrong)
        where = several([f"{name(c.name)} ({c.n_not_finite:,})" for c in wrong])
        text = f"{plural(n, 'input value')} {'is' if n == 1 else 'are'} NaN or infinite: {where}"
        return text, "fill or drop the gaps before the network, and look for a division by zero"
    if reading.n_labels_not_finite:
        n = reading.n_labels_not_finite
        return f"{plural(n, 'target')} {'is' if n == 1 else 'are'} NaN or infinite", "drop the rows without a target"
    large = [c for c in reading.columns if max(abs(c.minimum), abs(c.maximum)) > LARGEST]
    if large:
        where = several([f"{name(c.name)} ({figure(c.maximum)})" for c in large])
        return f"Inputs are larger than float32 can hold: {where}", "scale them, or take their logarithm"
    if reading.n_distinct_labels < 2:
        only = figure(reading.label_minimum)
        return f"Every target is {only}: there is nothing to learn", "check which column is the target"
    return None


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Is everything that enters the network a finite number?",
    when="before",
    judge=judge,
)
