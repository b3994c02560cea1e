"""How training checks word their verdicts: numbers, units, and a finding with its remedy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autorecipe.checks.training_check import Verdict
from autorecipe.config import Task
from autorecipe.listing import some_of
from autorecipe.record.finding import Action, Finding, Severity

N_SHOWN = 3  # layers, columns or notes named in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A check's code and title, with which it says what it noticed."""

    code: str
    title: str

    def says(
        self,
        severity: Severity,
        message: str,
        *,
        remedy: str,
        action: Action = "none",
        measured: float | None = None,
        limit: float | None = None,
    ) -> Verdict:
        """Return the verdict of a check that noticed something."""
        finding = Finding(
            code=self.code,
            severity=severity,
            title=self.title,
            message=message,
            measured=_finite(measured),
            limit=limit,
            action=action,
            remedy=remedy,
        )
        return Verdict(text=message, finding=finding)


def loss_name(task: Task) -> str:
    """Return the unit of the task's loss.

    >>> loss_name("binary"), loss_name("regression")
    ('log loss', 'squared error')
    """
    return "squared error" if task == "regression" else "log loss"


def figure(value: float) -> str:
    """Write a number with three significant digits, tiny ones as powers of ten.

    >>> figure(0.69314), figure(12345.6), figure(3.2e-07), figure(0.0), figure(float("nan"))
    ('0.693', '12,346', '3.2e-7', '0', 'NaN')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    size = abs(value)
    if size >= 1e6 or 0 < size < 1e-3:
        return power(value)
    return f"{value:,.0f}" if size >= 1000 else f"{value:.3g}"


def power(value: float) -> str:
    """Write a number as people write learning rates.

    >>> power(1e-3), power(0.0003), power(0.025), power(1.0), power(10.0)
    ('1e-3', '3e-4', '2.5e-2', '1', '10')
    """
    if 0.1 <= abs(value) < 1e4 or value == 0:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def several(items: Sequence[str]) -> str:
    """Return "a, b, c and 4 more".

    >>> several(["a", "b"]), several(["a", "b", "c", "d", "e"])
    ('a, b', 'a, b, c and 2 more')
    """
    return some_of(items, N_SHOWN)


def _finite(value: float | None) -> float | None:
    """A finding is stored as JSON, which has no NaN."""
    return value if value is not None and math.isfinite(value) else None
