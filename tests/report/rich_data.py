"""The data of a full run, as plain values: a profile with everything that the report shows of it."""

from __future__ import annotations

import math

from autorecipe.data.schema import Column, Schema
from autorecipe.fix import Fix
from autorecipe.record.finding import CheckOutcome, Finding
from autorecipe.record.profile import ColumnGroup, ColumnProfile, MissingPattern, Profile

# what a table may hold, on purpose or not: markup, an attribute's end, a template's sign, a long word, right to left
HOSTILE = (
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "'; alert(1); //",
    "{{ 7 * 7 }} {% raw %} &lt;b&gt;",
    "x" * 10_000,
    "\u202eعمر المشتري\u202c",
    "a\tb\nc",
    "</style></svg></script><b>",
)
BELL = tuple(round(400 * math.exp(-(((i - 9.5) / 4) ** 2))) for i in range(20))


def number(name: str, *, score: float | None = 0.61, missing: float = 0.02) -> ColumnProfile:
    return ColumnProfile(
        name=name,
        kind="numeric",
        missing_share=missing,
        n_distinct=713,
        mean=34.2,
        std=14.5,
        minimum=0.42,
        median=28.0,
        maximum=512.3,
        skew=4.7,
        scaling="robust",
        parts=("value", "is missing"),
        counts=BELL,
        low=1.0,
        high=77.0,
        score=score,
        score_low=None if score is None else score - 0.05,
    )


def levels(name: str, values: tuple[str, ...] = ("male", "female", "unknown")) -> ColumnProfile:
    counts = tuple(577 // (i + 1) for i in range(len(values)))
    return ColumnProfile(
        name=name,
        kind="categorical",
        missing_share=0.0,
        n_distinct=len(values),
        top=tuple(zip(values, counts, strict=True)),
        counts=counts,
        score=0.768,
        score_low=0.74,
    )


def other_kinds() -> tuple[ColumnProfile, ...]:
    """One column each of text, dates, booleans, and one whose values name its rows."""
    return (
        ColumnProfile(name="remarks", kind="text", missing_share=0.31, n_distinct=590, n_words=17.4),
        ColumnProfile(
            name="signed_on", kind="datetime", missing_share=0.0, n_distinct=365, parts=("year", "month", "weekday")
        ),
        ColumnProfile(
            name="is_member",
            kind="boolean",
            missing_share=0.0,
            n_distinct=2,
            top=(("yes", 500), ("no", 258)),
            counts=(500, 258),
        ),
        ColumnProfile(
            name="ticket",
            kind="categorical",
            missing_share=0.0,
            n_distinct=740,
            top=(("PRIVATE-A-113", 2), ("PRIVATE-B-7", 1)),
            counts=(2, 1),
            is_near_unique=True,
        ),
    )


def findings() -> tuple[Finding, ...]:
    return (
        Finding(
            code="D013",
            severity="stop",
            title="A column gives the target away",
            message="boat alone predicts the target: ROC AUC 0.994 (limit 0.98)",
            columns=("boat",),
            measured=0.994,
            limit=0.98,
            action="ask",
            remedy="leave it out: --drop boat, or go on with it: --allow D013:boat",
            rows=(3, 17, 204),
            fixes=(
                Fix(kind="ask", columns=("boat",), flag="--allow D013:boat"),
                Fix(kind="drop column", columns=("boat",), flag="--drop boat"),
            ),
        ),
        Finding(
            code="D010",
            severity="warn",
            title="Columns that name the row",
            message="PassengerId is a row number: left out",
            columns=("PassengerId",),
            action="drop",
            remedy="keep it: --keep PassengerId",
            fixes=(Fix(kind="drop column", columns=("PassengerId",), is_safe=True, flag="--drop PassengerId"),),
        ),
        Finding(
            code="D005",
            severity="info",
            title="Disguised missing cells",
            message="age holds 'SECRET-999' in 14 rows, which looks like a missing cell",
            columns=("age",),
            measured=14.0,
            action="mask",
            remedy="'SECRET-999' is read as missing",
            quoted=("SECRET-999",),
            fixes=(Fix(kind="mask values", columns=("age",), values=("SECRET-999",), is_safe=True),),
        ),
    )


def profile(*, hostile: bool = False) -> Profile:
    """Return a profile with a column of each kind; with hostile names and values on request."""
    columns = (number("age"), number("fare", score=None, missing=0.0), levels("sex"), *other_kinds())
    found = findings()
    if hostile:
        columns += tuple(number(name) if i % 2 else levels(name, HOSTILE) for i, name in enumerate(HOSTILE))
        found += tuple(
            Finding(
                code="D001", severity="warn", title="A constant column", message=f"{name} is constant", columns=(name,)
            )
            for name in HOSTILE
        )
    return Profile(
        n_rows=758,
        columns=columns,
        outcomes=(
            *(CheckOutcome(code=f"D{i:03d}", title=f"Check {i}", status="passed", seconds=0.01) for i in range(20, 40)),
            *(CheckOutcome(code=f.code, title=f.title, status="found", seconds=0.2) for f in found),
            CheckOutcome(code="D017", title="Time", status="skipped", reason="no column of dates"),
        ),
        findings=found,
        floor=0.031,
        dropped=("PassengerId",),
        seconds=0.93,
        groups=(
            ColumnGroup(columns=("age", "fare"), strength=0.97),
            ColumnGroup(columns=("sex", "is_member"), strength=0.91),
        ),
        missing_together=(
            MissingPattern(columns=("age", "remarks"), n_rows=120),
            MissingPattern(columns=("remarks",), n_rows=87),
        ),
    )


def schema_of(profile: Profile, *, regression: bool = False, hostile: bool = False) -> Schema:
    """Return the schema that a profile's columns would have, its target beside them."""
    columns = tuple(_column(own) for own in profile.columns)
    target = Column(
        name="price" if regression else "survived",
        kind="numeric" if regression else "categorical",
        wire="float32" if regression else "string",
        role="target",
        reason="the last column",
    )
    return Schema(
        columns=(
            Column(name="PassengerId", kind="id", wire="string", role="id", reason="1, 2, 3, ..."),
            *columns,
            target,
        ),
        target=target.name,
        task="regression" if regression else "binary",
        task_reason="price is a number" if regression else "survived is no or yes, 38 % are yes",
        classes=() if regression else HOSTILE[:2] if hostile else ("no", "yes"),
    )


def _column(own: ColumnProfile) -> Column:
    wire = "float32" if own.kind == "numeric" else "string"
    return Column(name=own.name, kind=own.kind, wire=wire, reason="its cells read as such")  # type: ignore[arg-type]
