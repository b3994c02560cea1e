"""Units are saturated: they sit at the end of their range.

What it looks for: pre-activations of tanh and sigmoid far from zero in the hidden layers, at the last look during
training.

Why it matters: at the end of its range an activation is flat: the gradient that passes through it is almost zero.

How to read it: alone it is information, with a training that goes badly a warning. The last layer is left out: a sure
probability is a saturated one.

Limits: pre-activations beyond 5 in size in more than half of a layer (DeepDiagnosis; SageMaker Debugger asks for 9.5).
Repairs: a normalization in front of the activation, the initializer that fits, ReLU.
"""

from __future__ import annotations

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import hidden_layers, later_probes
from autorecipe.checks.internals import gated
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, several
from autorecipe.checks.wording import percent
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe

CODE = "T018"
TITLE = "Saturated units"
LIMIT = 0.5  # share of a layer's pre-activations beyond 5: DeepDiagnosis

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Say which layers sit at the end of their range."""
    hidden = hidden_layers(later_probes(evidence)[-1])
    if not hidden:
        raise NotApplicable("there is no hidden layer")
    worst = max(hidden, key=lambda layer: layer.saturated_share)
    if not worst.saturated_share > LIMIT:
        return Verdict(text=f"{percent(worst.saturated_share)} of the pre-activations saturated at most")
    named = [f"{percent(layer.saturated_share)} of {layer.name}" for layer in hidden if layer.saturated_share > LIMIT]
    message = f"Units are saturated: {several(named)} lie beyond 5 (limit {percent(LIMIT)})"
    remedy = "a normalization in front of the activation, an initializer that fits, ReLU"
    return gated(VOICE, evidence, message, remedy=remedy, measured=worst.saturated_share, limit=LIMIT)


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Keep pre-activations around zero, start smaller, or use an activation without an upper end."""
    return (
        remedies.normalization("layer"),
        remedies.fitting_initializer(),
        remedies.activation("relu"),
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Do the units work in the middle of their range?",
    when="during",
    judge=judge,
    repairs=repairs,
)
