"""A training check: one question about a network, answered from what was measured of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from autorecipe.change import Change
from autorecipe.evidence import Evidence
from autorecipe.recipe import Recipe
from autorecipe.record.finding import Finding

When = Literal["before", "during", "after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check says.

    Attributes
    ----------
    text : str
        What was measured and the limit it was held against, in a clause: "loss at start 0.694 (expected 0.693)".
    finding : Finding or None
        None when all is well.
    """

    text: str
    finding: Finding | None = None


def no_repairs(recipe: Recipe, evidence: Evidence) -> tuple[Change, ...]:
    """Know no change of the recipe that would help."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCheck:
    """One question about a network.

    The docstring of the module that holds the check is its rule, as for checks of the data.

    Attributes
    ----------
    code : str
        "T003": stable, never reused.
    question : str
        What the check asks, in one line.
    when : str
        "before" the budget is spent, "during" training (its curves and internals), or "after" it.
    judge : function of Evidence
        A pure function; raises NotApplicable where a reading it needs was not taken, or the question makes no sense.
    repairs : function of (Recipe, Evidence)
        Changes that may mend what was found, the most promising first; they are tried, measured, kept or rejected.
    """

    code: str
    title: str
    question: str
    when: When
    judge: Callable[[Evidence], Verdict]
    repairs: Callable[[Recipe, Evidence], tuple[Change, ...]] = no_repairs
