"""The network starts from weights it can hardly learn from.

What it looks for: before the first step, kernels that are constant or zero, kernels of another spread than their own
initializer gives, activations that shrink or grow along the layers, layers that start dead or saturated, and gradients
that vanish before they reach the first layer.

Why it matters: units that start equal stay equal. A signal that shrinks tenfold on its way in is lost for the layers
behind, and a gradient that shrinks a thousandfold on its way back teaches the first layers nothing.

How to read it: each layer is held against its own initializer, not against its neighbours: an embedding has another
spread than a dense layer beside it. The last layer and branches that start at zero on purpose are left out.

Limits: activations' spread within a factor of 10 along the layers (SageMaker Debugger, PoorWeightInitialization: 10);
a kernel's spread within a factor of 2 of its initializer's (choice: a kernel of 100 weights strays 7 %); half of a
layer's units dead, or of a bounded activation's pre-activations beyond 5 (DeepDiagnosis), or its values at 0.85 of
their bound (TheDeepChecker); first hidden gradient a thousandth of the last one's (AutoTrainer).
"""

from __future__ import annotations

import math

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import hidden_layers
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, power, several
from autorecipe.checks.wording import percent
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe
from autorecipe.record.network_readings import Internals, LayerReading

CODE = "T007"
TITLE = "Health at start"
DEPTH_RATIO = 10.0  # largest over smallest spread of activations along the layers; SageMaker Debugger's 10
KERNEL_RATIO = 2.0  # measured spread over the initializer's; choice
MIN_WEIGHTS = 100  # below this a kernel's spread strays by itself; choice
DEAD_LIMIT = 0.5  # share of a layer's units; SageMaker Debugger, DeadRelu: 50 %
SATURATED_LIMIT = 0.5  # share of pre-activations beyond 5: DeepDiagnosis
BOUND_LIMIT = 0.85  # root mean square of a bounded activation's values: TheDeepChecker's rho_B
GRADIENT_RATIO = 1e-3  # first over last gradient: AutoTrainer's beta_1
BOUNDED = ("tanh", "softsign")  # values in [-1, 1], around 0

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Judge the kernels, the signal on its way in, and the gradient on its way back."""
    internals = evidence.preflight.internals
    if internals is None:
        raise NotApplicable("the layers were not looked at before training")
    hidden = hidden_layers(internals)
    constant = _constant(internals)
    if not hidden and constant is None:
        raise NotApplicable("there is no hidden layer")
    found = constant or _dead(hidden) or _saturated(hidden) or _shrinking(hidden) or _vanishing(hidden)
    return found or _strange_kernel(internals) or Verdict(text=_text(hidden))


def _constant(internals: Internals) -> Verdict | None:
    """A 1x1 kernel has no spread; zeros that get a gradient are a branch that starts at zero."""
    layers = [layer for layer in internals.layers if not layer.is_last and layer.kernel_std == 0]
    stuck = [
        layer
        for layer in layers
        if (layer.kernel_norm > 0 and layer.n_units > 1) or (layer.kernel_norm == 0 and layer.gradient_norm == 0)
    ]
    all_hidden = [layer for layer in internals.layers if not layer.is_last]
    blocks_all = any(layer.kernel_norm > 0 or layer.is_first for layer in stuck) or len(stuck) == len(all_hidden)
    if not stuck or not blocks_all:
        return None
    message = (
        f"Kernels start constant: {several([layer.name for layer in stuck])}"
        f" {'has' if len(stuck) == 1 else 'have'} no spread, so the units stay alike"
    )
    remedy = "use a random initializer that fits the activation: he_normal for ReLU, glorot_uniform for tanh"
    return VOICE.says("stop", message, remedy=remedy, action="repair", measured=0.0)


def _dead(hidden: tuple[LayerReading, ...]) -> Verdict | None:
    """A bounded activation that gives nothing has shrunk, not died."""
    worst = max((x for x in hidden if x.activation not in BOUNDED), key=lambda x: x.dead_share, default=None)
    if worst is None or worst.dead_share <= DEAD_LIMIT:
        return None
    message = (
        f"Units are dead before the first step: {percent(worst.dead_share)} of {worst.name} give zero on all rows"
        f" (limit {percent(DEAD_LIMIT)})"
    )
    remedy = "start the biases at zero and the kernels by he_normal; try leaky ReLU"
    return VOICE.says("warn", message, remedy=remedy, action="repair", measured=worst.dead_share, limit=DEAD_LIMIT)


def _saturated(hidden: tuple[LayerReading, ...]) -> Verdict | None:
    worst = max(hidden, key=lambda layer: layer.saturated_share)
    if worst.saturated_share > SATURATED_LIMIT:
        message = (
            f"Units are saturated before the first step: {percent(worst.saturated_share)} of the pre-activations of"
            f" {worst.name} lie beyond 5 (limit {percent(SATURATED_LIMIT)})"
        )
        measured, limit = worst.saturated_share, SATURATED_LIMIT
    else:
        sizes = {layer: math.hypot(layer.output_mean, layer.output_std) for layer in hidden}
        bounded = [layer for layer in hidden if layer.activation in BOUNDED and sizes[layer] > BOUND_LIMIT]
        if not bounded:
            return None
        worst = max(bounded, key=lambda layer: sizes[layer])
        measured, limit = sizes[worst], BOUND_LIMIT
        message = (
            f"Units are saturated before the first step: the values of {worst.name} lie at {figure(measured)} of their"
            f" bound (limit {BOUND_LIMIT:g})"
        )
    remedy = "scale the inputs; start from glorot_uniform; add a normalization"
    return VOICE.says("warn", message, remedy=remedy, action="repair", measured=measured, limit=limit)


def _shrinking(hidden: tuple[LayerReading, ...]) -> Verdict | None:
    spreads = [(layer.name, layer.output_std) for layer in hidden if math.isfinite(layer.output_std)]
    if len(spreads) < 2:
        return None
    (small, lowest), (large, highest) = min(spreads, key=lambda s: s[1]), max(spreads, key=lambda s: s[1])
    if highest <= DEPTH_RATIO * lowest:
        return None
    names = [name for name, _ in spreads]
    verb = "shrink" if names.index(small) > names.index(large) else "grow"
    ratio = highest / lowest if lowest > 0 else math.inf
    message = (
        f"Activations {verb} along the layers: a spread of {figure(lowest)} in {small} and {figure(highest)} in {large}"
        f" (limit a factor of {DEPTH_RATIO:g})"
    )
    remedy = "use the initializer that fits the activation, or a normalization"
    return VOICE.says("warn", message, remedy=remedy, action="repair", measured=ratio, limit=DEPTH_RATIO)


def _vanishing(hidden: tuple[LayerReading, ...]) -> Verdict | None:
    """The last layer is left out: one that starts near zero lets little through, to all layers alike."""
    first, last = hidden[0], hidden[-1]
    if not (last.gradient_norm > 0 and first.gradient_norm < GRADIENT_RATIO * last.gradient_norm):
        return None
    ratio = first.gradient_norm / last.gradient_norm
    message = (
        f"Gradients vanish before the first step: {first.name} gets {figure(ratio)} times the gradient of {last.name}"
        f" (limit {power(GRADIENT_RATIO)})"
    )
    remedy = "use ReLU with he_normal, residual connections or a normalization; or fewer layers"
    return VOICE.says("warn", message, remedy=remedy, action="repair", measured=ratio, limit=GRADIENT_RATIO)


def _strange_kernel(internals: Internals) -> Verdict | None:
    for layer in internals.layers:
        if not (layer.kernel_std > 0 and layer.expected_kernel_std > 0):
            continue
        n_weights = (layer.kernel_norm / layer.kernel_std) ** 2
        ratio = layer.kernel_std / layer.expected_kernel_std
        if n_weights >= MIN_WEIGHTS and not 1 / KERNEL_RATIO <= ratio <= KERNEL_RATIO:
            message = (
                f"A kernel is not as its initializer makes it: {layer.name} spreads {figure(layer.kernel_std)}, its"
                f" initializer {figure(layer.expected_kernel_std)} (limit a factor of {KERNEL_RATIO:g})"
            )
            remedy = "nothing, when the weights were loaded on purpose; else build the network afresh"
            return VOICE.says("info", message, remedy=remedy, measured=ratio, limit=KERNEL_RATIO)
    return None


def _text(hidden: tuple[LayerReading, ...]) -> str:
    spreads = [layer.output_std for layer in hidden]
    return f"activations spread {figure(min(spreads))} to {figure(max(spreads))} along {len(hidden)} hidden layers"


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Initialize by the rule that fits; then hold the signal by a normalization, or give it a way around."""
    return (
        remedies.fitting_initializer(),
        remedies.normalization("layer"),
        remedies.residual(recipe),
        remedies.normalized_activation("relu", "batch"),
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Do signal and gradient pass through the network as it starts?",
    when="before",
    judge=judge,
    repairs=repairs,
)
