"""A check: one question about the training rows, answered with findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autorecipe.checks.rows import TrainingRows
from autorecipe.record.finding import Finding


class NotApplicable(Exception):
    """Raised by a check that has nothing to look at here; its text is the reason shown beside "skipped"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question about the training rows.

    The docstring of the module that holds the check is its rule: what it looks for, why it matters, how to
    read it, and where its limits come from. `autorecipe rule CODE` prints it.

    Attributes
    ----------
    code : str
        "D013": stable, never reused.
    question : str
        What the check asks, in one line.
    run : function of TrainingRows
        Returns the findings, none when all is well; raises NotApplicable where the question makes no sense.
    max_rows : int
        Most rows that are looked at, a seeded random sample of them where there are more; 0 for all.
    """

    code: str
    title: str
    question: str
    run: Callable[[TrainingRows], tuple[Finding, ...]]
    max_rows: int = 0
