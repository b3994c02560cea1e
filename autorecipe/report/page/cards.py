"""The single facts of a report: findings, columns, decisions, scores, checks and ticks as it tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autorecipe.record.finding import Severity

TickState = Literal["done", "not done", "not applicable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A label and what is known.

    Attributes
    ----------
    flag : str
        What overrides it; "" for none.
    is_code : bool
        Whether the text is a path or a command.
    """

    label: str
    text: str
    flag: str = ""
    is_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCard:
    """A finding as the report tells it.

    Attributes
    ----------
    key : str
        Of its place in the page: each finding of a report has its own.
    where : tuple of str
        The columns, where the message does not name them all, and the rows or files that it speaks of.
    names : tuple of str
        Column names that stand in `message` and `done`.
    why : str
        Why it matters.
    done : str
        What was done about it, or the flag to write.
    flag : str
        The flags of its fixes that are left to the user and that `done` does not name; "" for none.
    needs_you : bool
        Whether it waits for the user's answer.
    is_note : bool
        Whether it needs nothing, and nothing was done about it that is not done always.
    """

    key: str
    code: str
    severity: Severity
    title: str
    message: str
    where: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    why: str = ""
    done: str = ""
    flag: str = ""
    needs_you: bool = False
    is_note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCard:
    """One column of the table.

    Attributes
    ----------
    evidence : str
        Why it is taken for its kind.
    statistics : str
        Median, mean and range of a number, or its levels where values are shown.
    drawing : str
        What its bars show, in words.
    findings : tuple of (code, key)
    """

    name: str
    kind: str
    role: str
    evidence: str = ""
    missing_share: float = 0.0
    n_distinct: int = 0
    statistics: str = ""
    counts: tuple[int, ...] = ()
    drawing: str = ""
    score: float | None = None
    score_low: float | None = None
    findings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCard:
    """A change, its effect and what became of it.

    Attributes
    ----------
    effect, error : float
        Gain of the deciding metric, positive is better, and its standard error.
    said : str
        The effect with its error, in words.
    train_loss : str
        Before and after, where a stage looks at it.
    """

    stage: str
    title: str
    kept: bool
    effect: float
    error: float
    said: str
    train_loss: str = ""
    reason: str = ""
    rule: str = ""
    n_tried: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A score with its interval, and what it says."""

    code: str
    title: str
    value: float
    low: float | None
    high: float | None
    said: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One item of a checklist, and what the run says of it."""

    code: str
    item: str
    state: TickState
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A check's verdict."""

    code: str
    title: str
    status: Literal["passed", "found", "skipped"]
    text: str = ""
    key: str = ""  # of its finding
