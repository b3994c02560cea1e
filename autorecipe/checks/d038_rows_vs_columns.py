"""Few rows for the number of columns.

What it looks for: fewer than 200 training rows, or fewer than 10 rows per feature.

Why it matters: a network has many more weights than that. With so few rows a linear model or gradient
boosting is hard to beat, and columns that predict by luck abound.

How to read it: compare with the linear rung of the ladder first; leave out columns that you know to be
useless.

Limits: 200 rows are a warning, 10 rows per feature a note (the rule of ten events per variable in
regression).
"""

from __future__ import annotations

from autorecipe.checks.check import Check
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import plural
from autorecipe.record.finding import Finding

CODE = "D038"
TITLE = "Rows and columns"
FEW_ROWS = 200
ROWS_PER_COLUMN = 10


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding when rows are few."""
    n_columns = len(rows.columns)
    few = rows.n_rows < FEW_ROWS
    needed = FEW_ROWS if few else ROWS_PER_COLUMN * n_columns
    if rows.n_rows >= needed:
        return ()
    return (
        Finding(
            code=CODE,
            severity="warn" if few else "info",
            title=TITLE,
            message=f"{plural(rows.n_rows, 'training row')} for {plural(n_columns, 'feature')} (limit {needed:,} rows)",
            measured=float(rows.n_rows),
            limit=float(needed),
            remedy="expect a linear model to be hard to beat; --drop COLUMN leaves out one known to be useless",
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Are there enough rows for the columns?", run=find)
