"""Rows that nothing is learned from, though they may decide and test: copies of others."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.row_hash import hash_rows, is_copy
from autorecipe.data.split import Fold, Split
from autorecipe.data.units import Ints
from autorecipe.fix import Fix
from autorecipe.record.profile import Profile

if TYPE_CHECKING:
    import pandas as pd


def unlearned(profile: Profile | None) -> tuple[Fix, ...]:
    """Return the fixes that leave rows out of training unasked."""
    findings = profile.findings if profile else ()
    return tuple(fix for finding in findings for fix in finding.fixes if fix.is_unlearned)


def n_left_out(profile: Profile | None) -> int:
    """Return how many of the rows that were profiled are left out of training unasked."""
    return sum(fix.n_rows or len(fix.rows) for fix in unlearned(profile))


def learned_split(split: Split, profile: Profile | None, frame: pd.DataFrame, row_numbers: Ints) -> Split:
    """Return a split without the rows that findings leave out of training; where they decide or test they stay.

    Scores are then of rows as they come, copies included. Copies are looked for in all rows, since a part that is
    trained on may hold some that were not profiled: those of validation rows, in copies trained on folds of all rows.

    Parameters
    ----------
    frame : DataFrame
        Raw cells of all rows.
    row_numbers : int64 array, shape (n_rows,)
        What findings call the rows.
    """
    fixes = unlearned(profile)
    if not fixes:
        return split
    is_out = np.isin(row_numbers, [row for fix in fixes if not fix.equal for row in fix.rows])
    if any(fix.equal for fix in fixes):
        is_out |= is_copy(hash_rows(frame))
    folds, bag, fresh = (_folds(folds, is_out) for folds in (split.folds, split.bag, split.fresh))
    return dataclasses.replace(split, folds=folds, bag=bag, fresh=fresh, non_test=_without(split.non_test, is_out))


def _folds(folds: tuple[Fold, ...], is_out: NDArray[np.bool_]) -> tuple[Fold, ...]:
    return tuple(dataclasses.replace(fold, train=_without(fold.train, is_out)) for fold in folds)


def _without(rows: Ints, is_out: NDArray[np.bool_]) -> Ints:
    kept: Ints = rows[~is_out[rows]]
    return kept
