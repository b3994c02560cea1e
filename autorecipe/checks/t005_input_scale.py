"""What enters the network is not scaled.

What it looks for: the mean, spread and range of every input as it enters the network, after all preprocessing:
columns far from [-1, 1], columns on very different scales, and inputs that hardly vary at all.

Why it matters: large inputs saturate the first layer and blow up its gradient; among columns of different scales the
largest one rules, whatever it is worth.

How to read it: a network that scales its inputs itself (Rescaling, Normalization, BatchNormalization or an embedding
before its first dense or convolutional layer) is not judged, unless what comes out of a layer that rescales by fixed
numbers hardly varies: images were divided by 255 in front of a backbone that does so too. Rare indicator columns are
nearly constant by nature and are only counted.

Limits: |mean| or standard deviation above 10 (AutoTrainer calls layer outputs of 10 abnormal; UMLAUT asks for [-1, 1],
which every standardized table would fail); the largest spread 100 times the median one (choice); all spreads below
0.01 (choice: a hundredth of a standardized column).
"""

from __future__ import annotations

import statistics

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, several
from autorecipe.checks.wording import name, percent, plural
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe
from autorecipe.record.network_readings import InputColumn, InputsReading, LayoutReading

CODE = "T005"
TITLE = "Scale of the inputs"
SIZE_LIMIT = 10.0  # |mean| or standard deviation: AutoTrainer's limit for abnormal data
SPREAD_RATIO = 100.0  # largest standard deviation over the median one; choice
SMALLEST_SPREAD = 0.01  # standard deviation; choice: a hundredth of a standardized column
CONSTANT_SHARE = 0.5  # of the columns; choice: when most never vary, the step before the network is broken
SCALERS = ("Rescaling", "Normalization", "BatchNormalization", "LayerNormalization", "GroupNormalization", "Embedding")
FIXED_SCALERS = ("Rescaling", "Normalization")  # what comes out of the others varies whatever goes in
WEIGHTED = ("Dense", "Conv", "SeparableConv", "DepthwiseConv", "LSTM", "GRU", "SimpleRNN", "EinsumDense")

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Warn about inputs that are not scaled; stop where no input varies."""
    reading = evidence.preflight.inputs
    if reading is None or not reading.columns:
        raise NotApplicable("the inputs were not looked at")
    if any(column.n_not_finite for column in reading.columns):
        raise NotApplicable("inputs that are not finite have no scale: see T001")
    varying = [column for column in reading.columns if column.std > 0]
    if not varying:
        message = f"No input varies: all {plural(len(reading.columns), 'column')} are constant"
        return VOICE.says("stop", message, remedy="look at what is done to the rows before the network", action="ask")
    scaler = scaling_layer(evidence.preflight.layout)
    return (
        _constant(reading, varying)
        or _shrunk(varying, scaler)
        or (Verdict(text=f"inputs are scaled by the network itself ({scaler})") if scaler else _scale(varying))
    )


def scaling_layer(layout: LayoutReading | None) -> str:
    """Return the kind of the layer that scales the inputs before the first weights; "" when there is none."""
    for layer in layout.layers if layout else ():
        if layer.kind in SCALERS:
            return layer.kind
        if layer.kind.startswith(WEIGHTED):
            return ""
    return ""


def _constant(reading: InputsReading, varying: list[InputColumn]) -> Verdict | None:
    share = 1 - len(varying) / len(reading.columns)
    if share <= CONSTANT_SHARE:
        return None
    names = several([name(c.name) for c in reading.columns if c.std == 0])
    message = (
        f"Most inputs never vary: {percent(share)} of the columns are constant on {reading.n_rows:,} rows"
        f" ({names}); limit {percent(CONSTANT_SHARE)}"
    )
    remedy = "look at what is done to the rows before the network"
    return VOICE.says("warn", message, remedy=remedy, action="ask", measured=share, limit=CONSTANT_SHARE)


def _shrunk(varying: list[InputColumn], scaler: str) -> Verdict | None:
    widest = max(column.std for column in varying)
    if scaler not in FIXED_SCALERS or widest >= SMALLEST_SPREAD:
        return None
    message = (
        f"The inputs are tiny behind the network's own {scaler}: no column spreads further than {figure(widest)};"
        f" limit {SMALLEST_SPREAD}"
    )
    remedy = "rescale them once: in front of the network, or in it (backbones of keras.applications do it themselves)"
    return VOICE.says("warn", message, remedy=remedy, action="repair", measured=widest, limit=SMALLEST_SPREAD)


def _scale(varying: list[InputColumn]) -> Verdict:
    size = max(max(abs(c.mean), c.std) for c in varying)
    widest = max(varying, key=lambda c: c.std)
    ratio = widest.std / statistics.median(c.std for c in varying)
    remedy = "standardize them (keras.layers.Normalization), or divide pixels by 255 (keras.layers.Rescaling)"
    if size > SIZE_LIMIT:
        large = [c for c in varying if max(abs(c.mean), c.std) > SIZE_LIMIT]
        notes = several([f"{name(c.name)} {figure(c.minimum)} to {figure(c.maximum)}" for c in large])
        message = (
            f"The inputs are not scaled: {plural(len(large), 'column')} of {len(varying):,} have a mean or spread"
            f" above {SIZE_LIMIT:g} ({notes})"
        )
        return VOICE.says("warn", message, remedy=remedy, action="repair", measured=size, limit=SIZE_LIMIT)
    if ratio > SPREAD_RATIO:
        message = (
            f"The inputs are on very different scales: {name(widest.name)} spreads {figure(ratio)} times as far as the"
            f" median column; limit {SPREAD_RATIO:g}"
        )
        return VOICE.says("warn", message, remedy=remedy, action="repair", measured=ratio, limit=SPREAD_RATIO)
    if widest.std < SMALLEST_SPREAD:
        message = f"The inputs are tiny: no column spreads further than {figure(widest.std)}; limit {SMALLEST_SPREAD}"
        return VOICE.says("warn", message, remedy=remedy, action="repair", measured=widest.std, limit=SMALLEST_SPREAD)
    return Verdict(text=f"inputs within {figure(size)} in mean and spread (limit {SIZE_LIMIT:g})")


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Scale by quantiles, then normalize what the first layer makes of it."""
    return (remedies.quantile_scaling(), remedies.normalization("batch"))


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Are the inputs of a size that a network can learn from?",
    when="before",
    judge=judge,
    repairs=repairs,
)
