"""Units are dead: they give zero whatever comes in.

What it looks for: units of the hidden layers whose output stays at zero on 95 % of at least 512 rows, at the last look
during training.

Why it matters: a ReLU that is below zero for every row gets no gradient and never comes back; the layer is smaller than
it looks.

How to read it: judged per unit, never by values: half of what a healthy ReLU gives is zero. Nor by gradients, which are
zero for every level of a category that a batch leaves out. Alone it is information; with a training that goes badly it
is a warning.

Limits: a unit is dead when the 95th percentile of its size is below 1e-5 (TheDeepChecker); 20 % of a layer is worth
telling, 50 % is much (SageMaker Debugger, DeadRelu; the 20 %: choice). Repairs: a third of the rate, leaky ReLU, batch
normalization (recipe rule F1).
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

CODE = "T017"
TITLE = "Dead units"
LIMIT = 0.2  # share of a layer's units; choice
MANY = 0.5  # share of a layer's units: SageMaker Debugger
SLOWER = 1 / 3  # factor of the learning rate; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Say which layers lost more units than they can spare."""
    hidden = hidden_layers(later_probes(evidence)[-1])
    if not hidden:
        raise NotApplicable("there is no hidden layer")
    worst = max(hidden, key=lambda layer: layer.dead_share)
    if not worst.dead_share > LIMIT:
        return Verdict(text=f"{percent(worst.dead_share)} of the units dead at most (limit {percent(LIMIT)})")
    named = several([f"{percent(layer.dead_share)} of {layer.name}" for layer in hidden if layer.dead_share > LIMIT])
    amount = "Most units of a layer are dead" if worst.dead_share > MANY else "Units are dead"
    message = f"{amount}: {named} give zero on all rows (limit {percent(LIMIT)})"
    remedy = "a third of the rate, leaky ReLU, batch normalization"
    return gated(VOICE, evidence, message, remedy=remedy, measured=worst.dead_share, limit=LIMIT)


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Slow down; use an activation that cannot die; keep its inputs around zero."""
    return (
        remedies.rate_times(recipe, SLOWER),
        remedies.activation("leaky_relu"),
        remedies.normalization("batch"),
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Are the units of the hidden layers alive?",
    when="during",
    judge=judge,
    repairs=repairs,
)
