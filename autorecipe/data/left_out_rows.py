"""Rows that nothing is learned from, though they may decide and test: copies of others."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.split import Fold, Split
from autorecipe.data.units import Ints
from autorecipe.record.profile import Profile


def rows_left_out(profile: Profile) -> tuple[int, ...]:
    """Return the rows of the file that findings leave out of training unasked, from 1."""
    fixes = (fix for finding in profile.findings for fix in finding.fixes if fix.is_unlearned)
    return tuple(dict.fromkeys(row for fix in fixes for row in fix.rows))


def learned_split(split: Split, profile: Profile | None, row_numbers: Ints) -> Split:
    """Return a split without the rows that findings leave out of training; where they decide or test they stay.

    Scores are then of rows as they come, copies included.

    Parameters
    ----------
    row_numbers : int64 array, shape (n_rows,)
        What findings call the rows.
    """
    rows = rows_left_out(profile) if profile else ()
    if not rows:
        return split
    is_out = np.isin(row_numbers, rows)
    folds, bag, fresh = (_folds(folds, is_out) for folds in (split.folds, split.bag, split.fresh))
    return dataclasses.replace(split, folds=folds, bag=bag, fresh=fresh, non_test=_without(split.non_test, is_out))


def _folds(folds: tuple[Fold, ...], is_out: NDArray[np.bool_]) -> tuple[Fold, ...]:
    return tuple(dataclasses.replace(fold, train=_without(fold.train, is_out)) for fold in folds)


def _without(rows: Ints, is_out: NDArray[np.bool_]) -> Ints:
    kept: Ints = rows[~is_out[rows]]
    return kept
