"""Steps are too small or too large for the weights.

What it looks for: the mean size of one optimizer step beside the mean size of the weights, per kernel, at the last
three looks during training; and kernels that get no gradient and no step at all.

Why it matters: a ten-thousandth per step changes nothing within an epoch; a tenth throws away what was learned. A
kernel that never moves is disconnected or dead.

How to read it: alone it is information, with a training that goes badly a warning. Adam's very first step is left out
(its size is the learning rate whatever the gradient), and so are the last layer and kernels that start at zero, for
which the ratio means nothing.

Limits: between 1e-4 and 1e-1 in at least one of three looks (TheDeepChecker; CS231n's 1e-3 is for SGD). Repairs: three
times the rate, or a third of it.
"""

from __future__ import annotations

import math

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import hidden_layers, later_probes
from autorecipe.checks.internals import gated
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, power, several
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe
from autorecipe.record.network_readings import LayerReading

CODE = "T019"
TITLE = "Update ratio"
LOWEST, HIGHEST = 1e-4, 1e-1  # step over weight: TheDeepChecker
N_LOOKS = 3  # in a row; choice
STEP = 3.0  # factor of the learning rate; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Say which kernels hardly move, and which move too far."""
    ratios = _ratios(evidence)
    low = [name for name, values in ratios.items() if max(values) < LOWEST]
    high = [name for name, values in ratios.items() if min(values) > HIGHEST]
    if still := _still(evidence):
        message = f"Weights do not move at all: {several(still)} got no gradient in {N_LOOKS} looks"
        remedy = "connect the layer to the loss, or look for dead units in front of it (T017)"
        return gated(VOICE, evidence, message, remedy=remedy, measured=0.0, limit=LOWEST)
    if low or high:
        names, limit, verb = (low, LOWEST, "hardly move") if len(low) >= len(high) else (high, HIGHEST, "move too far")
        ratio = ratios[names[0]][-1]
        message = f"Weights {verb}: a step of {several(names)} is {figure(ratio)} of the weights (limit {power(limit)})"
        remedy = f"a {'larger' if names is low else 'smaller'} learning rate"
        return gated(VOICE, evidence, message, remedy=remedy, measured=ratio, limit=limit)
    latest = [values[-1] for values in ratios.values()]
    return Verdict(text=f"steps {figure(min(latest))} to {figure(max(latest))} of the weights")


def _ratios(evidence: Evidence) -> dict[str, tuple[float, ...]]:
    looks = later_probes(evidence)[-N_LOOKS:]
    if len(looks) < N_LOOKS:
        raise NotApplicable(f"the layers were looked at {len(looks)} times during training, not {N_LOOKS}")
    seen: dict[str, list[float]] = {}
    for look in looks:
        for layer in _judged(hidden_layers(look)):
            seen.setdefault(layer.name, []).append(layer.update_ratio or 0.0)
    whole = {name: tuple(values) for name, values in seen.items() if len(values) == N_LOOKS}
    if not whole:
        raise NotApplicable("no kernel's steps were measured")
    return whole


def _judged(layers: tuple[LayerReading, ...]) -> list[LayerReading]:
    return [
        layer
        for layer in layers
        if layer.update_ratio is not None and math.isfinite(layer.update_ratio) and layer.expected_kernel_std != 0
    ]


def _still(evidence: Evidence) -> list[str]:
    """Names of kernels that got neither gradient nor step; a frozen layer has a gradient."""
    looks = later_probes(evidence)[-N_LOOKS:]
    still = [{x.name for x in _judged(hidden_layers(i)) if x.update_ratio == 0 == x.gradient_norm} for i in looks]
    return [layer.name for layer in looks[-1].layers if all(layer.name in names for names in still)]


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Change the rate in the direction that is missing."""
    try:
        ratios = _ratios(evidence)
    except NotApplicable:
        return ()
    faster, slower = remedies.rate_times(recipe, STEP), remedies.rate_times(recipe, 1 / STEP)
    n_low = sum(max(values) < LOWEST for values in ratios.values())
    n_high = sum(min(values) > HIGHEST for values in ratios.values())
    return (faster, slower) if n_low >= n_high else (slower, faster)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Are the steps of a size that suits the weights?",
    when="during",
    judge=judge,
    repairs=repairs,
)
