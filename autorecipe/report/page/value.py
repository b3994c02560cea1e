"""The report as one frozen value of plain parts; the page and its twins show this value, so that they cannot differ.

Every text in it is fit to be shown: `autorecipe.report.page.privacy` has taken out what may not be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from autorecipe.report.page.cards import Chip, ColumnCard, DecisionCard, Fact, FindingCard, Metric, Tick

Tone = Literal["plain", "good", "bad", "warn", "dim"]
SectionCode = Literal[
    "data",
    "checks",
    "decisions",
    "learning",
    "tuning",
    "test",
    "interpretation",
    "budget",
    "recipe",
    "checklists",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraphs:
    """Sentences, each its own paragraph, under a title where they have one."""

    texts: tuple[str, ...]
    title: str = ""
    tone: Tone = "plain"
    code: str = ""
    kind: Literal["paragraphs"] = "paragraphs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Labels and what is known of each."""

    title: str
    facts: tuple[Fact, ...]
    code: str = ""
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts under a header.

    Attributes
    ----------
    n_texts : int
        Columns from the left that hold words; those to the right of them hold numbers.
    note : str
        What is to be known of it, below.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_texts: int = 1
    note: str = ""
    code: str = ""
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A plot and its numbers; `svg` is empty where the page has no room for it."""

    title: str
    alt: str
    svg: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | float | int, ...], ...]
    code: str = ""
    kind: Literal["drawing"] = "drawing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of the run's directory, as a small JPEG.

    Attributes
    ----------
    uri : str
        Empty where the page has no room for it, or the file cannot be read.
    width, height : int
        Pixels; 0 where the file cannot be read.
    """

    title: str
    alt: str
    path: str
    uri: str = ""
    width: int = 0
    height: int = 0
    code: str = ""
    kind: Literal["picture"] = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeText:
    """Lines to copy."""

    title: str
    text: str
    code: str = ""
    kind: Literal["code"] = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Findings, the gravest first."""

    title: str
    findings: tuple[FindingCard, ...]
    code: str = ""
    kind: Literal["findings"] = "findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chips:
    """Verdicts of checks."""

    title: str
    chips: tuple[Chip, ...]
    code: str = ""
    kind: Literal["chips"] = "chips"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The table of the columns; `score_title` names the score that a column has alone."""

    title: str
    columns: tuple[ColumnCard, ...]
    score_title: str
    note: str = ""
    code: str = ""
    kind: Literal["columns"] = "columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """A stage's decisions."""

    title: str
    decisions: tuple[DecisionCard, ...]
    gain_title: str
    code: str = ""
    kind: Literal["journal"] = "journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Scores, each with what it says."""

    title: str
    metrics: tuple[Metric, ...]
    code: str = ""
    kind: Literal["metrics"] = "metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """A checklist."""

    title: str
    ticks: tuple[Tick, ...]
    code: str = ""
    kind: Literal["ticks"] = "ticks"


Leaf: TypeAlias = (
    Paragraphs | Facts | Table | Drawing | Picture | CodeText | Findings | Chips | Columns | Journal | Metrics | Ticks
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Parts under a heading of their own; folded ones open when they are asked for."""

    title: str
    blocks: tuple[Leaf, ...]
    lead: str = ""
    is_folded: bool = False
    code: str = ""
    kind: Literal["group"] = "group"


Block: TypeAlias = Leaf | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the report: its question or answer in a sentence, then the evidence."""

    code: SectionCode
    title: str
    lead: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstScreen:
    """What is to be known before anything else.

    Attributes
    ----------
    verdict : str
        One sentence.
    beside : tuple of str
        What stands beside the verdict.
    state : str
        Whether the run goes on, and what comes next.
    findings : tuple of FindingCard
        The first five of those that need the user, or about which something was done.
    notes : tuple of FindingCard
        All that need nothing.
    n_findings : int
        All of them.
    privacy : str
        What the report shows of cells and images.
    """

    verdict: str
    tone: Tone
    beside: tuple[str, ...]
    state: str
    is_running: bool
    facts: tuple[Fact, ...]
    findings: tuple[FindingCard, ...]
    notes: tuple[FindingCard, ...]
    n_findings: int
    paths: tuple[Fact, ...]
    code: str
    privacy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole report.

    Attributes
    ----------
    written : str
        When, and by which version.
    """

    title: str
    written: str
    first: FirstScreen
    sections: tuple[Section, ...]
