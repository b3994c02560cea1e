"""The training loss does not fall.

What it looks for: a moving average of the training loss beside what knowing the prior alone costs, once a tenth of the
epochs are done. A validation loss below it counts too: dropout makes the training loss look worse than the network is.

Why it matters: this is the symptom that makes findings about gradients and units worth a warning. A network that does
not learn at all has a fault, most often its learning rate.

How to read it: where no baseline is better than chance either, the inputs may carry no signal, and it is a warning
only. A loss that is above chance but fell by 2 % from its own start, and falls still, is only told: the network began
far off and needs more steps. Otherwise nothing that this network says counts.

Limits: 98 % of what the prior costs, after 10 % of the epochs and 50 steps (choices; AutoTrainer judges after 30 %).
Repairs: the rate that a sweep suggests, else three times up and down; Adam; the initializer that fits (docs/recipe.md,
H).
"""

from __future__ import annotations

import math

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.curves import (
    FALL_LIMIT,
    MIN_STEPS,
    chance,
    has_few_steps,
    is_early,
    is_falling,
    is_under_way,
    rivals_above_chance,
    smoothed,
    trained,
    who_cut,
)
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, loss_name, power
from autorecipe.checks.wording import plural
from autorecipe.evidence import Evidence, TrainingReading
from autorecipe.optimizers import optimizer_named
from autorecipe.recipe import Recipe
from autorecipe.record.finding import Severity

CODE = "T014"
TITLE = "Loss falls"
STEP = 3.0  # factor of the learning rate; choice
NEAR = 2.0  # factor within which a suggested rate is the one in use; choice

VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Stop where the training loss stays at what ignorance costs."""
    training = trained(evidence)
    losses, expected = smoothed(training.fit.history.train_loss), chance(evidence, training)
    if not losses or math.isnan(expected):
        raise NotApplicable("no loss was finite: see T013")
    unit, best, limit = loss_name(evidence.facts.task), min(losses), FALL_LIMIT * expected
    n_epochs = plural(len(training.fit.history.train_loss), "epoch")
    if is_falling(evidence):
        return Verdict(text=f"training {unit} {figure(losses[-1])} after {n_epochs} (chance {figure(expected)})")
    if is_early(training):
        raise NotApplicable(f"{who_cut(training)} ended the training after {n_epochs} of {training.epochs:,}")
    if has_few_steps(training):
        raise NotApplicable(f"{plural(training.fit.steps, 'step')} of training, fewer than {MIN_STEPS}")
    if is_under_way(evidence):
        return _told(losses, unit=unit, expected=expected)
    message = (
        f"The training loss does not fall: a {unit} of {figure(best)} at best in {n_epochs}, limit {figure(limit)};"
        f" knowing the prior alone costs {figure(expected)}"
    )
    if _no_rival_learns(training):
        message = f"{message}. No baseline is better than chance either: the inputs may carry no signal"
        remedy = "look for columns that tell more, before more training"
        severity: Severity = "warn"
    else:
        remedy = f"another learning rate than {power(evidence.facts.learning_rate)}, Adam, an initializer that fits"
        severity = "stop"
    return VOICE.says(severity, message, remedy=remedy, action="repair", measured=best, limit=limit)


def _told(losses: tuple[float, ...], *, unit: str, expected: float) -> Verdict:
    message = (
        f"The training loss is still above what the prior costs, {figure(expected)}, and falls: a {unit} of"
        f" {figure(losses[0])} became {figure(losses[-1])}"
    )
    remedy = "more epochs, a larger learning rate, scaled inputs"
    return VOICE.says("info", message, remedy=remedy, measured=losses[-1], limit=FALL_LIMIT * expected)


def _no_rival_learns(training: TrainingReading) -> bool:
    return bool(training.rivals) and not rivals_above_chance(training)


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Set the rate by the sweep; without one try faster and slower; then Adam and the fitting initializer."""
    reading = evidence.preflight.rate_range
    chosen = reading.chosen if reading is not None and math.isfinite(reading.chosen) else 0.0
    is_far = chosen > 0 and not 1 / NEAR <= recipe.learning_rate / chosen <= NEAR
    adam = optimizer_named("adam")
    other = (remedies.optimizer("adam", adam.default_rate),) if recipe.optimizer != "adam" else ()
    usual = optimizer_named(recipe.optimizer)
    strayed = not usual.low_rate <= recipe.learning_rate <= usual.high_rate
    return (
        *((remedies.rate_to(recipe, chosen),) if is_far else ()),
        *((remedies.rate_to(recipe, usual.default_rate),) if strayed else ()),
        *_by_curve(recipe, evidence),
        *other,
        remedies.fitting_initializer(),
        remedies.normalization("layer"),
    )


def _by_curve(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """A loss that rises asks for a smaller rate first, one that stands still for a larger one."""
    losses = smoothed(evidence.training.fit.history.train_loss) if evidence.training else ()
    faster, slower = remedies.rate_times(recipe, STEP), remedies.rate_times(recipe, 1 / STEP)
    rises = len(losses) > 1 and losses[-1] > losses[0]
    return (slower, faster) if rises else (faster, slower)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Does the training loss fall?",
    when="during",
    judge=judge,
    repairs=repairs,
)
