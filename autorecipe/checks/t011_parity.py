"""The network answers differently the second time, after it was saved, or in training.

What it looks for: predictions of the same rows twice, and before and after saving and loading; and the loss of the
same rows in training mode beside inference mode, after a short training.

Why it matters: a model that predicts otherwise after it was saved is not the one that was measured. A wide gap between
the modes means that validation and serving see another network than the one that learns.

How to read it: worse in inference: something is applied only in training, or batch normalization has not seen enough
steps for its averages. Worse in training: dropout or noise is so strong that little is left to learn from.

Limits: predictions may differ by 1e-6 when repeated (0 on most machines) and 1e-5 after loading; the modes by 50 %
after an epoch (choices). The gap is measured against the smaller loss, but at least a quarter of what the prior costs:
near zero every ratio is large.
"""

from __future__ import annotations

import math

from autorecipe.change import Change
from autorecipe.checks import remedies
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, Verdict
from autorecipe.checks.verdicts import Voice, figure, loss_name, power
from autorecipe.checks.wording import percent
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe
from autorecipe.record.readings import ParityReading

CODE = "T011"
TITLE = "Parity"
REPEAT_LIMIT = 1e-6  # of a prediction; parallel sums may end in another order; choice
RELOAD_LIMIT = 1e-5  # of a prediction; choice
MODE_GAP = 0.5  # of the loss; choice
MIN_EPOCHS = 1.0  # passes over the rows; choice
SCALE_SHARE = 0.25  # of what the prior costs: losses below it count as that; choice

LOADED = "The network predicts differently after loading"
VOICE = Voice(code=CODE, title=TITLE)


def judge(evidence: Evidence) -> Verdict:
    """Stop where predictions are not repeated, warn where the modes are far apart."""
    reading = evidence.preflight.parity
    if reading is None:
        raise NotApplicable("the network was not saved and loaded")
    for what, difference, limit in (
        ("The same rows are predicted differently the second time", reading.repeat_difference, REPEAT_LIMIT),
        (LOADED, reading.reload_difference, RELOAD_LIMIT),
    ):
        cannot_be_saved = what is LOADED and math.isnan(difference)  # as a subclassed model without a configuration
        if not cannot_be_saved and not difference <= limit:
            message = f"{what}: by up to {figure(difference)} (limit {power(limit)})"
            remedy = "look for randomness at inference, and for state that a layer's get_config leaves out"
            return VOICE.says("stop", message, remedy=remedy, action="ask", measured=difference, limit=limit)
    return _modes(evidence, reading)


def _modes(evidence: Evidence, reading: ParityReading) -> Verdict:
    said = f"predictions equal when repeated and after loading (within {power(RELOAD_LIMIT)})"
    if math.isnan(reading.reload_difference):
        why = f" ({reading.not_saved})" if reading.not_saved else ""
        said = f"predictions equal when repeated; it cannot be saved and loaded{why}"
    gap = mode_gap(evidence, reading)
    if reading.n_epochs < MIN_EPOCHS or math.isnan(gap):
        return Verdict(text=said)
    if gap <= MODE_GAP:
        return Verdict(text=f"{said}, losses in training and inference {percent(gap)} apart")
    is_worse_served = not reading.inference_mode_loss <= reading.train_mode_loss
    message = (
        f"The network is another one in {'inference' if is_worse_served else 'training'}: its"
        f" {loss_name(evidence.facts.task)} is {figure(reading.train_mode_loss)} in training mode and"
        f" {figure(reading.inference_mode_loss)} in inference mode (limit {percent(MODE_GAP)} apart)"
    )
    served = "look for what is applied in training alone; lower BatchNormalization's momentum, or use another"
    trained = "lower the dropout and the noise"
    remedy = f"{served} normalization" if is_worse_served else trained
    return VOICE.says("warn", message, remedy=remedy, action="repair", measured=gap, limit=MODE_GAP)


def mode_gap(evidence: Evidence, reading: ParityReading) -> float:
    """Return how far the losses of the two modes are apart, as a share; NaN where both are not finite."""
    losses = (reading.train_mode_loss, reading.inference_mode_loss)
    finite = [loss for loss in losses if math.isfinite(loss)]
    if len(finite) < 2:
        return math.inf if finite else math.nan
    start = evidence.preflight.loss_at_start
    scale = max(min(finite), SCALE_SHARE * start.prior if start and math.isfinite(start.prior) else 0.0)
    return abs(losses[0] - losses[1]) / scale if scale > 0 else 0.0


def repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Weaken the noise where training suffers; replace batch normalization where inference does."""
    reading = evidence.preflight.parity
    calmer = (remedies.dropout(recipe, round(recipe.dropout / 2, 2)),) if recipe.dropout > 0 else ()
    steady = (remedies.normalization("layer"),) if recipe.normalization == "batch" else ()
    is_worse_served = reading is not None and not reading.inference_mode_loss <= reading.train_mode_loss
    return (*steady, *calmer) if is_worse_served else (*calmer, *steady)


CHECK = TrainingCheck(
    code=CODE,
    title=TITLE,
    question="Is it the same network twice, after loading, and in training?",
    when="before",
    judge=judge,
    repairs=repairs,
)
