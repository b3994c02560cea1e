"""Exact duplicate rows.

What it looks for: training rows that are equal in every feature and in the target, ids not looked at.

Why it matters: a row seen twice counts twice, and a copy on the validation side is a question whose answer
was given in training.

How to read it: copies stay in, and always on the same side of the split and in the same fold. Where a table
has few distinct rows anyway (a survey with few answers), copies are natural. Remove them from the file if
they are recording errors.

Limits: any is said; above 5 % of the rows it is a warning (deepchecks DataDuplicates), unless chance explains
it: the number of equal pairs expected if the columns were independent is at least a tenth of those seen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check
from autorecipe.checks.mending import drop_rows
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import percent, plural
from autorecipe.run import Finding

CODE = "D015"
TITLE = "Duplicate rows"
WARN_SHARE = 0.05  # of the rows
NATURAL_SHARE = 0.1  # of the equal pairs, when explained by chance
MIN_COLUMNS = 3  # with one or two, independence explains nothing
N_ROWS_SHOWN = 10


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the number of copies."""
    keys = with_target(rows.row_hashes, rows.target)
    _, first, inverse, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    n_copies = rows.n_rows - len(counts)
    if n_copies == 0:
        return ()
    share = n_copies / rows.n_rows
    pairs = float((counts * (counts - 1) / 2).sum())
    natural = len(rows.columns) >= MIN_COLUMNS and expected_pairs(rows) >= NATURAL_SHARE * pairs
    copies = np.flatnonzero(np.arange(rows.n_rows) != first[inverse])
    reason = ", as chance makes them where columns have few values" if natural else ""
    return (
        Finding(
            code=CODE,
            severity="warn" if share > WARN_SHARE and not natural else "info",
            title=TITLE,
            message=f"exact copies of an earlier row: {plural(n_copies, 'row')} ({percent(share)}{reason};"
            f" limit {percent(WARN_SHARE)})",
            measured=share,
            limit=WARN_SHARE,
            action="regroup",
            remedy="kept, always on one side of the split; remove them from the file if they are errors",
            rows=tuple(int(r) for r in rows.row_numbers[copies[:N_ROWS_SHOWN]]),
            # rows that differ in an id may be two customers who bought the same
            fixes=drop_rows(rows.row_numbers[copies], is_safe=not natural and not _has_ids(rows)),
        ),
    )


def _has_ids(rows: TrainingRows) -> bool:
    return any(column.role == "id" for column in rows.schema.columns)


def with_target(hashes: NDArray[np.uint64], target: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return the hashes of rows together with their target, shape (n,)."""
    from pandas.util import hash_array

    return np.asarray(hashes * np.uint64(1_000_003) + hash_array(target.astype(np.float64)), dtype=np.uint64)


def expected_pairs(rows: TrainingRows) -> float:
    """Return how many pairs of rows would be equal if the columns were independent."""
    n_rows = rows.n_rows
    target = np.unique(rows.target, return_counts=True)[1]
    log_chance = np.log(((target / n_rows) ** 2).sum())
    for counts in rows.counts.values():
        n_missing = n_rows - int(counts.sum())
        log_chance += np.log(((np.append(counts, n_missing) / n_rows) ** 2).sum())
    return float(np.exp(log_chance) * n_rows * (n_rows - 1) / 2)


CHECK = Check(code=CODE, title=TITLE, question="Are there exact copies of rows?", run=find)
