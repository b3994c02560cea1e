"""Fixes that many checks propose, each as a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import flag_value
from autorecipe.fix import Equal, Fix

MAX_FIX_ROWS = 10_000  # row numbers in one fix: `run.json` holds them all; choice
N_ROWS_SHOWN = 10  # of rows that are looked for again where they are left out
MAX_VALUES = 100  # cell values in one fix, for the same reason; choice


def drop_columns(columns: Iterable[str]) -> tuple[Fix, ...]:
    """Propose to leave columns out, each a decision of its own.

    >>> [fix.flag for fix in drop_columns(["Age", "Total Charges"])]
    ['--drop Age', "--drop 'Total Charges'"]
    """
    return tuple(Fix(kind="drop column", columns=(c,), flag=f"--drop {flag_value(c)}") for c in columns)


def leave_out(columns: Sequence[str]) -> tuple[Fix, ...]:
    """Leave columns out unasked: a model can learn nothing from them."""
    if not columns:
        return ()
    flag = " ".join(f"--drop {flag_value(c)}" for c in columns)
    return (Fix(kind="drop column", columns=tuple(columns), is_safe=True, flag=flag),)


def drop_rows(row_numbers: NDArray[np.int64]) -> tuple[Fix, ...]:
    """Propose to leave rows of the file out; nothing is proposed beyond MAX_FIX_ROWS.

    Parameters
    ----------
    row_numbers : int64 ndarray, shape (n,)
        From 1, the header not counted.
    """
    if not 0 < len(row_numbers) <= MAX_FIX_ROWS:
        return ()
    return (Fix(kind="drop rows", rows=tuple(row_numbers.tolist())),)


def drop_copies(row_numbers: NDArray[np.int64], *, equal: Equal, is_safe: bool = False) -> tuple[Fix, ...]:
    """Leave copies of earlier rows out, those that are safe out of training too, however many they are.

    Parameters
    ----------
    row_numbers : int64 ndarray, shape (n,)
        Of the copies among the rows that were looked at.
    """
    if not len(row_numbers):
        return ()
    shown = tuple(row_numbers[:N_ROWS_SHOWN].tolist())
    n = len(row_numbers)
    return (Fix(kind="drop rows", rows=shown, equal=equal, n_rows=n, is_safe=is_safe, is_unlearned=is_safe),)


def raw_texts(rows: TrainingRows, column: str, marked: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the distinct texts of marked cells as the file has them, the most frequent first, at most MAX_VALUES.

    Parameters
    ----------
    marked : bool ndarray, shape (n_rows,)
    """
    from autorecipe.data.cells import to_text

    texts = Counter(text.strip() for text in to_text(rows.frame[column][marked]))
    return tuple(text for text, _ in texts.most_common(MAX_VALUES) if text)


def set_type(columns: Iterable[str], kind: str) -> tuple[Fix, ...]:
    """Propose to take columns for another kind.

    >>> set_type(["zip"], "categorical")[0].flag
    '--type zip=categorical'
    """
    return tuple(
        Fix(kind="set type", columns=(c,), to=kind, flag=f"--type {flag_value(f'{c}={kind}')}") for c in columns
    )


def ask(flag: str, *columns: str) -> tuple[Fix, ...]:
    """Ask for a decision that a flag states."""
    return (Fix(kind="ask", columns=columns, flag=flag),)
