"""The loss became NaN or infinite, or the training failed.

What it looks for: losses, gradients and layers that are not finite numbers in any epoch, and trainings that had to be
taken back to an earlier epoch because of them; and trainings that ended in an error.

Why it matters: from the first NaN on every weight is NaN.

How to read it: a training that was saved went on from its last good epoch at a tenth of the rate; its result counts,
but the rate it started with was too high. One that was not saved has no result. One that failed for
another cause has none either: the cause is told, and no repair is tried.

Limits: one value stops (SageMaker Debugger, ExplodingTensor; Keras, TerminateOnNaN); the repairs are a tenth of the
rate, clipping at 1 (recipe rule E5: 1 to 10), a warm-up and a normalization (docs/recipe.md, H).
"""

from __future__ import annotations

import math

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import names_nan, training_of
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, power
from autorecipe.evidence import Evidence, TrainingReading
from autorecipe.recipe import Recipe

CODE = "T013"
TITLE = "Not a number"
LARGEST = 3.4e38  # largest float32, which stands for infinity in a look inside: IEEE 754
SLOWER = 0.1  # factor of the learning rate: docs/recipe.md, H
CLIP_NORM = 1.0  # global norm: recipe rule E5
OUT_OF_TIME = "out of time"  # the cause of a training that the clock ended before it began, as the stages write it
WARM_UP_SHARE = 0.05  # of the steps: recipe rule E4

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Stop where the training ended in NaN or an error, warn where it was saved from NaN."""
    training = training_of(evidence)
    fit, rate = training.fit, power(evidence.facts.learning_rate)
    saved = [repair for repair in fit.repairs if names_nan(repair)]
    where = _where(training)
    if fit.status == "failed" and (names_nan(fit.cause) or where):
        message = f"The training ended in NaN at a learning rate of {rate}: {fit.cause or where}"
        remedy = "a tenth of the rate, clipped gradients, a normalization; and look at the inputs (T001, T005)"
        return VOICE.says("stop", message, remedy=remedy, action="repair")
    if fit.status == "failed" and fit.cause == OUT_OF_TIME:
        raise NotApplicable("no time was left to train it")
    if fit.status == "failed":
        message = f"The training failed: {fit.cause or 'for an unknown cause'}"
        return VOICE.says("stop", message, remedy="mend the cause, then train again", action="ask")
    if where and not saved:
        message = f"Numbers that are not finite appear at a learning rate of {rate}: {where}"
        return VOICE.says("stop", message, remedy="a tenth of the rate, or clipped gradients", action="repair")
    if saved:
        message = f"The training was saved from NaN at a learning rate of {rate}: {saved[0]}"
        return VOICE.says("warn", message, remedy="a tenth of the rate, or clipped gradients", action="repair")
    return Verdict(text=f"finite in {len(fit.history.train_loss)} epochs")


def _where(training: TrainingReading) -> str:
    history = training.fit.history
    curves = (
        ("training loss", history.train_loss),
        ("validation loss", history.validation_loss),
        ("gradient", history.gradient_norm),
    )
    for what, values in curves:
        for epoch, value in enumerate(values, start=1):
            if not math.isfinite(value):
                return f"the {what} in epoch {epoch}"
    for internals in training.fit.internals:
        for layer in internals.layers:
            if not max(abs(layer.kernel_norm), abs(layer.output_std)) < LARGEST:
                return f"the layer {layer.name} after epoch {internals.epoch}"
    return ""


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Slow down, clip, normalize, warm up."""
    return (
        remedies.rate_times(recipe, SLOWER),
        remedies.clip(CLIP_NORM),
        remedies.normalization("layer"),
        remedies.warm_up(WARM_UP_SHARE),
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Did every number stay finite?",
    when="during",
    judge=judge,
    repairs=repairs,
)
