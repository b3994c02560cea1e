"""Numbers that pile up at one value.

What it looks for: numeric columns with more than 20 distinct values of which one fills at least 20 % of the
rows.

Why it matters: "no income" and "an income of 3,000" are two questions; a sensor that stops at its bound hides
what lies beyond. A network needs a kink at that value.

How to read it: nothing is changed. Where the value means something of its own, a yes/no column beside the
number helps.

Limits: 20 % and 20 distinct values (DataRobot's excess zeros and inliers; ydata-profiling's 1 % of zeros
fires on most counts); not below 100 rows.
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.check import Check
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.spread import finite
from autorecipe.checks.wording import names, number, percent
from autorecipe.record.finding import Finding

CODE = "D023"
TITLE = "Pile-up at one value"
TOP_SHARE = 0.2  # of the rows with a value
MIN_DISTINCT = 20
MIN_ROWS = 100


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the columns that pile up."""
    shares: dict[str, float] = {}
    modes: dict[str, float] = {}
    for column in rows.of_kind("numeric") if rows.n_rows >= MIN_ROWS else ():
        values, counts = np.unique(finite(rows.features.numbers[column]), return_counts=True)
        if len(values) > MIN_DISTINCT and counts.max() >= TOP_SHARE * counts.sum():
            shares[column] = float(counts.max() / counts.sum())
            modes[column] = float(values[counts.argmax()])
    if not shares:
        return ()
    columns = tuple(sorted(shares, key=lambda c: -shares[c]))
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message="many rows hold one number:"
            f" {names(columns, [f'{number(modes[c])} in {percent(shares[c])}' for c in columns])};"
            f" limit {percent(TOP_SHARE)}",
            columns=columns,
            measured=shares[columns[0]],
            limit=TOP_SHARE,
            remedy="kept; a yes/no column beside it helps where the value means something of its own",
            quoted=tuple(number(modes[c]) for c in columns),
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Do numbers pile up at one value?", run=find)
