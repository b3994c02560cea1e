"""Exact duplicate rows.

What it looks for: training rows that are equal in every feature and in the target, ids not looked at.

Why it matters: a row seen twice counts twice, and a copy on the validation side is a question whose answer
was given in training.

How to read it: copies always lie on the same side of the split and in the same fold. Where a column has another value
in every distinct row (an id, a time, a measured number), rows that are equal in it as well as in every other cell are
taken for recording errors: `fit` learns from one of them, and where rows decide or test all stay, so that scores are of
rows as they come; `profile --fix` leaves them out of the file, and `--allow D015` keeps them in both. Without such a
column nothing tells a row recorded twice from two people alike: they are kept, and `profile --fix --also D015` leaves
them out. Where a table has few distinct rows anyway (a survey with few answers), copies are natural.

Limits: any is said; above 5 % of the rows it is a warning (deepchecks DataDuplicates), unless chance explains
it: the number of equal pairs expected if the columns were independent is at least a tenth of those seen. Nothing is
left out where over 30 % of the rows are copies (choice: repeating is then what the table is like), nor where they are
more than 10,000, which a run does not list.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check
from autorecipe.checks.mending import drop_rows
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import percent, plural
from autorecipe.record.finding import Finding

CODE = "D015"
TITLE = "Duplicate rows"
WARN_SHARE = 0.05  # of the rows
NATURAL_SHARE = 0.1  # of the equal pairs, when explained by chance
MIN_COLUMNS = 3  # with one or two, independence explains nothing
MAX_LEFT_OUT = 0.3  # of the rows
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
    is_error = np.zeros(len(copies), dtype=np.bool_)
    is_allowed = CODE in {flag.strip().upper() for flag in rows.config.allow}
    if not natural and share <= MAX_LEFT_OUT and not is_allowed:
        is_error = _equal_in_every_cell(rows, np.flatnonzero(counts[inverse] > 1), copies)
    left_out = drop_rows(rows.row_numbers[copies[is_error]], is_safe=True)
    # rows that differ in an id may be two customers who bought the same
    others = drop_rows(rows.row_numbers[copies[~is_error] if left_out else copies])
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
            remedy=_remedy(len(copies), int(is_error.sum()) if left_out else 0, is_listed=bool(others)),
            rows=tuple(int(r) for r in rows.row_numbers[copies[:N_ROWS_SHOWN]]),
            fixes=(*left_out, *others),
        ),
    )


def _equal_in_every_cell(rows: TrainingRows, alike: NDArray[np.intp], copies: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Mark the copies that equal an earlier row in every cell, if a column tells all distinct rows apart."""
    from autorecipe.data.row_hash import hash_rows

    first = np.unique(hash_rows(rows.frame.iloc[alike]), return_index=True)[1]
    is_copy = ~np.isin(copies, alike[first])
    n_distinct = rows.n_rows - int(is_copy.sum())
    tells_apart = any(rows.frame.iloc[:, i].nunique() == n_distinct for i in range(rows.frame.shape[1]))
    return is_copy & tells_apart


def _remedy(n_copies: int, n_left_out: int, *, is_listed: bool) -> str:
    if not n_left_out:
        out = f"profile --fix --also {CODE} leaves them out" if is_listed else "leave them out of the file"
        return f"kept, always on one side of the split; if they are errors, {out}"
    few = "" if n_left_out == n_copies else f"{n_left_out:,}, equal in ids and all else, are "
    return f"{few}left out of training; where rows decide or test they stay, on one side; --allow {CODE} keeps them"


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
