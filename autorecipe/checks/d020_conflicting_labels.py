"""Equal rows with different targets, and the floor that they set.

What it looks for: groups of training rows that are equal in every feature, but not in the target.

Why it matters: no model can be right on all of them. The floor is the smallest loss on the training rows that
any model of these features can reach: a network that goes below it on other rows, or is driven to go below it
here, only memorises.

How to read it: few and coarse columns make conflicts normal: then it is noise that only further columns could
explain. In a table of fine measurements they point to labels that were typed in wrongly, or to a column that
is missing.

Limits: any is said; a warning above 1 % of the rows, or for a number above 1 % of its variance (deepchecks
ConflictingLabels asks for 0), unless the table is coarse: fewer than half of its rows are distinct.
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.check import Check
from autorecipe.checks.conflicts import Conflicts
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import name, percent, plural
from autorecipe.record.finding import Finding

CODE = "D020"
TITLE = "Conflicting labels"
WARN_SHARE = 0.01  # of the rows
WARN_FLOOR = 0.01  # of the target's variance: two equal rows seldom have equal prices, and that costs nothing
COARSE_SHARE = 0.5  # distinct rows per row, below which conflicts are the nature of the table
N_ROWS_SHOWN = 10


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the conflicting rows and the floor."""
    found = rows.conflicts
    n_conflicting = int(found.conflicting.sum())
    if n_conflicting == 0:
        return ()
    share = n_conflicting / rows.n_rows
    coarse = found.n_distinct < COARSE_SHARE * rows.n_rows
    serious = found.floor > WARN_FLOOR if rows.is_regression else share > WARN_SHARE
    order = np.lexsort((rows.row_numbers, rows.row_hashes))
    shown = rows.row_numbers[order][found.conflicting[order]][:N_ROWS_SHOWN]
    return (
        Finding(
            code=CODE,
            severity="warn" if serious and not coarse else "info",
            title=TITLE,
            message=f"equal rows that differ in {name(rows.schema.target)}: {plural(n_conflicting, 'row')}"
            f" ({_share_text(rows, share)}): {_floor(rows, found)}",
            measured=found.floor if rows.is_regression else share,
            limit=WARN_FLOOR if rows.is_regression else WARN_SHARE,
            remedy="compare the rows named; a column that tells them apart may be missing",
            rows=tuple(int(r) for r in shown),
        ),
    )


def _share_text(rows: TrainingRows, share: float) -> str:
    return percent(share) if rows.is_regression else f"{percent(share)}; limit {percent(WARN_SHARE)}"


def _floor(rows: TrainingRows, found: Conflicts) -> str:
    if rows.is_regression:
        return f"no model can explain {percent(found.floor)} of its variance here (limit {percent(WARN_FLOOR)})"
    best = percent(found.best_accuracy)
    return f"no model can reach a log loss below {found.floor:.3g} or an accuracy above {best}"


CHECK = Check(code=CODE, title=TITLE, question="Do equal rows have different targets?", run=find)
