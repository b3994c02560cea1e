"""The stages, each one question answered with evidence, in the order of work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autorecipe.config import StageName
from autorecipe.effects import Effects
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One question, and the function that answers it.

    Attributes
    ----------
    work : callable
        (run, effects) -> StageResult; it never edits what came before.
    """

    name: StageName
    question: str
    work: Callable[[Run, Effects], StageResult]
