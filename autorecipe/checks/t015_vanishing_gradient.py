"""Gradients vanish on their way to the first layer.

What it looks for: the gradient of the first kernel beside that of the last, each time the layers were looked at during
training.

Why it matters: layers that get a thousandth of the gradient stay as they were drawn, and what they pass on is noise.

How to read it: alone it is information, as many networks learn well with uneven gradients; with a training that goes
badly it is a warning. Before training it is not judged: a last layer near zero lets little through to anyone.

Limits: the first kernel's gradient below a thousandth of the last one's and below 1e-4, in three of five looks
(AutoTrainer's beta_1 and beta_2). Repairs: residual blocks with normalization, then SELU, then ReLU with He's
initializer and batch normalization (AutoTrainer's order behind them; recipe rule C5).
"""

from __future__ import annotations

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import later_probes
from autorecipe.checks.internals import first_and_last, gated
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, power
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe

CODE = "T015"
TITLE = "Vanishing gradients"
RATIO_LIMIT = 1e-3  # first over last gradient norm: AutoTrainer's beta_1
FIRST_LIMIT = 1e-4  # first gradient norm: AutoTrainer's beta_2
N_LOOKS = 5  # looks inside that are judged; choice
SHARE_OF_LOOKS = 0.6  # three of five; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Say where the first layer gets next to no gradient, most times it was looked at."""
    pairs = [pair for probe in later_probes(evidence) if (pair := first_and_last(probe)) is not None][-N_LOOKS:]
    if not pairs:
        raise NotApplicable("there are no two layers to compare")
    vanishing = [
        (first, last)
        for first, last in pairs
        if first.gradient_norm < RATIO_LIMIT * last.gradient_norm and first.gradient_norm < FIRST_LIMIT
    ]
    first, last = (vanishing or pairs)[-1]
    ratio = first.gradient_norm / last.gradient_norm if last.gradient_norm > 0 else 1.0
    if len(vanishing) < SHARE_OF_LOOKS * len(pairs):
        return Verdict(text=f"first gradient {figure(ratio)} of the last (limit {power(RATIO_LIMIT)})")
    message = (
        f"Gradients vanish on their way to the first layer: {first.name} gets {figure(ratio)} times the gradient of"
        f" {last.name} (limit {power(RATIO_LIMIT)})"
    )
    remedy = "residual blocks with normalization, SELU, or ReLU with batch normalization"
    return gated(VOICE, evidence, message, remedy=remedy, measured=ratio, limit=RATIO_LIMIT)


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Give the gradient a way around; then hold its size by the activation, then by a normalization."""
    return (
        remedies.residual(recipe),
        remedies.activation("selu"),
        remedies.normalized_activation("relu", "batch"),
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Does the gradient reach the first layer?",
    when="during",
    judge=judge,
    repairs=repairs,
)
