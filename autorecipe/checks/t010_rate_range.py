"""The learning rate lies outside the range in which the loss falls.

What it looks for: a sweep of the rate from tiny to huge within about a hundred steps on a copy of the network: whether
the loss falls anywhere, where it diverges, and where the rate in use stands beside the one that the sweep suggests.

Why it matters: no other setting ruins a training as fast. A rate a hundred times too small looks like a network that
cannot learn.

How to read it: the sweep is short and noisy; a rate within a factor of a hundred of the suggestion is left alone. A
flat sweep of a network that learns well beyond chance is no cause for concern and only noted.

Limits: a fall below 5 % is flat; divergence below 1e-4 is unstable (choices, after fastai's range test, whose default
suggestion is the valley); the rate may lie at most a hundred times above or below the suggestion, and not beyond
divergence (choice: the window of one decade that the tuner searches, doubled).
"""

from __future__ import annotations

import math

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, power
from autorecipe.checks.wording import percent
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe
from autorecipe.record.readings import RateReading

CODE = "T010"
TITLE = "Learning rate range"
SMALLEST_FALL = 0.05  # share of the starting loss; choice
UNSTABLE_BELOW = 1e-4  # rate of divergence; choice
FAR = 100.0  # factor between the rate and the suggestion; choice
WARM_UP_SHARE = 0.05  # of the steps: recipe rule E4

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Warn about a flat or unstable sweep, and a rate far from where the loss falls."""
    reading = evidence.preflight.rate_range
    if not evidence.facts.suits_rate_test:
        raise NotApplicable("the range test says nothing about this kind of network")
    if reading is None or not math.isfinite(reading.largest_fall):
        raise NotApplicable("no range of rates was tried")
    return _unstable(reading) or _far(evidence, reading) or _flat(evidence, reading) or _fitting(evidence, reading)


def _unstable(reading: RateReading) -> Verdict | None:
    if reading.diverged_at is None or reading.diverged_at >= UNSTABLE_BELOW:
        return None
    message = (
        f"The network diverges at tiny rates: the loss runs away at {power(reading.diverged_at)} (limit"
        f" {power(UNSTABLE_BELOW)})"
    )
    remedy = "warm up, clip gradients, scale the inputs or add a normalization"
    at = reading.diverged_at
    return VOICE.says("warn", message, remedy=remedy, action="repair", measured=at, limit=UNSTABLE_BELOW)


def _far(evidence: Evidence, reading: RateReading) -> Verdict | None:
    rate, chosen = evidence.facts.learning_rate, reading.chosen
    if not (rate > 0 and chosen > 0) or reading.largest_fall < SMALLEST_FALL:
        return None
    highest = min(chosen * FAR, reading.diverged_at or math.inf)
    if chosen / FAR <= rate <= highest:
        return None
    side, limit = ("high", highest) if rate > highest else ("low", chosen / FAR)
    message = (
        f"The learning rate is far too {side}: {power(rate)}, limit {power(limit)}; the loss falls fastest near"
        f" {power(chosen)}"
    )
    remedy = f"use {power(chosen)}"
    return VOICE.says("warn", message, remedy=remedy, action="repair", measured=rate, limit=limit)


def _flat(evidence: Evidence, reading: RateReading) -> Verdict | None:
    if reading.largest_fall >= SMALLEST_FALL:
        return None
    controls = evidence.preflight.controls
    learns = controls is not None and controls.gain_over_chance > 2 * controls.chance_error
    message = (
        f"No learning rate makes the loss fall: at most {percent(max(reading.largest_fall, 0.0))} within the sweep"
        f" (limit {percent(SMALLEST_FALL)})"
    )
    if learns:
        message = f"{message}; a longer training does beat chance"
    remedy = "look at the scale of the inputs, the loss and the labels (T002, T005, T008)"
    fall = reading.largest_fall
    return VOICE.says("info" if learns else "warn", message, remedy=remedy, measured=fall, limit=SMALLEST_FALL)


def _fitting(evidence: Evidence, reading: RateReading) -> Verdict:
    rate = evidence.facts.learning_rate
    return Verdict(text=f"learning rate {power(rate)} (a sweep suggests {figure_of(reading.chosen)})")


def figure_of(rate: float) -> str:
    """Write a rate, or say that there is none.

    >>> figure_of(3e-3), figure_of(float("nan"))
    ('3e-3', 'none')
    """
    return power(rate) if math.isfinite(rate) and rate > 0 else "none"


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Take the rate that the sweep suggests; where it diverges early, warm up and clip."""
    reading = evidence.preflight.rate_range
    is_usable = reading is not None and reading.chosen > 0 and reading.largest_fall >= SMALLEST_FALL
    changes = (remedies.rate_to(recipe, reading.chosen),) if reading is not None and is_usable else ()
    is_unstable = reading is not None and reading.diverged_at is not None and reading.diverged_at < UNSTABLE_BELOW
    calm = (remedies.warm_up(WARM_UP_SHARE), remedies.clip(1.0), remedies.normalization("layer"))
    return (*calm, *changes) if is_unstable else changes


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Is the learning rate where the loss falls?",
    when="before",
    judge=judge,
    repairs=repairs,
)
