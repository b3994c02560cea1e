"""Rows in which nearly everything is missing.

What it looks for: training rows with over 95 % of their features missing.

Why it matters: such a row has a target and nothing to predict it from. Often it is a remark, a footer or a
failed join.

How to read it: nothing is removed; look at the rows named. Where many rows are that empty, it is what the table
is like, and a note.

Limits: 95 % of the features (EvalML's NullDataCheck for rows; Cleanlab asks for all of them), on at least 3
features; a note beyond 30 % of the rows.
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.mending import drop_rows
from autorecipe.checks.prevalence import MAX_PREVALENCE
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import percent, plural
from autorecipe.record.finding import Finding

CODE = "D004"
TITLE = "Empty rows"
MAX_MISSING = 0.95  # of a row's features
MIN_COLUMNS = 3  # of fewer, one missing cell says as much as many
N_ROWS_SHOWN = 10


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the rows that are nearly empty.

    Raises
    ------
    NotApplicable
        With fewer than MIN_COLUMNS features.
    """
    if len(rows.columns) < MIN_COLUMNS:
        raise NotApplicable(f"fewer than {MIN_COLUMNS} features")
    n_missing = np.zeros(rows.n_rows, dtype=np.int64)
    for missing in rows.features.missing.values():
        n_missing += missing
    empty = np.flatnonzero(n_missing > MAX_MISSING * len(rows.columns))
    if not len(empty):
        return ()
    share = len(empty) / rows.n_rows
    usual = share > MAX_PREVALENCE
    numbers = rows.row_numbers[empty]
    return (
        Finding(
            code=CODE,
            severity="info" if usual else "warn",
            title=TITLE,
            message=f"{plural(len(empty), 'row')} ({percent(share)}) with over {percent(MAX_MISSING)} of"
            f" {plural(len(rows.columns), 'feature')} missing",
            measured=float(n_missing.max() / len(rows.columns)),
            limit=MAX_MISSING,
            action="none" if usual else "ask",
            remedy="so many that it is what the table is like"
            if usual
            else "kept; leave the rows named out of the file if they are remarks or failed joins",
            rows=tuple(int(r) for r in numbers[:N_ROWS_SHOWN]),
            fixes=() if usual else drop_rows(numbers),
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Are rows nearly empty?", run=find)
