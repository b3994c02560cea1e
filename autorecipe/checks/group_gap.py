"""What a model loses when all rows of one patient, machine or household are held back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.cheap_model import MAX_ROWS, N_FOLDS, Gap, compare, deal_folds, mean_gap, model_rows, out_of_fold
from autorecipe.checks.group_keys import MIN_GROUPS, GroupKey, group_keys

if TYPE_CHECKING:
    from autorecipe.checks.rows import TrainingRows

MAX_KEYS = 3  # that are tried: each costs two sets of folds
MIN_EXPLAINED = 0.05  # of the target's variance by the column: without it there is nothing to recognize; choice
NOTE_LIMIT = 0.03  # rise of the root mean squared error; choice
WARN_LIMIT = 0.10  # the same
N_DRAWS = 2  # of folds and forests that a found key is judged by
ONE_SIDED = 0.0228  # probability beyond two standard errors


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGap:
    """What is lost when the groups of a column are held back whole."""

    key: GroupKey
    gap: Gap


def strongest_key(rows: TrainingRows) -> KeyGap | None:
    """Return the key beyond the limits whose groups cost most when held back; None without any."""
    keys = [key for key in group_keys(rows) if key.explained >= MIN_EXPLAINED][:MAX_KEYS]
    if not keys:
        return None
    limit = NormalDist().inv_cdf(1 - ONE_SIDED / len(keys))
    tried = [KeyGap(key=key, gap=group_gap(rows, key, seed=rows.config.seed)) for key in keys]
    beyond = [k for k in tried if k.gap.z > limit and k.gap.rise > _least_rise(k.key)]
    for first in sorted(beyond, key=lambda k: (k.key.is_named, not k.key.is_number, k.gap.z), reverse=True):
        mean = _mean_of_draws(rows, first)
        if mean.gap.z > limit and mean.gap.rise > _least_rise(mean.key):
            return mean
    return None


def _mean_of_draws(rows: TrainingRows, first: KeyGap) -> KeyGap:
    again = [group_gap(rows, first.key, seed=rows.config.seed + i) for i in range(1, N_DRAWS)]
    return replace(first, gap=mean_gap([first.gap, *again]))


def _least_rise(key: GroupKey) -> float:
    return WARN_LIMIT if key.is_number and not key.is_named else NOTE_LIMIT


def group_gap(rows: TrainingRows, key: GroupKey, *, seed: int) -> Gap:
    """Compare random folds with folds of whole groups, without the key and its copies among the features."""
    places = sample_groups(key.codes, n=MAX_ROWS, seed=seed)
    groups = np.unique(key.codes[places], return_inverse=True)[1].astype(np.int64)
    copies = {c for c, codes in rows.codes.items() if _is_copy(codes[places], groups) and not _has_fractions(rows, c)}
    data = model_rows(rows, places, without={key.column, *copies})
    loose = out_of_fold(data, deal_folds(data.twins, data.order, n_folds=N_FOLDS, seed=seed), seed=seed)
    strict = out_of_fold(data, deal_folds(groups, data.order, n_folds=N_FOLDS, seed=seed), seed=seed)
    return compare(data, loose, strict, clusters=groups)


def sample_groups(codes: NDArray[np.int64], *, n: int, seed: int) -> NDArray[np.int64]:
    """Return at most about n rows, in order: whole groups, or random rows where the groups are too large for that.

    Parameters
    ----------
    codes : int ndarray, shape (n_rows,)
        Group of each row; rows below 0 are left out.
    """
    places = np.flatnonzero(codes >= 0)
    if len(places) <= n:
        return places
    random = np.random.default_rng(seed)
    groups = random.permutation(int(codes.max()) + 1)
    chosen = groups[np.cumsum(np.bincount(codes[places])[groups]) <= n]
    if len(chosen) < MIN_GROUPS:
        return np.sort(random.permutation(places)[:n])
    return np.flatnonzero(np.isin(codes, chosen))


def _has_fractions(rows: TrainingRows, column: str) -> bool:
    """Is a column of measurements? One that differs from person to person is a trait that tells them apart."""
    numbers = rows.features.numbers.get(column, np.zeros(0))
    return bool(np.any(numbers[np.isfinite(numbers)] % 1))


def _is_copy(codes: NDArray[np.int64], groups: NDArray[np.int64]) -> bool:
    import pandas as pd

    n_values = len(pd.unique(codes))
    if n_values != int(groups.max()) + 1:
        return False
    return len(pd.unique(codes * n_values + groups)) == n_values
