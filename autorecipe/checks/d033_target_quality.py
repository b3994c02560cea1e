"""Missing targets, and targets far from all others.

What it looks for: rows whose target is missing or not readable, and, for a number, values more than 10 robust
standard deviations out on the plain scale.

Why it matters: rows without a target teach nothing. A few huge targets rule a squared error: the network
spends itself on them.

How to read it: rows without a target are left out. With a long tail, the stages choose Huber's loss when the
residuals of a baseline say so; `--loss huber` or `--loss mae` asks for it.

Limits: any missing target is a warning above 1 % of the rows and a note below. Far-out targets are a note; a
warning where up to three of them span more than half of the range. EvalML's test for a lognormal target fires
on every large table.
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.check import Check
from autorecipe.checks.d022_outliers import spans_range
from autorecipe.checks.mending import ask
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.spread import FAR_OUT, MAD_TO_STD, robust_z
from autorecipe.checks.wording import name, number, percent, plural
from autorecipe.record.finding import Finding

CODE = "D033"
TITLE = "Target quality"
WARN_MISSING = 0.01  # of the rows
TAIL_Z = 10.0  # robust standard deviations
N_ROWS_SHOWN = 10


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding for missing targets and one for targets far out."""
    return (*_missing(rows), *(_far_out(rows) if rows.is_regression else ()))


def _missing(rows: TrainingRows) -> tuple[Finding, ...]:
    if not rows.n_without_target:
        return ()
    share = rows.n_without_target / (_n_with_target(rows) + rows.n_without_target)
    return (
        Finding(
            code=CODE,
            severity="warn" if share > WARN_MISSING else "info",
            title=TITLE,
            message=f"no readable {name(rows.schema.target)} in {plural(rows.n_without_target, rows.noun)}"
            f" ({percent(share)}; limit {percent(WARN_MISSING)})",
            measured=share,
            limit=WARN_MISSING,
            action="mask",
            remedy="left out of training",
        ),
    )


def _n_with_target(rows: TrainingRows) -> int:
    """Count the rows of the table, validation and test rows that were drawn from it included."""
    drawn = rows.other_frame if not rows.config.test_path else None
    return rows.n_rows + (0 if drawn is None else len(drawn))


def _far_out(rows: TrainingRows) -> tuple[Finding, ...]:
    target = rows.target.astype(np.float64)
    deviation = np.abs(target - np.median(target))
    spread = MAD_TO_STD * float(np.median(deviation))
    if spread == 0 or deviation.max() / spread <= TAIL_Z:
        return ()
    z = deviation / spread
    alone = spans_range(target) and float(robust_z(target).max()) > FAR_OUT
    far = np.argsort(-z)[: int((z > TAIL_Z).sum())]
    return (
        Finding(
            code=CODE,
            severity="warn" if alone else "info",
            title=TITLE,
            message=f"{name(rows.schema.target)} is over {TAIL_Z:.0f} robust standard deviations out in"
            f" {plural(len(far), rows.noun)}, up to {number(float(target[far[0]]))} ({z.max():,.0f} deviations)",
            measured=float(z.max()),
            limit=TAIL_Z,
            remedy="Huber's loss is tried; --loss huber asks for it"
            + (f"; look at {name(rows.schema.target)} in the {rows.noun}s named" if alone else ""),
            rows=() if rows.names else tuple(int(r) for r in rows.row_numbers[far[:N_ROWS_SHOWN]]),
            examples=tuple(rows.names[place] for place in far[:N_ROWS_SHOWN]) if rows.names else (),
            fixes=ask("--loss huber"),
            quoted=(number(float(target[far[0]])),),
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Is the target complete and free of slips?", run=find)
