"""Rows of another table that are equal to training rows in every feature, and differ from all of them in the target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.d015_duplicate_rows import with_target
from autorecipe.checks.rows import Target, TrainingRows

MAX_P = 0.001  # of so many by chance, as of a column's drift


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contradictions:
    """Rows that have the features of training rows, and another target than each of these.

    Attributes
    ----------
    theirs : bool ndarray, shape (n_other,)
        The other rows that do.
    ours : bool ndarray, shape (n_rows,)
        Training rows that differ so from all training rows of the same features: what is natural here.
    contradicted : bool ndarray, shape (n_rows,)
        Training rows that the other rows contradict.
    hidden : float
        Of a regression, the mean squared difference of the contradicting rows from the mean of the training rows of
        the same features, in variances of the target, over all other rows; else 0.
    """

    theirs: NDArray[np.bool_]
    ours: NDArray[np.bool_]
    contradicted: NDArray[np.bool_]
    hidden: float

    @property
    def p(self) -> float:
        """Probability of so many or more among the other rows, where the training rows hold them as often."""
        return p_as_often(self.theirs, self.ours)


def find_contradictions(rows: TrainingRows, other_target: Target) -> Contradictions:
    """Compare the other rows with the training rows of the same features.

    Other rows whose target is not known (or of no class of the training rows) contradict none.

    Parameters
    ----------
    other_target : ndarray, shape (n_other,)
    """
    ours, theirs = rows.row_hashes, rows.other_row_hashes
    ours_whole, theirs_whole = with_target(ours, rows.target), with_target(theirs, other_target)
    known = np.isfinite(other_target) if rows.is_regression else other_target >= 0
    contradicting = known & np.isin(theirs, ours) & ~np.isin(theirs_whole, ours_whole)
    return Contradictions(
        theirs=contradicting,
        ours=(n_equal(ours) > 1) & (n_equal(ours_whole) == 1),
        contradicted=np.isin(ours, theirs[contradicting]),
        hidden=_hidden(rows, other_target, contradicting) if rows.is_regression else 0.0,
    )


def p_as_often(theirs: NDArray[np.bool_], ours: NDArray[np.bool_]) -> float:
    """Return the probability of so many marks or more among their rows, where both have them as often.

    The conditional test of two rates (Przyborowski and Wilenski 1940).

    Parameters
    ----------
    theirs, ours : bool ndarray, shape (n_other,), (n_rows,)

    >>> round(p_as_often(np.ones(10, dtype=bool), np.zeros(10, dtype=bool)), 6) == round(0.5**10, 6)
    True
    """
    from scipy.special import bdtrc

    n_theirs, n_ours = int(theirs.sum()), int(ours.sum())
    share = len(theirs) / (len(theirs) + len(ours))
    return float(bdtrc(n_theirs - 1, n_theirs + n_ours, share)) if n_theirs else 1.0


def n_equal(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return how many rows are equal to each row, itself included, shape (n_rows,)."""
    _, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse])


def _hidden(rows: TrainingRows, other_target: Target, contradicting: NDArray[np.bool_]) -> float:
    variance = float(np.var(rows.target))
    if not contradicting.any() or variance == 0:
        return 0.0
    found, inverse = np.unique(rows.row_hashes, return_inverse=True)
    means = np.bincount(inverse, weights=rows.target) / np.bincount(inverse)
    theirs = means[np.searchsorted(found, rows.other_row_hashes[contradicting])]
    return float(((other_target[contradicting] - theirs) ** 2).sum() / len(other_target) / variance)
