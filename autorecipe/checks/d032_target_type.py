"""A target of whole numbers that can be read as classes or as a quantity.

What it looks for: targets of whole numbers with 5 to 100 distinct values, when you did not set `--task`.

Why it matters: classes forget that 7 lies between 6 and 8; a quantity cannot say "either 3 or 9". The
metrics, the output and the loss all follow from this choice.

How to read it: the reason for the choice stands beside the task in the report; the flag turns it round.

Limits: up to 4 values are classes; 5 to 100 are said, as a note, since the first screen says the task anyway (AutoGluon
takes up to 1,000 of them for classes on more than 1,000 rows, which turns ages and scores into classes).
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import name
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D032"
TITLE = "Kind of target"
FEW_VALUES = 5  # below: classes without doubt
MANY_VALUES = 100  # above: a quantity without doubt


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding when the target could be read in another way.

    Raises
    ------
    NotApplicable
        When the task was set, or the target is not of whole numbers.
    """
    if rows.config.task != "auto":
        raise NotApplicable("the task was set with --task")
    values = _whole_values(rows)
    if values is None:
        raise NotApplicable("the target is not of whole numbers")
    n_values = len(values)
    if not FEW_VALUES <= n_values <= MANY_VALUES:
        return ()
    other = "multiclass" if rows.is_regression else "regression"
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"taken as {rows.schema.task}: {name(rows.schema.target)} has {n_values} distinct whole numbers in"
            f" these rows (in doubt from {FEW_VALUES})",
            measured=float(n_values),
            limit=float(FEW_VALUES),
            action="ask",
            remedy=f"--task {other} reads it the other way, --task {rows.schema.task} silences this",
            fixes=(Fix(kind="set type", columns=(rows.schema.target,), to=other, flag=f"--task {other}"),),
        ),
    )


def _whole_values(rows: TrainingRows) -> np.ndarray | None:
    if rows.is_regression:
        values = np.unique(rows.target)
        return values if bool(np.all(values % 1 == 0)) else None
    if all(label.lstrip("-").isdigit() for label in rows.schema.classes):
        return np.unique(rows.target)
    return None


CHECK = Check(code=CODE, title=TITLE, question="Classes or a quantity?", run=find)
