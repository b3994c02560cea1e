"""How far a small forest of all columns comes when it is judged on rows that differ in a stated way.

Extremely randomized regression trees (Geurts et al. 2006) of the target's indicator columns: of all quick models they
recognize an entity that they have seen before best, which is what a leak by structure needs, and one thread is enough.
Two ways of holding rows back are compared on the same rows, row by row.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from autorecipe.checks.rows import TrainingRows

MAX_ROWS = 3_000  # that are learned from and judged; measured: a forest then takes less than 0.1 s
MAX_COLUMNS = 30  # the best ones by their own score
MAX_CLASSES = 8  # the most frequent ones; those left are one more
N_TREES = 16  # measured: twice as many move the AUC by less than 0.01
N_FOLDS = 3  # measured: five show the same and take twice as long
MAX_DEPTH = 12
MIN_LEAF_ROWS = 2
COLUMNS_PER_SPLIT = 0.3  # share of the columns tried; Geurts et al. take a third of them or more for numbers

TWINS_SHARE, FEW_TWINS = 0.02, 5  # of the rows; more equal ones would be a fold of their own

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelRows:
    """Some training rows as the forest sees them.

    Attributes
    ----------
    x : float32 ndarray, shape (n, n_columns)
        Ranks of the distinct values, missing cells below all of them.
    y : float ndarray, shape (n, n_outputs)
        The number to predict, standardized, or one indicator for each class.
    columns : tuple of str
        The columns of `x`.
    twins : int ndarray, shape (n,)
        Equal for rows that are equal in every feature, unless they are so many that the table is like that.
    is_regression : bool
        Whether the target is a number.
    """

    x: NDArray[np.float32]
    y: Floats
    columns: tuple[str, ...]
    twins: Ints
    is_regression: bool

    @property
    def order(self) -> Floats:
        """One number for each row by which folds are balanced, shape (n,)."""
        return self.y[:, 0] if self.is_regression else np.asarray(self.y @ np.arange(self.y.shape[1], dtype=np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What is lost when rows are held back in one way instead of another.

    Attributes
    ----------
    loose, strict : float
        ROC AUC, or the root mean squared error in standard deviations of the target; with random rows held back, and
        with whole groups, or later rows, held back.
    loose_error, strict_error : float
        Root mean squared error, of classes that of their probabilities.
    rise : float
        By which share that error rises.
    z : float
        By how many of its standard errors the mean squared error rises.
    """

    loose: float
    strict: float
    loose_error: float
    strict_error: float
    rise: float
    z: float
    is_regression: bool

    def __str__(self) -> str:
        """Say both scores; the error is the root mean squared one."""
        if self.is_regression:
            return f"an error of {self.loose:.2f} standard deviations with random folds, {self.strict:.2f}"
        digits = _telling_digits(self.loose, self.strict)
        return f"ROC AUC {self.loose:.{digits}f} with random folds, {self.strict:.{digits}f}"


def _telling_digits(one: float, other: float) -> int:
    """Return how many digits tell two scores apart: three, or up to six where these do not."""
    return next((digits for digits in (3, 4, 5) if f"{one:.{digits}f}" != f"{other:.{digits}f}"), 6)


def model_rows(rows: TrainingRows, places: Ints, *, without: Collection[str] = ()) -> ModelRows:
    """Rank the cells of some rows' best columns, and standardize the target.

    Parameters
    ----------
    places : int ndarray, shape (n,)
    without : collection of str
        Columns that are left out.
    """
    candidates = [c.name for c in rows.columns if c.kind not in ("text", "image") and c.name not in without]
    ranked = sorted(candidates, key=lambda c: -rows.scores[c].z if c in rows.scores else 0.0)[:MAX_COLUMNS]
    x = np.zeros((len(places), len(ranked)), dtype=np.float32)
    for i, column in enumerate(ranked):
        x[:, i] = _ranks(rows, column, places)
    return ModelRows(
        x=x,
        y=outputs(rows)[places],
        columns=tuple(ranked),
        twins=_twins(rows.row_hashes[places]),
        is_regression=rows.is_regression,
    )


def _twins(hashes: NDArray[np.uint64]) -> Ints:
    import pandas as pd

    codes = np.asarray(pd.factorize(hashes)[0], dtype=np.int64)
    common = np.bincount(codes)[codes] > max(FEW_TWINS, TWINS_SHARE * len(codes))
    return np.unique(np.where(common, len(codes) + np.arange(len(codes)), codes), return_inverse=True)[1]


def _ranks(rows: TrainingRows, column: str, places: Ints) -> Floats:
    import pandas as pd

    cells = rows.features.numbers.get(column)
    codes, distinct = pd.factorize((rows.features.categories[column] if cells is None else cells)[places], sort=True)
    return np.where(codes < 0, -0.1 * len(distinct), codes).astype(np.float64)


def outputs(rows: TrainingRows) -> Floats:
    """Return the standardized target, or an indicator for each of the most frequent classes, shape (n_rows, k)."""
    if rows.is_regression:
        numbers = rows.target.astype(np.float64)
        return np.asarray((numbers - numbers.mean()) / (numbers.std() or 1.0))[:, None]
    frequent = np.argsort(-rows.class_counts, kind="stable")[:MAX_CLASSES]
    return np.asarray(rows.target[:, None] == frequent[None, :], dtype=np.float64)


def deal_folds(groups: Ints, order: Floats, *, n_folds: int, seed: int) -> Ints:
    """Deal whole groups to folds that are alike in size and in the target.

    Parameters
    ----------
    groups : int ndarray, shape (n,)
        Of each row, from 0.
    order : float ndarray, shape (n,)
        Groups of similar means of it are dealt to different folds.

    Returns
    -------
    int ndarray, shape (n,)
        From 0 to n_folds - 1.
    """
    sizes = np.bincount(groups)
    means = np.bincount(groups, weights=order) / np.maximum(sizes, 1)
    ranked = np.lexsort((np.random.default_rng(seed).random(len(sizes)), means))
    fold_of, totals = np.empty(len(sizes), dtype=np.int64), np.zeros(n_folds, dtype=np.int64)
    for start in range(0, len(ranked), n_folds):
        hand = ranked[start : start + n_folds]
        hand = hand[np.argsort(-sizes[hand], kind="stable")]
        emptiest = np.argsort(totals, kind="stable")[: len(hand)]
        fold_of[hand] = emptiest
        totals[emptiest] += sizes[hand]
    return np.asarray(fold_of[groups])


def predict(data: ModelRows, learned: Ints, judged: Ints, *, seed: int) -> Floats:
    """Learn from some rows and predict others, shape (n_judged, n_outputs)."""
    if not data.columns:
        return np.tile(data.y[learned].mean(axis=0), (len(judged), 1))
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(
        n_estimators=N_TREES,
        max_depth=MAX_DEPTH,
        min_samples_leaf=MIN_LEAF_ROWS,
        max_features=COLUMNS_PER_SPLIT,
        random_state=seed,
    )
    y = data.y[learned]
    forest.fit(data.x[learned], y[:, 0] if y.shape[1] == 1 else y)
    return np.asarray(forest.predict(data.x[judged]), dtype=np.float64).reshape(len(judged), -1)


def out_of_fold(data: ModelRows, folds: Ints, *, seed: int) -> Floats:
    """Predict each row by a forest that did not see its fold, shape (n, n_outputs)."""
    found = np.empty_like(data.y)
    for fold in np.unique(folds):
        held = folds == fold
        found[held] = predict(data, np.flatnonzero(~held), np.flatnonzero(held), seed=seed)
    return found


def compare(data: ModelRows, loose: Floats, strict: Floats, *, clusters: Ints) -> Gap:
    """Compare two predictions of the same rows.

    The standard error is that of the mean of the rows' differences, the rows of a cluster taken as one observation
    (Liang and Zeger 1986).

    Parameters
    ----------
    loose, strict : float ndarray, shape (n, n_outputs)
        NaN where a row is not predicted.
    clusters : int ndarray, shape (n,)
        Of each row, from 0.
    """
    known = np.isfinite(loose[:, 0]) & np.isfinite(strict[:, 0])
    y, loose, strict = data.y[known], loose[known], strict[known]
    loose_error, strict_error = ((y - loose) ** 2).sum(axis=1), ((y - strict) ** 2).sum(axis=1)
    difference = strict_error - loose_error
    sums = np.bincount(clusters[known], weights=difference - difference.mean())
    n_clusters = len(np.unique(clusters[known]))
    error = math.sqrt(float((sums**2).sum()) * n_clusters / max(n_clusters - 1, 1))
    score = _rmse if data.is_regression else macro_auc
    return Gap(
        loose=score(y, loose),
        strict=score(y, strict),
        loose_error=math.sqrt(float(loose_error.mean())),
        strict_error=math.sqrt(float(strict_error.mean())),
        rise=math.sqrt(strict_error.sum() / max(loose_error.sum(), 1e-12)) - 1,
        z=float(difference.sum()) / error if error > 0 else 0.0,
        is_regression=data.is_regression,
    )


def mean_gap(gaps: Sequence[Gap]) -> Gap:
    """Return the mean of what several draws of folds and forests say of the same rows."""
    return replace(
        gaps[0],
        loose=float(np.mean([gap.loose for gap in gaps])),
        strict=float(np.mean([gap.strict for gap in gaps])),
        loose_error=float(np.mean([gap.loose_error for gap in gaps])),
        strict_error=float(np.mean([gap.strict_error for gap in gaps])),
        rise=float(np.mean([gap.rise for gap in gaps])),
        z=float(np.mean([gap.z for gap in gaps])),
    )


def whole_score(rows: TrainingRows) -> float:
    """Return the out-of-fold ROC AUC, or R2, of a forest of all columns on random rows; equal rows share a fold."""
    seed = rows.config.seed
    places = np.sort(np.random.default_rng(seed).permutation(rows.n_rows)[:MAX_ROWS])
    data = model_rows(rows, places)
    folds = deal_folds(data.twins, data.order, n_folds=N_FOLDS, seed=seed)
    prediction = out_of_fold(data, folds, seed=seed)
    if not data.is_regression:
        return macro_auc(data.y, prediction)
    return 1 - float(((data.y - prediction) ** 2).sum() / max(float(((data.y - data.y.mean()) ** 2).sum()), 1e-300))


def _rmse(y: Floats, prediction: Floats) -> float:
    return math.sqrt(float(((y - prediction) ** 2).mean()))


def macro_auc(y: Floats, prediction: Floats) -> float:
    """Return the one-vs-rest ROC AUC, averaged over the outputs that have rows on both sides; 0.5 without any.

    >>> macro_auc(np.array([[0.0], [1.0], [1.0]]), np.array([[0.1], [0.1], [0.7]]))
    0.75
    """
    import pandas as pd

    found = []
    for column in range(y.shape[1]):
        ours = y[:, column] > 0
        n_ours, n_rest = int(ours.sum()), int((~ours).sum())
        if n_ours and n_rest:
            ranks = pd.Series(prediction[:, column]).rank().to_numpy()
            found.append((ranks[ours].sum() - n_ours * (n_ours + 1) / 2) / (n_ours * n_rest))
    return float(np.mean(found)) if found else 0.5
