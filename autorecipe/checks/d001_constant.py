"""Columns that hold one value only.

What it looks for: features with a single distinct value in the training rows, missing cells not counted.

Why it matters: such a column cannot tell two rows apart. It costs an input of the exported model and often
means that a join or a filter went wrong.

How to read it: the column is left out of the features. `--keep COLUMN` keeps it. A column of one value and
missing cells is kept where being missing predicts the target: then it is a mark, not a constant.

Limits: one distinct value (ydata-profiling `nunique == 1`, deepchecks IsSingleValue, EvalML
NoVarianceDataCheck); missing cells do not count as a value, unlike in AutoGluon. Columns with more than 95 %
missing cells are D003's.
"""

from __future__ import annotations

from autorecipe.checks.check import Check
from autorecipe.checks.d003_missing_cells import MOSTLY_MISSING, missing_share
from autorecipe.checks.mending import leave_out
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.single_feature import chance_z
from autorecipe.checks.wording import names
from autorecipe.record.finding import Finding

CODE = "D001"
TITLE = "Constant columns"


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the constant columns."""
    limit = chance_z(len(rows.columns))
    constant = []
    for column, counts in rows.counts.items():
        if len(counts) != 1 or missing_share(rows, column) > MOSTLY_MISSING:
            continue
        mark = rows.missing_scores.get(column)
        if mark is None or mark.z <= limit:
            constant.append(column)
    if not constant:
        return ()
    verb = "holds" if len(constant) == 1 else "hold"
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"{names(constant)} {verb} 1 distinct value in {rows.n_rows:,} rows (at least 2 are needed)",
            columns=tuple(constant),
            measured=1.0,
            limit=2.0,
            action="drop",
            remedy="left out of the features; --keep COLUMN keeps one",
            fixes=leave_out(constant),
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Does a column hold one value only?", run=find)
