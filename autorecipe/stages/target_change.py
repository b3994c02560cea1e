"""Should the network learn the logarithm of the target? What the target's statistics offer to try."""

from __future__ import annotations

import math

from autorecipe.change import Change
from autorecipe.recipe import Recipe
from autorecipe.record.profile import ColumnProfile
from autorecipe.record.run import Run

# choice: limits that a lognormal target passes from a spread of 0.3 and 1.3 in logarithms on
SKEW_LIMIT = 1.0
TAIL_RATIO = 20.0  # largest over median
LEAST_LARGEST = 1.0  # in the target's unit: below, log(1 + y) is nearly straight (choice)
SOURCE = "predictions smeared back as by Duan (1983), JASA 78"


def target_changes(recipe: Recipe, run: Run) -> tuple[Change, ...]:
    """Return the change "learn the logarithm of the target" where a regression's training rows suggest it, or nothing.

    It is offered for targets of at least 0 with a long upper tail, and must win by the deciding metric, which is in the
    target's unit: losses of logarithms compare with no others.
    """
    if run.schema.task != "regression" or recipe.target_transform != "none" or run.profile is None:
        return ()
    target = next((c for c in run.profile.columns if c.name == run.schema.target), None)
    tail = _tail(target) if target is not None else ""
    if not tail:
        return ()
    edits = (("target_transform", "log1p"),)
    return (Change(edits=edits, title="learn the logarithm of the target", reason=f"{tail}; {SOURCE}"),)


def _tail(target: ColumnProfile) -> str:
    """Say what is long about the target's upper tail; "" where nothing is, or a value is negative."""
    low, middle, high = target.minimum, target.median, target.maximum
    if low is None or middle is None or high is None or low < 0 or high < LEAST_LARGEST:
        return ""
    ratio = high / middle if middle > 0 else math.inf
    if target.skew is not None and target.skew > SKEW_LIMIT:
        return f"its skew is {target.skew:.2g} (limit {SKEW_LIMIT:g})"
    return f"its largest value is {ratio:.3g} times its median (limit {TAIL_RATIO:g})" if ratio > TAIL_RATIO else ""
