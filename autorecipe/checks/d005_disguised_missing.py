"""Missing cells written as a value: "?", "unknown", -1, 9999, 1900-01-01.

What it looks for: texts that stand for "missing" and were taken so; levels of a category called "unknown" or
"missing"; and numbers that are popular stand-ins (-1, -9, -99, -999, -9999, 999, 9999, 99999, 0 where all
others are above 0, the date 1900-01-01) and lie apart from the rest of their column.

Why it matters: a stand-in number is a false measurement: a network reads -999 degrees as very cold.

How to read it: texts were masked already. A level "unknown" is kept: it is as good as a mark. A suspected
number is not touched, since only you know: if it means "missing", `profile DATA --fix --also D005:COLUMN -o OUT.csv`
empties those cells in a file of its own.

Limits: at least 10 rows and 1 % of the rows (DataRobot asks for a value outlier that is also a frequency
outlier), at most 30 % (a value that common is what the column is like), and apart: outside three
interquartile ranges of the other values, or further than that from the next value, or the only negative value
beside at least 10 others. The only negative value is also said, as a note, where more rows hold it: it is what the
column is like, and still no measurement. A 0 is a note at any share: it is a stand-in for the pressure of blood, and
a measurement for the magnesium in glass (as a warning it was wrong in four of five tables never seen before).
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check
from autorecipe.checks.mending import raw_texts
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.spread import finite
from autorecipe.checks.wording import flag_value, names, number, percent
from autorecipe.data.cells import to_text
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding, Severity

CODE = "D005"
TITLE = "Disguised missing values"
STAND_INS = (-1.0, -9.0, -99.0, -999.0, -9999.0, 999.0, 9999.0, 99999.0, 0.0)
DAY_1900 = -25_567.0  # 1900-01-01 in days since 1970-01-01
MIN_ROWS = 10
MIN_DISTINCT = 10  # other values; among fewer, -1 is a code like 0 and 1
MIN_SHARE = 0.01  # of the rows with a value
MAX_SHARE = 0.30  # of the rows with a value
FENCE_IQR = 3.0  # interquartile ranges (Tukey's outer fence)
PLAIN_SPELLINGS = frozenset({"", "na", "n/a", "nan", "null", "none", "<na>", "nat"})
LEVEL_NAMES = frozenset({"unknown", "missing", "not available", "unspecified", "not specified", "undefined"})


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return up to four findings: masked texts, levels that say "unknown", numbers suspected as warning and as note."""
    return (*_masked(rows), *_levels(rows), *_numbers(rows))


def _masked(rows: TrainingRows) -> tuple[Finding, ...]:
    tokens: dict[str, tuple[str, ...]] = {}
    shares = []
    for column in rows.columns:
        missing = rows.features.missing[column.name]
        if not missing.any():
            continue
        found = Counter(text.strip() for text in to_text(rows.frame[column.name])[missing])
        found = Counter({t: n for t, n in found.items() if t.casefold() not in PLAIN_SPELLINGS})
        if found:
            tokens[column.name] = tuple(token for token, _ in found.most_common())
            shares.append(found.total() / rows.n_rows)
    if not tokens:
        return ()
    columns = tuple(tokens)
    notes = [f"{tokens[c][0]!r} in {percent(s)}" for c, s in zip(columns, shares, strict=True)]
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"texts that stand for missing: {names(columns, notes)}; limit 0",
            columns=columns,
            measured=max(shares),
            limit=0.0,
            action="mask",
            remedy="taken as missing; --type COLUMN=categorical keeps the text as a level",
            fixes=tuple(Fix(kind="mask values", columns=(c,), values=tokens[c], is_safe=True) for c in columns),
            quoted=tuple(repr(tokens[c][0]) for c in columns),
        ),
    )


def _levels(rows: TrainingRows) -> tuple[Finding, ...]:
    shares: dict[str, float] = {}
    for column in rows.of_kind("categorical"):
        labels = rows.features.categories[column]
        codes = rows.codes[column]
        first = np.unique(codes, return_index=True)[1]
        alike = [codes[i] for i in first if labels[i].casefold() in LEVEL_NAMES]
        if alike:
            shares[column] = float(np.isin(codes, alike).mean())
    if not shares:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message="a level says that the value is unknown:"
            f" {names(tuple(shares), [percent(s) for s in shares.values()])}; limit 0",
            columns=tuple(shares),
            measured=max(shares.values()),
            limit=0.0,
            remedy="kept as a level of its own, which the network can weigh",
        ),
    )


def _numbers(rows: TrainingRows) -> tuple[Finding, ...]:
    suspects: dict[str, tuple[float, float]] = {}
    numeric = frozenset(rows.of_kind("numeric"))
    for column in rows.of_kind("numeric", "datetime"):
        values = finite(rows.features.numbers[column])
        stand_ins = STAND_INS if column in numeric else (DAY_1900,)
        found = [(s, share) for s in stand_ins if (share := _share_apart(values, s))]
        if found:
            suspects[column] = max(found, key=lambda pair: pair[1])
    rare = {c: found for c, found in suspects.items() if found[1] <= MAX_SHARE and found[0] != 0}
    common = {c: found for c, found in suspects.items() if c not in rare}
    return (*_suspected(rows, rare, severity="warn"), *_suspected(rows, common, severity="info"))


def _suspected(
    rows: TrainingRows, suspects: dict[str, tuple[float, float]], *, severity: Severity
) -> tuple[Finding, ...]:
    if not suspects:
        return ()
    columns = tuple(suspects)
    notes = [f"{_shown(value)} in {percent(share)}" for value, share in suspects.values()]
    return (
        Finding(
            code=CODE,
            severity=severity,
            title=TITLE,
            message=f"numbers that may stand for missing, apart from all others: {names(columns, notes)};"
            f" looked at from {percent(MIN_SHARE)} of the rows",
            columns=columns,
            measured=max(share for _, share in suspects.values()),
            limit=MIN_SHARE,
            action="ask",
            remedy=f"if they mean missing: {_command(columns)} empties these cells in a copy of the file; empty them"
            " wherever the model is asked too; otherwise nothing is to be done",
            fixes=tuple(
                Fix(kind="mask values", columns=(c,), values=raw_texts(rows, c, rows.features.numbers[c] == value))
                for c, (value, _) in suspects.items()
            ),
            quoted=tuple(_shown(value) for value, _ in suspects.values()),
        ),
    )


def _command(columns: tuple[str, ...]) -> str:
    asked = f"{CODE}:{columns[0].strip()}" if len(columns) == 1 else f"{CODE}:COLUMN"
    return f"profile DATA --fix --also {flag_value(asked)} -o OUT.csv"


def _share_apart(values: NDArray[np.float64], stand_in: float) -> float:
    count = int((values == stand_in).sum())
    share = count / max(len(values), 1)
    others = values[values != stand_in]
    if count < MIN_ROWS or share < MIN_SHARE or not len(others):
        return 0.0
    negative = others.min() < 0
    if stand_in < 0 and not negative and len(np.unique(others)) >= MIN_DISTINCT:
        return share
    if share > MAX_SHARE or (stand_in == 0 and negative):
        return 0.0
    low, high = np.quantile(others, (0.25, 0.75))
    reach = FENCE_IQR * (high - low)
    outside = not low - reach <= stand_in <= high + reach
    beyond = stand_in < others.min() or stand_in > others.max()
    far = beyond and float(np.abs(others - stand_in).min()) > reach
    return share if reach > 0 and (far or (outside and beyond)) else 0.0


def _shown(value: float) -> str:
    return "1900-01-01" if value == DAY_1900 else number(value).replace(",", "")


CHECK = Check(code=CODE, title=TITLE, question="Do some values stand for missing?", run=find)
