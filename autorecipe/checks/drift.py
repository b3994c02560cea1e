"""How differently two sets of rows are distributed, column by column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.spread import finite, kolmogorov_smirnov

OTHER_TABLE = "other table"  # what a second table is called in messages
COMPARED_ROWS = 10_000  # of each side: a distance is then known to about 0.02
MIN_ROWS = 20  # of each side: below, only a distance near 1 is beyond chance
MAX_LEVELS = 200  # compared one by one, the most frequent ones; the others together
MIN_EXPECTED = 5.0  # rows of a level on either side, for the chi-square approximation (Cochran 1954)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift:
    """How one column differs.

    Attributes
    ----------
    distance : float in [0, 1]
        Kolmogorov and Smirnov's of numbers; of levels half the sum of the differences of their shares; or the
        difference of the shares of missing cells, where that is larger.
    p : float
        Probability of such a distance by chance, by the test's asymptotic distribution.
    counts : int64 ndarray, shape (2, n_bins)
        Rows of each bin or level: ours, and theirs.
    is_ordered : bool
        Whether the bins are of numbers.
    """

    distance: float
    p: float
    counts: Ints
    is_ordered: bool


def require_given_rows(rows: TrainingRows) -> str:
    """Return what the other rows are called: "test rows", "later rows" or "other table".

    Raises
    ------
    NotApplicable
        When they were drawn at random here, so that whatever differs does so by chance, or are too few.
    """
    is_by_time = any(column.role == "time" for column in rows.schema.columns)
    if rows.other_frame is None or not (are_given(rows) or is_by_time):
        raise NotApplicable("the split is drawn here, at random")
    if min(len(rows.other_frame), rows.n_rows) < MIN_ROWS:
        raise NotApplicable(f"fewer than {MIN_ROWS} rows on one side")
    if rows.is_against:
        return OTHER_TABLE
    return "test rows" if rows.config.test_path else "later rows"


def are_given(rows: TrainingRows) -> bool:
    """Return whether the other rows are of a file of their own, a test file or a second table."""
    return rows.is_against or bool(rows.config.test_path)


def compared_rows(rows: TrainingRows, *, at_most: int) -> tuple[Ints, Ints]:
    """Return the places of the rows that are compared, ours and theirs: one of each declared group, a seeded sample."""
    random = np.random.default_rng(rows.config.seed)
    other = rows.other_frame if rows.other_frame is not None else rows.frame[:0]
    group = next((c.name for c in rows.schema.columns if c.role == "group"), None)
    chosen = []
    for frame in (rows.frame, other):
        order = random.permutation(len(frame))
        if group is not None and group in frame:
            order = order[~frame[group].iloc[order].duplicated().to_numpy()]
        chosen.append(np.sort(order[:at_most]))
    return chosen[0], chosen[1]


def column_drifts(rows: TrainingRows) -> dict[str, Drift]:
    """Compare every feature but dates and texts, each alone.

    Returns
    -------
    dict of str to Drift
        Without the columns that are missing altogether on one side.
    """
    theirs = rows.other_features
    if theirs is None:
        return {}
    our_rows, their_rows = compared_rows(rows, at_most=COMPARED_ROWS)
    found: dict[str, Drift | None] = {}
    for column in rows.columns:
        if column.kind == "numeric":
            numbers = rows.features.numbers[column.name][our_rows], theirs.numbers[column.name][their_rows]
            found[column.name] = compare_numbers(*numbers)
        elif column.kind in ("categorical", "boolean"):
            levels = rows.features.categories[column.name][our_rows], theirs.categories[column.name][their_rows]
            found[column.name] = compare_levels(*levels)
    return {name: drift for name, drift in found.items() if drift is not None}


def compare_numbers(ours: Floats, theirs: Floats) -> Drift | None:
    """Compare two sets of numbers, and their shares of missing cells; None where one side has no number.

    Parameters
    ----------
    ours, theirs : float ndarray, shape (n,), (m,)
    """
    known = finite(ours), finite(theirs)
    missing = drift_of_counts(np.array([[np.isnan(side).sum(), (~np.isnan(side)).sum()] for side in (ours, theirs)]))
    if not len(known[0]) or not len(known[1]):
        return missing
    distance, p = kolmogorov_smirnov(*known)
    if missing is not None and missing.distance > distance:
        return missing
    cuts = np.unique(np.quantile(np.concatenate(known), np.linspace(0, 1, 51)[1:-1]))
    counts = np.stack([np.bincount(np.searchsorted(cuts, side), minlength=len(cuts) + 1) for side in known])
    return Drift(distance=distance, p=p, counts=counts, is_ordered=True)


def compare_levels(ours: NDArray[np.object_], theirs: NDArray[np.object_]) -> Drift | None:
    """Compare the shares of levels, "" (missing) being one of them; None where there is one level alone.

    Parameters
    ----------
    ours, theirs : object ndarray of str, shape (n,), (m,)
    """
    import pandas as pd

    codes = pd.factorize(np.concatenate([ours, theirs]))[0]
    n_levels = int(codes.max(initial=-1)) + 1
    counts = np.stack([np.bincount(part, minlength=n_levels) for part in (codes[: len(ours)], codes[len(ours) :])])
    return drift_of_counts(_merge_rare(counts))


def _merge_rare(counts: Ints) -> Ints:
    total = counts.sum(axis=0)
    expected = total * counts.sum(axis=1).min() / max(int(total.sum()), 1)
    rank = np.empty(len(total), dtype=np.int64)
    rank[np.argsort(-total, kind="stable")] = np.arange(len(total))
    common = (expected >= MIN_EXPECTED) & (rank < MAX_LEVELS)
    rest = counts[:, ~common].sum(axis=1, keepdims=True)
    return np.asarray(np.concatenate([counts[:, common], rest], axis=1), dtype=np.int64)


def drift_of_counts(counts: Ints) -> Drift | None:
    """Compare the counts of levels as they are; None where there is one level alone, or no row on one side.

    Parameters
    ----------
    counts : int64 ndarray, shape (2, n_levels)
        Ours, and theirs.
    """
    from scipy.special import chdtrc

    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2 or not counts.sum(axis=1).all():
        return None
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    p = float(chdtrc(counts.shape[1] - 1, chi_square))
    return Drift(distance=_half_sum(counts), p=p, counts=counts, is_ordered=False)


def permuted_p(drift: Drift, *, n_permutations: int, seed: int) -> float:
    """Return the share of permutations of the rows that show as large a distance, the rows seen being one of them.

    Only the counts of bins matter to the distance, and dealing rows anew draws them from a multivariate
    hypergeometric distribution: no row has to be moved.
    """
    random = np.random.default_rng(seed)
    total, n_theirs = drift.counts.sum(axis=0), int(drift.counts[1].sum())
    drawn = random.multivariate_hypergeometric(total, n_theirs, size=n_permutations, method="marginals")
    distance: Callable[[Ints], float] = _largest_gap if drift.is_ordered else _half_sum
    seen = distance(drift.counts)
    as_large = sum(distance(np.stack([total - theirs, theirs])) >= seen for theirs in drawn)
    return (1 + as_large) / (1 + n_permutations)


def _shares(counts: Ints) -> Floats:
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _half_sum(counts: Ints) -> float:
    shares = _shares(counts)
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def _largest_gap(counts: Ints) -> float:
    shares = np.cumsum(_shares(counts), axis=1)
    return float(np.abs(shares[0] - shares[1]).max())
