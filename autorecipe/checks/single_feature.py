"""How well one feature alone predicts the target, out of fold, with its error.

Classification: the feature is cut into bins (numbers) or levels (labels), the smoothed class rates are
learned on four folds and rank the rows of the fifth; the score is the one-vs-rest ROC AUC averaged over all
classes. Regression: R2 of the bins' means, joined by straight lines for numbers, or of a straight line where
that is better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

Z_95 = 1.959964  # standard normal, 95 % two-sided
MIN_CLASS_ROWS = 20  # rows of a class below which noise alone comes near AUC 0.9 (measured)
MIN_ROWS = 50  # rows of a regression, for the same reason
N_BINS = 64  # most bins of a number
ROWS_PER_BIN = 20  # fewest rows that a bin of a number should hold
SMOOTHING_ROWS = 2.0  # rows of the overall rate added to each bin: a level seen once says little
N_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One feature's out-of-fold score: macro one-vs-rest ROC AUC, or R2.

    Attributes
    ----------
    lower : float
        Lower end of the 95 % confidence interval.
    z : float
        Distance from chance in standard errors that hold under chance.
    """

    value: float
    lower: float
    z: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feature:
    """One feature of the sampled rows.

    Attributes
    ----------
    codes : int ndarray, shape (n,)
        Bin or level of each row, from 0.
    numbers : float ndarray or None, shape (n,)
        The values behind the bins; NaN where missing.
    """

    codes: NDArray[np.int64]
    numbers: NDArray[np.float64] | None = None


def number_feature(numbers: NDArray[np.float64]) -> Feature:
    """Cut numbers into bins of equal counts; missing cells, and values as frequent as a bin, get their own.

    Parameters
    ----------
    numbers : float ndarray, shape (n,)
    """
    finite = np.isfinite(numbers)
    values = numbers[finite]
    codes = np.zeros(len(numbers), dtype=np.int64)  # 0: missing
    if not len(values):
        return Feature(codes=codes)
    n_bins = int(np.clip(len(values) // ROWS_PER_BIN, 2, N_BINS))
    cuts = np.quantile(values, np.linspace(0, 1, n_bins + 1)[1:-1], method="lower")
    edges, repeats = np.unique(cuts, return_counts=True)
    place = np.searchsorted(edges, values, side="left")
    at_edge = edges[np.minimum(place, len(edges) - 1)] == values
    spike = at_edge & (repeats[np.minimum(place, len(edges) - 1)] > 1)
    codes[finite] = 1 + 2 * place + spike
    return Feature(codes=np.unique(codes, return_inverse=True)[1].astype(np.int64), numbers=numbers)


def score_classes(feature: Feature, target: NDArray[np.int64], folds: NDArray[np.int64]) -> Score | None:
    """Score one feature against classes; None when it cannot be judged.

    That is when fewer than two classes have MIN_CLASS_ROWS rows, or no fold has two classes.

    Parameters
    ----------
    target : int ndarray, shape (n,)
        Class of each row, from 0.
    folds : int ndarray, shape (n,)
        Fold of each row, from 0 to N_FOLDS - 1.
    """
    n_bins = int(feature.codes.max()) + 1
    keys = feature.codes * N_FOLDS + folds
    rows = np.bincount(keys, minlength=n_bins * N_FOLDS).reshape(n_bins, N_FOLDS)
    classes = scored_classes(target)
    if len(classes) < 2:
        return None
    if len(classes) == 2 and np.count_nonzero(np.bincount(target)) == 2:
        classes = classes[1:]  # the other class has the same AUC
    values, lowers, errors = [], [], []
    for label in classes:
        ours = np.bincount(keys[target == label], minlength=n_bins * N_FOLDS).reshape(n_bins, N_FOLDS)
        n_ours, n_rest = int(ours.sum()), int(rows.sum() - ours.sum())
        by_fold = list(_fold_aucs(ours, rows))
        if not by_fold:
            continue
        auc = float(np.mean(by_fold))
        values.append(auc)
        lowers.append(auc_lower_bound(auc, n_ours, n_rest))
        errors.append(math.sqrt((n_ours + n_rest + 1) / (12 * n_ours * n_rest)))
    if not values:
        return None
    value = float(np.mean(values))
    return Score(value=value, lower=float(np.mean(lowers)), z=(value - 0.5) / float(np.mean(errors)))


def scored_classes(target: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the classes with at least MIN_CLASS_ROWS rows."""
    return np.flatnonzero(np.bincount(target) >= MIN_CLASS_ROWS).astype(np.int64)


def _fold_aucs(ours: NDArray[np.int64], rows: NDArray[np.int64]) -> Iterable[float]:
    all_ours, all_rows = ours.sum(1), rows.sum(1)
    for fold in range(N_FOLDS):
        learned_ours, learned_rows = all_ours - ours[:, fold], all_rows - rows[:, fold]
        prior = learned_ours.sum() / max(learned_rows.sum(), 1)
        rates = (learned_ours + SMOOTHING_ROWS * prior) / (learned_rows + SMOOTHING_ROWS)
        held_ours, held_rest = ours[:, fold], rows[:, fold] - ours[:, fold]
        if held_ours.sum() and held_rest.sum():
            yield _auc(rates, held_ours, held_rest)


def _auc(rates: NDArray[np.float64], ours: NDArray[np.int64], rest: NDArray[np.int64]) -> float:
    order = np.argsort(rates)
    ordered = rates[order]
    firsts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))  # bins of one rate are one rank
    ours_by_rank, rest_by_rank = (np.add.reduceat(counts[order], firsts) for counts in (ours, rest))
    below = np.cumsum(rest_by_rank) - 0.5 * rest_by_rank
    return float(ours_by_rank @ below / (ours.sum() * rest.sum()))


def auc_lower_bound(auc: float, n_positive: int, n_negative: int) -> float:
    """Return the lower end of the 95 % confidence interval of a ROC AUC.

    Newcombe's (2006) score-type interval, "method 5": the smallest value whose own Hanley-McNeil standard
    error reaches up to the AUC seen. Unlike a Wald interval it stays wide at an AUC of 1 from few rows.

    Parameters
    ----------
    n_positive, n_negative : int > 0

    >>> round(auc_lower_bound(1.0, 20, 20), 2), round(auc_lower_bound(1.0, 2000, 2000), 3)
    (0.9, 0.999)
    """
    low, high = 0.0, auc
    for _ in range(50):
        middle = (low + high) / 2
        if auc - middle > Z_95 * _auc_error(middle, n_positive, n_negative):
            low = middle
        else:
            high = middle
    return low


def _auc_error(auc: float, n_positive: int, n_negative: int) -> float:
    half = (n_positive + n_negative) / 2 - 1
    spread = 1 + half * (1 - auc) / (2 - auc) + half * auc / (1 + auc)
    return math.sqrt(max(auc * (1 - auc) * spread, 0.0) / (n_positive * n_negative))


def score_number(feature: Feature, target: NDArray[np.float64], folds: NDArray[np.int64]) -> Score | None:
    """Score one feature against a number; None below MIN_ROWS rows or for a constant target.

    Parameters
    ----------
    target : float ndarray, shape (n,)
    folds : int ndarray, shape (n,)
    """
    if len(target) < MIN_ROWS or np.ptp(target) == 0:
        return None
    by_bin, by_line, by_mean = (np.full(len(target), np.nan) for _ in range(3))
    for fold in range(N_FOLDS):
        held, learned = folds == fold, folds != fold
        by_mean[held] = target[learned].mean()
        by_bin[held] = _bin_means(feature, target, held)
        by_line[held] = _line(feature, target, held)
    deviation = (target - by_mean) ** 2
    scores = [_r2(deviation, (target - guess) ** 2) for guess in (by_bin, by_line)]
    value, lower = max(scores)
    n_bins = int(feature.codes.max()) + 1
    return Score(value=value, lower=lower, z=value / (2 * math.sqrt(n_bins) / len(target)))


def _bin_means(feature: Feature, target: NDArray[np.float64], held: NDArray[np.bool_]) -> NDArray[np.float64]:
    learned, codes, n_bins = ~held, feature.codes, int(feature.codes.max()) + 1
    rows = np.bincount(codes[learned], minlength=n_bins)
    prior = target[learned].mean()
    sums = np.bincount(codes[learned], weights=target[learned], minlength=n_bins)
    if feature.numbers is None:
        return np.asarray((sums + SMOOTHING_ROWS * prior) / (rows + SMOOTHING_ROWS))[codes[held]]
    guess = np.where(rows > 0, sums / np.maximum(rows, 1), prior)[codes[held]]
    finite = np.isfinite(feature.numbers)
    used = learned & finite
    counts = np.bincount(codes[used], minlength=n_bins)
    centre_sums = np.bincount(codes[used], weights=feature.numbers[used], minlength=n_bins)
    filled = np.flatnonzero(counts)
    if len(filled):
        centres = centre_sums[filled] / counts[filled]
        means = np.bincount(codes[used], weights=target[used], minlength=n_bins)[filled] / counts[filled]
        order = np.argsort(centres)
        known = finite[held]
        guess[known] = np.interp(feature.numbers[held][known], centres[order], means[order])
    return guess


def _line(feature: Feature, target: NDArray[np.float64], held: NDArray[np.bool_]) -> NDArray[np.float64]:
    guess = np.full(int(held.sum()), target[~held].mean())
    if feature.numbers is None:
        return guess
    finite = np.isfinite(feature.numbers)
    used = finite & ~held
    x, y = feature.numbers[used], target[used]
    if len(x) < 2 or np.ptp(x) == 0:
        return guess
    scale = np.abs(x - x.mean()).max()
    slope = ((x - x.mean()) / scale) @ (y - y.mean()) / (((x - x.mean()) / scale) ** 2).sum()
    known = finite[held]
    guess[known] = y.mean() + slope * (feature.numbers[held][known] - x.mean()) / scale
    return guess


def _r2(deviation: NDArray[np.float64], error: NDArray[np.float64]) -> tuple[float, float]:
    value = 1 - error.sum() / deviation.sum()
    influence = (error - (1 - value) * deviation) / deviation.mean()
    return float(value), float(value - Z_95 * influence.std() / math.sqrt(len(error)))


def chance_z(n_features: int) -> float:
    """Return the z beyond which the best of `n_features` useless features comes in 5 % of cases (Bonferroni).

    >>> round(chance_z(1), 2), round(chance_z(100), 2)
    (1.64, 3.29)
    """
    from statistics import NormalDist

    return NormalDist().inv_cdf(1 - 0.05 / max(n_features, 1))
