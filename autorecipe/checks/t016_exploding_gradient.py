"""Gradients explode.

What it looks for: an epoch whose largest step gradient is many times the usual one of the epochs before, and a first
layer whose gradient is many times the last one's.

Why it matters: one huge step can undo hours of small ones; the loss jumps or turns into NaN.

How to read it: alone it is information, with a training that goes badly a warning. Gradients that are not finite at all
belong to T013.

Limits: 10 times the running median of the epochs' mean norms, from the fourth epoch on (choice); the first kernel's
gradient 70 times the last one's (AutoTrainer's beta_3), looked at only where the network learns badly. Repairs:
clipping at norm 1 (recipe rule E5: 1 to 10), a third of the rate, a warm-up.
"""

from __future__ import annotations

import math
import statistics

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import symptom, training_of
from autorecipe.checks.internals import first_and_last, gated
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure
from autorecipe.evidence import Evidence, TrainingReading
from autorecipe.recipe import Recipe

CODE = "T016"
TITLE = "Exploding gradients"
SPIKE_LIMIT = 10.0  # largest norm of an epoch over the running median; choice
RATIO_LIMIT = 70.0  # first over last gradient norm: AutoTrainer's beta_3
MIN_EPOCHS = 3  # before a median says something; choice
CLIP_NORM = 1.0  # global norm: recipe rule E5
SLOWER = 1 / 3  # factor of the learning rate; choice
WARM_UP_SHARE = 0.05  # of the steps: recipe rule E4

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Say where gradients are many times what is usual."""
    training = training_of(evidence)
    spike, ratio = _largest_spike(training), _end_ratio(training) if symptom(evidence) else None
    if spike is None and ratio is None:
        raise NotApplicable("too few gradients were measured")
    remedy = "clip gradients at norm 1, a third of the rate, a warm-up"
    if spike is not None and spike[1] > SPIKE_LIMIT:
        message = (
            f"Gradients explode: the largest of epoch {spike[0]} is {figure(spike[1])} times the median before it"
            f" (limit {SPIKE_LIMIT:g})"
        )
        return gated(VOICE, evidence, message, remedy=remedy, measured=spike[1], limit=SPIKE_LIMIT)
    if ratio is not None and ratio > RATIO_LIMIT:
        message = f"Gradients grow on their way back: {figure(ratio)} times from last to first layer"
        message = f"{message} (limit {RATIO_LIMIT:g})"
        return gated(VOICE, evidence, message, remedy=remedy, measured=ratio, limit=RATIO_LIMIT)
    shown = f"{figure(spike[1])} times the median" if spike else f"{figure(ratio or 0.0)} times from last to first"
    return Verdict(text=f"largest gradient {shown} (limit {SPIKE_LIMIT if spike else RATIO_LIMIT:g})")


def _largest_spike(training: TrainingReading) -> tuple[int, float] | None:
    """The epoch whose peak stands out most from the epochs before it, and by how much."""
    history, found = training.fit.history, []
    usual: list[float] = []
    for epoch, (mean, peak) in enumerate(zip(history.gradient_norm, history.peak_gradient_norm, strict=False), 1):
        median = statistics.median(usual) if len(usual) >= MIN_EPOCHS else 0.0
        if median > 0 and math.isfinite(peak):
            found.append((epoch, peak / median))
        if math.isfinite(mean):
            usual.append(mean)
    return max(found, key=lambda pair: pair[1]) if found else None


def _end_ratio(training: TrainingReading) -> float | None:
    """Smallest ratio of the ends over all looks: one odd batch is not a pattern."""
    pairs = [pair for i in training.fit.internals if i.epoch > 0 and (pair := first_and_last(i)) is not None]
    ratios = [first.gradient_norm / last.gradient_norm for first, last in pairs if last.gradient_norm > 0]
    finite = [ratio for ratio in ratios if math.isfinite(ratio)]
    return min(finite) if finite else None


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Clip, slow down, warm up."""
    return (
        remedies.clip(CLIP_NORM),
        remedies.rate_times(recipe, SLOWER),
        remedies.warm_up(WARM_UP_SHARE),
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Do gradients keep to their usual size?",
    when="during",
    judge=judge,
    repairs=repairs,
)
