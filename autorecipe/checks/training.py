"""The training checks, in gate order: one file each, listed here.

T028, the power law of a layer's spectrum, is left out: it speaks for large pretrained networks, and no limit of it
has been tested on small ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, zip_longest

from autorecipe.change import Change
from autorecipe.checks import (
    t001_finite_input,
    t002_loss_and_output,
    t003_loss_at_start,
    t004_loss_reduction,
    t005_input_scale,
    t006_batch_independence,
    t007_start_health,
    t008_tiny_batch,
    t009_controls,
    t010_rate_range,
    t011_parity,
    t012_evaluation,
    t013_nan_loss,
    t014_loss_not_falling,
    t015_vanishing_gradient,
    t016_exploding_gradient,
    t017_dead_units,
    t018_saturation,
    t019_update_ratio,
    t020_oscillation,
    t021_penalty,
    t022_overfit,
    t023_patience,
    t024_run_length,
    t025_underfit,
    t026_search_boundary,
    t027_suspicious_success,
    t029_architecture,
)
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.training_check import TrainingCheck, When
from autorecipe.evidence import Evidence
from autorecipe.families import family_named
from autorecipe.recipe import Recipe
from autorecipe.record.finding import CheckOutcome, Finding

TRAINING_CHECKS: tuple[TrainingCheck, ...] = (
    t001_finite_input.CHECK,
    t002_loss_and_output.CHECK,
    t003_loss_at_start.CHECK,
    t004_loss_reduction.CHECK,
    t005_input_scale.CHECK,
    t006_batch_independence.CHECK,
    t007_start_health.CHECK,
    t008_tiny_batch.CHECK,
    t009_controls.CHECK,
    t010_rate_range.CHECK,
    t011_parity.CHECK,
    t012_evaluation.CHECK,
    t013_nan_loss.CHECK,
    t014_loss_not_falling.CHECK,
    t015_vanishing_gradient.CHECK,
    t016_exploding_gradient.CHECK,
    t017_dead_units.CHECK,
    t018_saturation.CHECK,
    t019_update_ratio.CHECK,
    t020_oscillation.CHECK,
    t021_penalty.CHECK,
    t022_overfit.CHECK,
    t023_patience.CHECK,
    t024_run_length.CHECK,
    t025_underfit.CHECK,
    t026_search_boundary.CHECK,
    t027_suspicious_success.CHECK,
    t029_architecture.CHECK,
)
GENERAL_SYMPTOM = "T014"  # a loss that does not fall: its repairs come after those of a cause that was found
# fields that shape the network: an architecture of the user's has knobs instead
STRUCTURAL = frozenset(
    (
        "family",
        "width",
        "depth",
        "funnel",
        "activation",
        "initializer",
        "normalization",
        "dropout",
        "drop_connect",
        "stochastic_depth",
        "activation_noise",
        "max_norm",
    )
)


def judge_network(
    evidence: Evidence, *, when: tuple[When, ...]
) -> tuple[tuple[CheckOutcome, ...], tuple[Finding, ...]]:
    """Ask every training check of those moments, in gate order.

    Parameters
    ----------
    when : tuple of str
        "before" the budget is spent, "during" training, "after" it.

    Returns
    -------
    outcomes : tuple of CheckOutcome
        One per check; its text is the verdict, the reason says why one was skipped.
    findings : tuple of Finding
        What was noticed.
    """
    outcomes: list[CheckOutcome] = []
    findings: list[Finding] = []
    for check in TRAINING_CHECKS:
        if check.when not in when:
            continue
        outcome, finding = _asked(check, evidence)
        outcomes.append(outcome)
        if finding is not None:
            findings.append(finding)
    return tuple(outcomes), tuple(findings)


def _asked(check: TrainingCheck, evidence: Evidence) -> tuple[CheckOutcome, Finding | None]:
    try:
        verdict = check.judge(evidence)
    except NotApplicable as reason:
        return CheckOutcome(code=check.code, title=check.title, status="skipped", reason=str(reason)), None
    is_well = verdict.finding is None
    outcome = CheckOutcome(
        code=check.code, title=check.title, status="passed" if is_well else "found", text=verdict.text
    )
    return outcome, verdict.finding


def repairs_for(findings: tuple[Finding, ...], recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Return changes that may mend what was found: each finding's most promising first, then its second, ...

    Only findings that ask for a repair are answered. Changes that change nothing, that repeat another one, or that an
    architecture of the user's has no field for, are left out.

    Parameters
    ----------
    findings : tuple of Finding
        In gate order.
    recipe : Recipe
        Of the network that they speak of.
    """
    asking = [finding for finding in findings if finding.action == "repair"]
    asking.sort(key=lambda finding: finding.code == GENERAL_SYMPTOM)
    by_finding = [tuple(_repairs_of(finding, recipe, evidence)) for finding in asking]
    seen, changes = {recipe}, []
    for change in chain.from_iterable(zip_longest(*by_finding)):
        after = change.apply(recipe) if change is not None else recipe
        if change is not None and after not in seen:
            seen.add(after)
            changes.append(change)
    return tuple(changes)


def _repairs_of(finding: Finding, recipe: Recipe, evidence: Evidence) -> Iterator[Change]:
    check = next((check for check in TRAINING_CHECKS if check.code == finding.code), None)
    for change in check.repairs(recipe, evidence) if check is not None else ():
        if recipe.family == "custom" and any(field in STRUCTURAL for field, _ in change.edits):
            continue
        if any(field in family_named(recipe.family).ignores for field, _ in change.edits):
            continue
        if family_named(change.apply(recipe).family).modality != family_named(recipe.family).modality:
            continue
        reason = f"{finding.code}: {finding.message}"
        yield Change(edits=change.edits, title=change.title, reason=reason, source=change.source)
