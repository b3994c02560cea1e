"""Train and validation rows: one holdout, k folds, or folds that go forward in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autorecipe.data.allot import allot
from autorecipe.data.units import Ints, codes_of
from autorecipe.errors import UserError

Floats = npt.NDArray[np.float64]

# The first forward fold learns from the earlier half, so that no member learns from a sliver; choice.
FIRST_TRAIN_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fold:
    """Rows to learn from and rows to validate on.

    Attributes
    ----------
    train, validation : int64 arrays
        Row positions in the frame, ascending, disjoint.
    """

    train: Ints
    validation: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """Rows to make folds of.

    Attributes
    ----------
    rows : int64 array, shape (n,)
        Row positions in the frame, ascending.
    units, strata : int64 arrays, shape (n,)
        Of these rows.
    pinned : bool array, shape (n,)
        Rows that are in training in every fold.
    """

    rows: Ints
    units: Ints
    strata: Ints
    pinned: npt.NDArray[np.bool_]


def random_holdout(pool: Pool, *, validation_share: float, rng: np.random.Generator) -> tuple[Fold, ...]:
    """Split a pool once into train and validation rows, stratified, units in one piece."""
    return _folds(pool, shares=(validation_share, 1 - validation_share), n_folds=1, rng=rng)


def given_holdout(pool: Pool, *, n_validating: int) -> tuple[Fold, ...]:
    """Validate on the last rows of a pool."""
    return (Fold(train=pool.rows[:-n_validating], validation=pool.rows[-n_validating:]),)


def free_rows(pool: Pool, n_validating: int) -> npt.NDArray[np.bool_]:
    """Return which rows may be locked away for the test, shape (n,).

    Not those that stay in training, nor the last `n_validating`, which the user validates on, and what belongs to them.
    """
    if not n_validating:
        return ~pool.pinned
    return ~pool.pinned & ~np.isin(pool.units, pool.units[-n_validating:])


def random_folds(pool: Pool, *, n_folds: int, rng: np.random.Generator) -> tuple[Fold, ...]:
    """Make folds of a pool, stratified, units in one piece; fewer when there are fewer units."""
    n_units = len(np.unique(pool.units[~pool.pinned]))
    n_folds = min(n_folds, n_units)
    return _folds(pool, shares=(1 / max(n_folds, 1),) * n_folds, n_folds=n_folds, rng=rng)


def forward_holdout(rows: Ints, time: Floats, *, validation_share: float) -> tuple[Fold, ...]:
    """Validate on the latest rows; `time` is that of `rows`."""
    block = time_blocks(time, (1 - validation_share,))
    return (Fold(train=rows[block == 0], validation=rows[block == 1]),)


def forward_folds(rows: Ints, time: Floats, *, n_folds: int) -> tuple[Fold, ...]:
    """Make folds of an expanding window: each learns from all rows before its validation rows.

    The earliest rows are in no validation part, so they have no out-of-fold prediction. There are fewer folds
    when there are fewer points in time.
    """
    cuts = FIRST_TRAIN_SHARE + (1 - FIRST_TRAIN_SHARE) * np.arange(n_folds) / n_folds
    n_moments = len(np.unique(time))
    block = time_blocks(time, tuple(cuts[-max(1, n_moments - 1) :]))
    return tuple(Fold(train=rows[block < i], validation=rows[block == i]) for i in range(1, int(block.max()) + 1))


def time_blocks(time: Floats, cuts: tuple[float, ...]) -> Ints:
    """Cut rows into successive blocks; rows of the same time stay together.

    Parameters
    ----------
    time : float array, shape (n,)
    cuts : tuple of float in (0, 1), ascending
        Shares of the rows before each cut; a cut is moved to the nearest change of time.

    Returns
    -------
    int64 array, shape (n,)
        0 for the earliest block; every block has rows.

    Raises
    ------
    UserError
        When there are fewer points in time than blocks.
    """
    moment = codes_of(time)
    ends = np.cumsum(np.bincount(moment))[:-1]
    if len(ends) < len(cuts):
        raise UserError(
            f"the time column has {len(ends) + 1} distinct value(s) in {len(time)} rows: {len(cuts) + 1} are needed",
            where="--split-by-time",
            fix="give a column of more points in time, or leave --split-by-time out",
        )
    chosen: list[int] = []
    for i, cut in enumerate(cuts):
        low, high = (chosen[-1] + 1 if chosen else 0), len(ends) - (len(cuts) - 1 - i)
        chosen.append(low + int(np.abs(ends[low:high] - cut * len(time)).argmin()))
    block: Ints = np.searchsorted(np.array(chosen), moment, side="left").astype(np.int64)
    return block


def _folds(pool: Pool, *, shares: tuple[float, ...], n_folds: int, rng: np.random.Generator) -> tuple[Fold, ...]:
    free = ~pool.pinned
    part = np.full(len(pool.rows), -1, dtype=np.int64)
    if n_folds:
        part[free] = allot(pool.units[free], codes_of(pool.strata[free]), shares=shares, rng=rng)
    folds = (Fold(train=pool.rows[part != i], validation=pool.rows[part == i]) for i in range(n_folds))
    return tuple(fold for fold in folds if len(fold.train) and len(fold.validation))
