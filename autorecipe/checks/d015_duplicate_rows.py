"""Exact duplicate rows.

What it looks for: training rows that are equal in every feature and in the target, ids not looked at. Where an id, or
another column that is no feature, differs between them, it is named.

Why it matters: a row seen twice counts twice, and a copy on the validation side is a question whose answer
was given in training.

How to read it: copies always lie on the same side of the split and in the same fold. Where a column has another value
in every distinct row (an id, a time, a measured number), rows that are equal in it as well as in every other cell are
taken for recording errors: `fit` learns from one of them, and where rows decide or test all stay, so that scores are of
rows as they come; `profile --fix` leaves them out of the file, and `--allow D015` keeps them in both. Without such a
column nothing tells a row recorded twice from two people alike: they are kept, and `profile --fix --also D015` leaves
them out. Where a table has few distinct rows anyway (a survey with few answers), copies are natural.

Limits: any is said. Above 5 % of the rows (deepchecks DataDuplicates) that are left out of training it is a warning:
you lose rows. What is kept on one side flatters no score and is a note (as a warning it was wrong in twelve of twelve
tables never seen before: people alike). Nothing is taken for an error where chance explains at least a tenth of the
equal pairs (choice). Chance is what independent columns would make or, as columns seldom are
that, what the pairs that differ in one cell alone lead to expect: where rows are alike by nature these are many, but a
row recorded twice has a twin and no such neighbours. Nothing is left out where over 30 % of the rows are copies
(choice: repeating is then what the table is like). Copies are counted in the training rows; where they are left out, of
a file or of training, they are looked for in all rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.alike import NATURAL_SHARE, is_natural, n_pairs
from autorecipe.checks.check import Check
from autorecipe.checks.mending import N_ROWS_SHOWN, drop_copies
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import names, percent, plural
from autorecipe.data.row_hash import hash_rows, is_copy
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D015"
TITLE = "Duplicate rows"
WARN_SHARE = 0.05  # of the rows
MIN_COLUMNS = 3  # with one or two, independence explains nothing
MAX_LEFT_OUT = 0.3  # of the rows


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the number of copies."""
    keys = with_target(rows.row_hashes, rows.target)
    copies = np.flatnonzero(is_copy(keys))
    if not len(copies):
        return ()
    alike = np.flatnonzero(np.isin(keys, keys[copies]))
    share = len(copies) / rows.n_rows
    natural = _is_natural(rows, keys, share)
    is_error = np.zeros(len(copies), dtype=np.bool_)
    if not natural and share <= MAX_LEFT_OUT and not _is_allowed(rows):
        is_error = _equal_in_every_cell(rows, alike, copies)
    left_out = float(is_error.sum() / rows.n_rows)
    return (
        Finding(
            code=CODE,
            severity="warn" if left_out > WARN_SHARE else "info",
            title=TITLE,
            message=f"{_called(_differing(rows, alike, keys))}: {plural(len(copies), 'row')} ({percent(share)}"
            f"{_limit_text(share, left_out, natural=natural)})",
            measured=left_out or share,
            limit=WARN_SHARE if left_out else 0.0,
            action="regroup",
            remedy=_remedy(len(copies), int(is_error.sum())),
            rows=tuple(int(r) for r in rows.row_numbers[copies[:N_ROWS_SHOWN]]),
            fixes=_fixes(rows.row_numbers[copies], is_error),
        ),
    )


def _differing(rows: TrainingRows, alike: NDArray[np.intp], keys: NDArray[np.uint64]) -> tuple[str, ...]:
    """Return the columns that are no features and differ between rows that are alike."""
    import pandas as pd

    unread = {column.name for column in rows.schema.columns if column.role not in ("feature", "target")}
    group = pd.factorize(keys[alike])[0]
    n_groups = int(group.max()) + 1
    cells = {c: pd.factorize(rows.frame[c].iloc[alike])[0] for c in rows.frame.columns if c in unread}
    return tuple(c for c, codes in cells.items() if len(np.unique(codes * n_groups + group)) > n_groups)


def _called(differing: tuple[str, ...]) -> str:
    return f"equal to an earlier row in all but {names(differing)}" if differing else "exact copies of an earlier row"


def _limit_text(share: float, left_out: float, *, natural: bool) -> str:
    if not left_out:
        return f"{', as chance makes them where columns have few values' if natural else ''}; limit 0"
    recorded_twice = "" if left_out == share else f", {percent(left_out)} equal in ids and all else"
    return f"{recorded_twice}; limit {percent(WARN_SHARE)}"


def _is_natural(rows: TrainingRows, keys: NDArray[np.uint64], share: float) -> bool:
    """Does chance make a tenth of the equal pairs or more?"""
    if len(rows.columns) >= MIN_COLUMNS and expected_pairs(rows) >= NATURAL_SHARE * n_pairs(keys):
        return True
    target = np.unique(rows.target, return_inverse=True)[1]
    return share > WARN_SHARE and is_natural([*rows.codes.values(), target])


def _is_allowed(rows: TrainingRows) -> bool:
    return CODE in {flag.strip().upper() for flag in rows.config.allow}


def _equal_in_every_cell(rows: TrainingRows, alike: NDArray[np.intp], copies: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Mark the copies that equal an earlier row in every cell, if a column tells all distinct rows apart."""
    found = np.isin(copies, alike[is_copy(hash_rows(rows.frame.iloc[alike]))])
    n_distinct = rows.n_rows - int(found.sum())
    tells_apart = any(rows.frame.iloc[:, i].nunique() == n_distinct for i in range(rows.frame.shape[1]))
    return found & tells_apart


def _fixes(row_numbers: NDArray[np.int64], is_error: NDArray[np.bool_]) -> tuple[Fix, ...]:
    """Leave out what is an error; what is equal in all but ids is asked about: two customers may have bought the same.

    Parameters
    ----------
    row_numbers : int64 ndarray, shape (n_copies,)
    is_error : bool ndarray, shape (n_copies,)
    """
    left_out = drop_copies(row_numbers[is_error], equal="cells", is_safe=True)
    return (*left_out, *drop_copies(row_numbers[~is_error], equal="features"))


def _remedy(n_copies: int, n_left_out: int) -> str:
    if not n_left_out:
        out = f"profile DATA --fix --also {CODE} -o OUT.csv leaves them out"
        return f"kept, always on one side of the split; if they are errors, {out}"
    few = "" if n_left_out == n_copies else f"{n_left_out:,}, equal in ids and all else, are "
    return f"{few}left out of training; where rows decide or test they stay, on one side; --allow {CODE} keeps them"


def with_target(hashes: NDArray[np.uint64], target: NDArray[np.generic]) -> NDArray[np.uint64]:
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
