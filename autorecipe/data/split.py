"""Who learns, who validates, who is locked away for the test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from autorecipe.config import Preset
from autorecipe.data.allot import allot, bin_target
from autorecipe.data.folds import (
    Fold,
    Pool,
    forward_folds,
    forward_holdout,
    free_rows,
    given_holdout,
    random_folds,
    random_holdout,
    time_blocks,
)
from autorecipe.data.rare import FEW_ROWS, MIN_ROWS, Rarity, find_rare, give_back
from autorecipe.data.row_hash import hash_rows
from autorecipe.data.split_request import SplitRequest, check_request, units_of
from autorecipe.data.split_words import drawn_text, split_reason
from autorecipe.data.units import Ints, codes_of
from autorecipe.errors import UserError
from autorecipe.record.run import SplitSummary
from autorecipe.row_words import row_noun
from autorecipe.store.arrays import Array, read_arrays, write_arrays

__all__ = [
    "Fold",
    "Split",
    "SplitRequest",
    "hash_rows",
    "load_split",
    "make_split",
    "save_split",
    "summarize",
]

Scheme = Literal["holdout", "folds"]

FOLDS_BELOW_ROWS = 2000  # non-test rows; below it one validation part is too noisy to decide on: design
VALIDATION_SHARE = 0.15  # of all rows, 70/15/15: docs/recipe.md, A6
MAX_VALIDATION_SHARE = 0.2  # of the non-test rows, where much is locked away: 80/20; choice
N_FOLDS = 5
QUICK_FOLDS = 3  # the quick preset's plan must fit its minute
MANY_FOLDS = 10  # for few rows under the thorough preset: each fold learns from 90 % instead of 80 %; choice
MANY_FOLDS_BELOW_ROWS = 300  # non-test rows; choice
TEST_DRAW, HOLDOUT_DRAW, FOLDS_DRAW, FRESH_DRAW = 0, 1, 2, 3  # each has its own random numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """How the rows are shared out; all arrays of rows hold ascending positions in the frame.

    Attributes
    ----------
    scheme : str
        "holdout": one train/validation split; "folds": cross-validation on all non-test rows.
    folds : tuple of Fold
        What stages train and decide on; exactly one under "holdout".
    bag : tuple of Fold
        Folds of all non-test rows, for the members of an ensemble; under "folds" the same as `folds`.
    fresh : tuple of Fold
        Under "folds" as many folds drawn anew, for confirmations; otherwise the same as `folds`.
    test, non_test : int64 arrays
        Together all rows.
    groups : int64 array, shape (n_rows,), or None
        Unit of each row that every split and bootstrap must respect; None when every row stands alone.
    reason : str
        Why this scheme, in a few words.
    not_scored : tuple of str
        Classes with too few rows to be scored; their rows are in training wherever possible.
    moments : int64 array, shape (n_rows,), or None
        Place of each row's time among all times, from 0, where rows are split by time; None elsewhere.
    """

    scheme: Scheme
    folds: tuple[Fold, ...]
    bag: tuple[Fold, ...]
    fresh: tuple[Fold, ...]
    test: Ints
    non_test: Ints
    groups: Ints | None
    reason: str
    not_scored: tuple[str, ...] = ()
    moments: Ints | None = None

    @property
    def training_rows(self) -> Ints:
        """The train part of the holdout, or all non-test rows under cross-validation."""
        return self.folds[0].train if self.scheme == "holdout" else self.non_test


def make_split(
    *,
    target: npt.NDArray[np.generic],
    row_hash: npt.NDArray[np.uint64],
    request: SplitRequest,
    preset: Preset,
    equal: npt.NDArray[np.uint64] | None = None,
) -> Split:
    """Split rows into train, validation and test; the same seed gives the same split.

    Exact duplicates and declared groups stay on one side; with a time column train comes first, then
    validation, then test.

    Parameters
    ----------
    target : array, shape (n_rows,)
        Class codes (int) or numbers (float); none missing.
    row_hash : uint64 array, shape (n_rows,)
        From `hash_rows`, over the features; or clusters of nearly equal rows, and then `equal` tells the equal ones.
    preset : str
        "thorough" makes ten folds of few rows.

    Raises
    ------
    UserError
        When fewer than two classes have two rows, there are too few rows, groups or points in time, or groups
        and time are both given.
    """
    n_rows = len(target)
    check_request(request, n_rows=n_rows)
    units = units_of(row_hash, request, equal=equal)
    own = np.arange(n_rows - request.n_test_rows_given, dtype=np.int64)
    pool, rarity = _make_pool(own, target[own], units=units.codes[own], request=request)
    kept = _without_test(pool, request)
    test = np.setdiff1d(np.arange(n_rows, dtype=np.int64), kept.rows, assume_unique=True)
    _check_rows_left(kept, request)
    n_folds = _count_folds(len(kept.rows), min_rows=rarity.min_rows, preset=preset)
    few = len(kept.rows) < FOLDS_BELOW_ROWS and not request.n_validation_rows_given
    bag = _make_bag(kept, n_folds=n_folds, request=request, draw=FOLDS_DRAW)
    folds = bag if few else _make_holdout(kept, n_own=len(own), request=request)
    return Split(
        scheme="folds" if few else "holdout",
        folds=folds,
        bag=bag,
        fresh=_make_bag(kept, n_folds=n_folds, request=request, draw=FRESH_DRAW) if few else folds,
        test=test,
        non_test=kept.rows,
        groups=None if units.trivial else units.codes,
        reason=split_reason(drawn_text(few, FOLDS_BELOW_ROWS, request), units=units, request=request, n_test=len(test)),
        not_scored=rarity.not_scored,
        moments=None if request.time is None else codes_of(request.time),
    )


def summarize(split: Split) -> SplitSummary:
    """Count the rows of a split."""
    return SplitSummary(
        scheme=split.scheme,
        n_train=len(split.folds[0].train),
        n_validation=len(split.folds[0].validation),
        n_test=len(split.test),
        n_folds=len(split.folds),
        n_bag_folds=len(split.bag),
        reason=split.reason,
        not_scored=split.not_scored,
    )


def save_split(path: Path, split: Split) -> None:
    """Write a split to an npz file, whole or not at all.

    Raises
    ------
    UserError
        When the file cannot be written.
    """
    arrays = {"test": split.test, "non_test": split.non_test}
    if split.groups is not None:
        arrays["groups"] = split.groups
    if split.moments is not None:
        arrays["moments"] = split.moments
    for name, folds in (("folds", split.folds), ("bag", split.bag), ("fresh", split.fresh)):
        for i, fold in enumerate(folds):
            arrays |= {f"{name}_{i}_train": fold.train, f"{name}_{i}_validation": fold.validation}
    words = [split.scheme, split.reason, *split.not_scored]
    write_arrays(path, {**arrays, "words": np.array(words, dtype=np.str_)})


def load_split(path: Path) -> Split:
    """Read what `save_split` wrote.

    Raises
    ------
    UserError
        When the file is missing, damaged or not a split.
    """
    arrays = read_arrays(path)
    try:
        scheme, reason, *not_scored = (str(word) for word in arrays["words"])
        return Split(
            scheme="folds" if scheme == "folds" else "holdout",
            folds=_read_folds(arrays, "folds"),
            bag=_read_folds(arrays, "bag"),
            fresh=_read_folds(arrays, "fresh"),
            test=arrays["test"],
            non_test=arrays["non_test"],
            groups=arrays.get("groups"),
            reason=reason,
            not_scored=tuple(not_scored),
            moments=arrays.get("moments"),
        )
    except (KeyError, ValueError) as error:
        raise UserError(
            f"'{path}' is not a split: {error} is missing",
            where=str(path),
            fix="start the run afresh with --new",
        ) from error


def _check_rows_left(kept: Pool, request: SplitRequest) -> None:
    n_units = len(np.unique(kept.units[~kept.pinned]))
    if n_units >= MIN_ROWS:
        return
    row = row_noun(request.modality)
    what = "group(s)" if request.groups is not None else f"{row}(s)"
    flag = "--split-by-group" if request.groups is not None else "--test"
    raise UserError(
        f"{n_units} {what} left to learn from and validate on: {MIN_ROWS} are needed",
        where=flag,
        fix=f"give more {row}s, a smaller --test, or another column to group by",
    )


def _make_pool(
    own: Ints, target: npt.NDArray[np.generic], *, units: Ints, request: SplitRequest
) -> tuple[Pool, Rarity]:
    if request.task == "regression":
        pinned = np.zeros(len(own), dtype=np.bool_)
        strata = bin_target(target.astype(np.float64))
        rarity = Rarity(strata=strata, pinned=pinned, not_scored=(), min_rows=FEW_ROWS)
    else:
        rarity = find_rare(target.astype(np.int64), units, names=request.classes, modality=request.modality)
    return Pool(rows=own, units=units, strata=rarity.strata, pinned=rarity.pinned), rarity


def _without_test(pool: Pool, request: SplitRequest) -> Pool:
    if request.n_test_rows_given or request.test_share == 0:
        return pool
    if request.time is not None:
        in_test = time_blocks(request.time, (1 - request.test_share,)) == 1
    else:
        free, shares = free_rows(pool, request.n_validation_rows_given), (request.test_share, 1 - request.test_share)
        in_test = np.zeros(len(pool.rows), dtype=np.bool_)
        units, strata = pool.units[free], codes_of(pool.strata[free])
        if len(np.unique(units)) <= MIN_ROWS:
            return pool
        in_test[free] = allot(units, strata, shares=shares, rng=_chance(request, TEST_DRAW)) == 0
        if request.task != "regression":
            in_test = give_back(in_test, pool.strata, pool.units)
    left = ~in_test
    return Pool(rows=pool.rows[left], units=pool.units[left], strata=pool.strata[left], pinned=pool.pinned[left])


def _count_folds(n_rows: int, *, min_rows: int, preset: Preset) -> int:
    if min_rows < FEW_ROWS:
        return min_rows
    if preset == "quick":
        return QUICK_FOLDS
    return MANY_FOLDS if preset == "thorough" and n_rows < MANY_FOLDS_BELOW_ROWS else N_FOLDS


def _make_bag(kept: Pool, *, n_folds: int, request: SplitRequest, draw: int) -> tuple[Fold, ...]:
    if request.time is not None:
        return forward_folds(kept.rows, request.time[kept.rows], n_folds=n_folds)
    return random_folds(kept, n_folds=n_folds, rng=_chance(request, draw))


def _make_holdout(kept: Pool, *, n_own: int, request: SplitRequest) -> tuple[Fold, ...]:
    if request.n_validation_rows_given:
        return given_holdout(kept, n_validating=request.n_validation_rows_given)
    share = min(VALIDATION_SHARE * n_own / len(kept.rows), MAX_VALIDATION_SHARE)
    if request.time is not None:
        return forward_holdout(kept.rows, request.time[kept.rows], validation_share=share)
    return random_holdout(kept, validation_share=share, rng=_chance(request, HOLDOUT_DRAW))


def _chance(request: SplitRequest, draw: int) -> np.random.Generator:
    return np.random.default_rng([request.seed % 2**32, draw])


def _read_folds(arrays: dict[str, Array], name: str) -> tuple[Fold, ...]:
    n_folds = sum(key.startswith(f"{name}_") for key in arrays) // 2
    return tuple(
        Fold(train=arrays[f"{name}_{i}_train"], validation=arrays[f"{name}_{i}_validation"]) for i in range(n_folds)
    )
