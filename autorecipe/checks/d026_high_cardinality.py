"""Category columns with very many levels.

What it looks for: categorical columns with more than 1,000 levels, or more than a tenth of the rows.

Why it matters: most levels are then seen a few times only: what is learned about one is luck, and most levels
of new rows were never seen.

How to read it: rare levels share one bucket and the rest get an embedding. A coarser version of the column
(the street's town, the product's group) often does better.

Limits: min(1,000, rows / 10) levels, at least 50 (ydata-profiling says 50 whatever the number of rows).
"""

from __future__ import annotations

from autorecipe.checks.check import Check
from autorecipe.checks.mending import drop_columns
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import names, plural
from autorecipe.record.finding import Finding

CODE = "D026"
TITLE = "Many levels"
MAX_LEVELS = 1_000
ROWS_PER_LEVEL = 10
MIN_LEVELS = 50


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the columns of many levels."""
    limit = max(MIN_LEVELS, min(MAX_LEVELS, rows.n_rows // ROWS_PER_LEVEL))
    levels = {c: len(rows.counts[c]) for c in rows.of_kind("categorical")}
    many = sorted((c for c, n in levels.items() if n > limit), key=lambda c: -levels[c])
    if not many:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"{names(many, [plural(levels[c], 'level') for c in many])} in {rows.n_rows:,} rows"
            f" (limit {limit:,})",
            columns=tuple(many),
            measured=float(levels[many[0]]),
            limit=float(limit),
            action="regroup",
            remedy="rare levels share one bucket; --drop COLUMN leaves one out",
            fixes=drop_columns(many),
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Does a category have very many levels?", run=find)
