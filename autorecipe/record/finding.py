"""What checks noticed, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autorecipe.fix import Fix

Severity = Literal["stop", "warn", "info"]


Action = Literal["none", "drop", "parse", "mask", "clip", "impute", "regroup", "ask", "look", "repair"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check noticed.

    Attributes
    ----------
    code : str
        "D013": stable, never reused.
    severity : str
        "stop" asks the user, "warn" may hurt, "info" is good to know.
    message : str
        One sentence that names the column, the number and the limit.
    columns : tuple of str
        The columns it speaks of; empty for the rows or the whole dataset.
    measured, limit : float or None
        The number and the bound it was held against.
    action : str
        What is done about it ("drop": the column is left out of the features), or what is left to the user: "ask" for
        a decision, "look" at the rows or images that are named.
    remedy : str
        What was done, or the flag to write.
    rows : tuple of int
        A few row numbers (from 1, the header not counted), at most ten.
    examples : tuple of str
        Names of images that show it, at most fifty; of pairs, one after the other.
    fixes : tuple of Fix
        What can be done about it, the best first; empty where there is nothing to do.
    quoted : tuple of str
        Cell values that `message` and `remedy` quote: a report that shows no values puts "..." in their place.
    """

    code: str
    severity: Severity
    title: str
    message: str
    columns: tuple[str, ...] = ()
    measured: float | None = None
    limit: float | None = None
    action: Action = "none"
    remedy: str = ""
    rows: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    quoted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """One check's verdict: passed, found something, or skipped with the reason.

    Attributes
    ----------
    text : str
        What a training check measured and the limit it was held against, in a clause.
    """

    code: str
    title: str
    status: Literal["passed", "found", "skipped"]
    reason: str = ""
    seconds: float = 0.0
    text: str = ""
