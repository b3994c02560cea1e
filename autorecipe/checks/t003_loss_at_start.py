"""The loss before training is not what ignorance costs.

What it looks for: the data loss (without penalties) before the first step. With a zero bias a network that knows
nothing costs ln C for C classes, or the mean square of the target; with the prior's bias it costs the prior's entropy,
or the target's variance.

Why it matters: a loss far above it means confident nonsense: inputs that were not scaled, weights that are too large,
or a loss that does not fit the output. With rare positives a zero bias spends its first epochs learning how rare they
are.

How to read it: AutoRecipe's own networks start with a head near zero, so both numbers must agree. A network of yours
may start up to twice as high, as random weights do; the finding gives the value that the output's bias should get. A
target whose mean is far from zero or whose spread is far from 1 should be standardized before anything else.

Limits: 10 % for networks whose record says that they start at the prior; for others a factor of 2 warns (2.5 for two
classes, where healthy networks from He's initializer reach 2.4) and a factor of 10, or a loss that is not finite,
stops (choices, after Karpathy's recipe; measured: unscaled 0-255 inputs reach 40 times). Heavy imbalance: ignorance
costs twice what the prior does, which two classes reach at 11 % positives.
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
from autorecipe.record.network_readings import StartReading

CODE = "T003"
TITLE = "Loss at start"
TOLERANCE = 0.1  # share of the expected loss; choice
WARN_RATIO = 2.0  # measured over expected; choice
WARN_RATIO_OF_TWO = 2.5  # for two classes, where healthy networks from He's initializer reach 2.4; same source
STOP_RATIO = 10.0  # measured over expected; choice
FAR_MEAN = 3.0  # standard deviations between a target's mean and zero, from which it is not standardized; choice
SMALLEST_STD, LARGEST_STD = 0.1, 10.0  # of a target that needs no standardizing; choice
IMBALANCE_RATIO = 2.0  # what ignorance costs over what the prior costs; choice
SMALLEST_EXPECTED = 1e-9  # below it a ratio says nothing
N_HALVINGS = 60  # of the interval in which a share is sought: the precision of a float

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Compare the loss before training with what the network's record states, or with what random weights do."""
    start, biased = evidence.preflight.loss_at_start, evidence.preflight.loss_with_prior_bias
    if start is None and biased is None:
        raise NotApplicable("the loss before training was not measured")
    for reading in (start, biased):
        if reading is not None and not math.isfinite(reading.value):
            message = f"The loss before training is {figure(reading.value)}: the inputs or weights are far too large"
            return VOICE.says("stop", message, remedy="scale the inputs; look for NaN in them", action="repair")
    if evidence.facts.starts_at_prior:
        return _held_to_record(evidence, start, biased)
    if start is None:
        raise NotApplicable("the loss of the network as it is was not measured")
    return _of_any_network(evidence, start)


def _held_to_record(evidence: Evidence, start: StartReading | None, biased: StartReading | None) -> Verdict:
    """Both losses of a network whose last layer starts near zero."""
    measured = [("loss at start", start.value, start.ignorance)] if start else []
    measured += [("with the prior's bias", biased.value, biased.prior)] if biased else []
    judged = [(what, value, expected) for what, value, expected in measured if expected > SMALLEST_EXPECTED]
    if not judged:
        raise NotApplicable("ignorance costs nothing here: every target is the same")
    text = ", ".join(f"{what} {figure(value)} (expected {figure(expected)})" for what, value, expected in judged)
    what, value, expected = max(judged, key=lambda m: abs(m[1] / m[2] - 1))
    gap = abs(value / expected - 1)
    if gap <= TOLERANCE:
        return Verdict(text=text)
    unit = loss_name(evidence.facts.task)
    message = (
        f"The network does not start at what ignorance costs: {what} a {unit} of {figure(value)}, expected"
        f" {figure(expected)} within {percent(TOLERANCE)}"
    )
    remedy = "start the last layer near zero and its bias at the prior; scale the inputs"
    severity: Severity = "stop" if value > STOP_RATIO * expected else "warn"
    return VOICE.says(severity, message, remedy=remedy, action="repair", measured=gap, limit=TOLERANCE)


def _of_any_network(evidence: Evidence, start: StartReading) -> Verdict:
    if max(start.prior, start.ignorance) <= SMALLEST_EXPECTED:
        raise NotApplicable("ignorance costs nothing here: every target is the same")
    unit, expected = loss_name(evidence.facts.task), max(start.ignorance, start.prior)
    ratio, limit = start.value / expected, WARN_RATIO_OF_TWO if evidence.facts.task == "binary" else WARN_RATIO
    nearest = min((start.ignorance, start.prior), key=lambda known: abs(known - start.value))
    text = f"loss at start {figure(start.value)} (expected {figure(nearest)})"
    if ratio > limit:
        message = (
            f"The loss at start is {figure(ratio)} times what ignorance costs: a {unit} of {figure(start.value)}, "
            f"expected {figure(expected)}; limit {limit:g} times. Inputs or weights are too large"
        )
        remedy = "scale the inputs to about [-1, 1], and start the last layer near zero"
        severity: Severity = "stop" if ratio > STOP_RATIO else "warn"
        return VOICE.says(severity, message, remedy=remedy, action="repair", measured=ratio, limit=limit)
    prior_ratio = start.value / max(start.prior, SMALLEST_EXPECTED)
    if prior_ratio > IMBALANCE_RATIO and start.ignorance > IMBALANCE_RATIO * start.prior:
        if evidence.facts.task == "regression" and _is_unscaled(start):
            return _unscaled_target(start, measured=prior_ratio)
        message = (
            f"The output's bias does not know the prior: the {unit} at start is {figure(start.value)}, "
            f"the prior alone costs {figure(start.prior)}; limit {IMBALANCE_RATIO:g} times"
        )
        remedy = f"start the output's bias at {_bias(evidence, start)}"
        return VOICE.says("warn", message, remedy=remedy, action="ask", measured=prior_ratio, limit=IMBALANCE_RATIO)
    return Verdict(text=text if start.value > TOLERANCE * start.prior else f"{text}: it knows something already")


def _size_of_mean(start: StartReading) -> float:
    known = start.bias_for_prior
    return abs(known) if known is not None else math.sqrt(max(start.ignorance - start.prior, 0.0))


def _is_unscaled(start: StartReading) -> bool:
    std = math.sqrt(max(start.prior, 0.0))
    return _size_of_mean(start) > FAR_MEAN * std or not SMALLEST_STD <= std <= LARGEST_STD


def _unscaled_target(start: StartReading, *, measured: float) -> Verdict:
    mean = figure(start.bias_for_prior) if start.bias_for_prior is not None else f"about {figure(_size_of_mean(start))}"
    std = figure(math.sqrt(max(start.prior, 0.0)))
    message = (
        f"The target is not standardized: its mean is {mean}, its standard deviation {std}; the squared error at start"
        f" is {figure(start.value)}, knowing the mean alone costs {figure(start.prior)}"
    )
    remedy = f"standardize the target first: subtract its mean, {mean}, and divide by its standard deviation, {std}"
    return VOICE.says("warn", message, remedy=remedy, action="ask", measured=measured, limit=IMBALANCE_RATIO)


def _bias(evidence: Evidence, start: StartReading) -> str:
    if evidence.facts.task == "regression":
        mean = start.bias_for_prior
        size = math.sqrt(max(start.ignorance - start.prior, 0.0))
        return f"the target's mean, {figure(mean) if mean is not None else f'about {figure(size)} in size'}"
    if evidence.facts.task == "multiclass":
        return "the logarithms of the classes' shares"
    if start.bias_for_prior is not None:
        return f"ln(p / (1 - p)) = {start.bias_for_prior:.2f}, p being the share of positives"
    share = _rare_share(start.prior)
    odds = math.log(share / (1 - share))
    return f"ln(p / (1 - p)), p being the share of positives: {odds:.2f} for {share:.2%}"


def _rare_share(entropy: float) -> float:
    """Return the share of the rarer of two classes whose prior has that entropy in nats."""
    low, high = 1e-12, 0.5
    for _ in range(N_HALVINGS):
        middle = (low + high) / 2
        is_below = -middle * math.log(middle) - (1 - middle) * math.log1p(-middle) < entropy
        low, high = (middle, high) if is_below else (low, middle)
    return (low + high) / 2


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Scale what enters, then what flows, then what it starts from."""
    return (
        remedies.quantile_scaling(),
        remedies.normalization("layer"),
        remedies.fitting_initializer(),
    )


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Does the network begin by knowing nothing, and at what that costs?",
    when="before",
    judge=judge,
    repairs=repairs,
)
