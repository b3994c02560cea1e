"""Equal rows with different targets, and the floor that they set.

What it looks for: groups of training rows that are equal in every feature, but not in the target.

Why it matters: no model can be right on all of them. The floor is the smallest loss on the training rows that
any model of these features can reach: a network that goes below it on other rows, or is driven to go below it
here, only memorises.

How to read it: few and coarse columns make conflicts normal: then it is noise that only further columns could
explain, and a note. In a table of fine measurements they point to labels that were typed in wrongly, or to a column
that is missing. What is lost is said as a share of what always predicting the same loses: of the log loss at the
classes' shares, or of the variance of a number.

Limits: any is said; a warning where over 5 % of that can never be won back (choice: as many as the copies of D015),
unless equal rows are what the table is like: fewer than half of its rows are distinct, or chance explains at least a
tenth of the equal pairs, as D015 counts them.
"""

from __future__ import annotations

import math

import numpy as np

from autorecipe.checks.alike import is_natural
from autorecipe.checks.check import Check
from autorecipe.checks.conflicts import Conflicts
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import name, percent, plural
from autorecipe.record.finding import Finding

CODE = "D020"
TITLE = "Conflicting labels"
WARN_LOST = 0.05  # of the loss of a constant prediction
COARSE_SHARE = 0.5  # distinct rows per row, below which conflicts are the nature of the table
N_ROWS_SHOWN = 10


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the conflicting rows and the floor."""
    found = rows.conflicts
    n_conflicting = int(found.conflicting.sum())
    if n_conflicting == 0:
        return ()
    lost = _lost_share(rows, found)
    is_coarse = lost > WARN_LOST and _is_coarse(rows, found)
    order = np.lexsort((rows.row_numbers, rows.row_hashes))
    shown = rows.row_numbers[order][found.conflicting[order]][:N_ROWS_SHOWN]
    reason = ", as columns of few values have them" if is_coarse else ""
    return (
        Finding(
            code=CODE,
            severity="warn" if lost > WARN_LOST and not is_coarse else "info",
            title=TITLE,
            message=f"equal rows that differ in {name(rows.schema.target)}: {plural(n_conflicting, 'row')}"
            f" ({percent(n_conflicting / rows.n_rows)}){reason}: {_floor(rows, found, lost)}",
            measured=lost,
            limit=WARN_LOST,
            remedy="compare the rows named; a column that tells them apart may be missing",
            rows=tuple(int(r) for r in shown),
        ),
    )


def _lost_share(rows: TrainingRows, found: Conflicts) -> float:
    """Return the share of a constant prediction's loss that no model can win back."""
    if rows.is_regression:
        return found.floor
    shares = rows.class_counts[rows.class_counts > 0] / rows.n_rows
    entropy = -math.fsum(shares * np.log(shares))
    return found.floor / entropy if entropy > 0 else 0.0


def _is_coarse(rows: TrainingRows, found: Conflicts) -> bool:
    """Are equal rows what the table is like?"""
    return found.n_distinct < COARSE_SHARE * rows.n_rows or is_natural([*rows.codes.values()])


def _floor(rows: TrainingRows, found: Conflicts, lost: float) -> str:
    if rows.is_regression:
        return f"what no model can explain is {percent(lost)} of its variance (limit {percent(WARN_LOST)} of it)"
    best = percent(found.best_accuracy)
    return (
        f"no model can reach an accuracy above {best} or a log loss below {found.floor:.3g}, which is"
        f" {percent(lost)} of what guessing by the classes' shares loses (limit {percent(WARN_LOST)} of it)"
    )


CHECK = Check(code=CODE, title=TITLE, question="Do equal rows have different targets?", run=find)
