"""How well the best of many columns would predict the target by chance alone."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from autorecipe.checks.single_feature import Score, score_classes, score_number

if TYPE_CHECKING:
    from autorecipe.checks.rows import TrainingRows

CHANCE = 0.001  # of the best of all columns: one alarm in a thousand tables of noise
MAX_COLUMNS = 20  # that are shuffled
MAX_CELLS = 200_000  # that are scored in all; measured: 0.1 to 0.5 s
MIN_PERMUTATIONS, MAX_PERMUTATIONS = 1, 5


def null_band(rows: TrainingRows) -> float:
    """Return the score (ROC AUC or R2) that the best of the columns stays below in 99.9 % of tables of noise.

    Some columns are scored on permuted targets; the 99.9th percentile of the best of all is that of a normal
    distribution with the mean and spread of these scores, and never below the largest of them.

    Returns
    -------
    float
        0.5 (of R2: 0) where no column can be scored.
    """
    random = np.random.default_rng(rows.config.seed)
    columns = [str(c) for c in random.permutation(sorted(rows.scores))[:MAX_COLUMNS]]
    n = len(rows.scored_rows)
    n_permutations = int(np.clip(MAX_CELLS // max(n * len(columns), 1), MIN_PERMUTATIONS, MAX_PERMUTATIONS))
    if n * len(columns) > MAX_CELLS:
        columns = columns[: max(MAX_CELLS // n, 1)]
    found = [_permuted(rows, column, random) for column in columns for _ in range(n_permutations)]
    values = np.array([score.value for score in found if score is not None])
    if not len(values):
        return 0.0 if rows.is_regression else 0.5
    z = NormalDist().inv_cdf(1 - CHANCE / len(rows.scores))
    return float(max(values.max(), values.mean() + z * values.std()))


def _permuted(rows: TrainingRows, column: str, random: np.random.Generator) -> Score | None:
    order = random.permutation(len(rows.scored_rows))
    target, folds = rows.target[rows.scored_rows][order], rows.folds[order]  # together: the folds stay balanced
    if rows.is_regression:
        return score_number(rows.feature(column), target.astype(np.float64), folds)
    return score_classes(rows.feature(column), target.astype(np.int64), folds)
