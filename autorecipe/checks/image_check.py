"""An image check: one question about the training images, answered with findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autorecipe.checks.image_rows import ImageRows
from autorecipe.record.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCheck:
    """One question about the training images.

    The docstring of the module that holds the check is its rule, as for checks of tables.

    Attributes
    ----------
    code : str
        "D110": stable, never reused.
    question : str
        What the check asks, in one line.
    run : function of ImageRows
        Returns the findings, none when all is well; raises NotApplicable where the question makes no sense.
    max_rows : int
        Most images that are looked at, a seeded random sample of them where there are more; 0 for all.
    """

    code: str
    title: str
    question: str
    run: Callable[[ImageRows], tuple[Finding, ...]]
    max_rows: int = 0
