from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks.cheap_model import MAX_COLUMNS, compare, deal_folds, macro_auc, model_rows, whole_score
from autorecipe.checks.group_keys import explained
from autorecipe.checks.null_band import null_band

N = 400


@given(st.lists(st.integers(0, 12), min_size=5, max_size=80), st.integers(2, 5))
def test_a_group_lies_in_one_fold(groups, n_folds):
    codes = np.unique(groups, return_inverse=True)[1]
    folds = deal_folds(codes, np.arange(len(codes), dtype=float), n_folds=n_folds, seed=0)
    assert all(len(set(folds[codes == group])) == 1 for group in set(codes))
    assert folds.min() >= 0
    assert folds.max() < n_folds


def test_folds_have_equal_sizes_where_groups_do():
    folds = deal_folds(np.repeat(np.arange(30), 4), np.zeros(120), n_folds=3, seed=0)
    assert list(np.bincount(folds)) == [40, 40, 40]


def test_folds_have_like_targets():
    order = chance().normal(size=300)
    folds = deal_folds(np.arange(300), order, n_folds=3, seed=0)
    assert max(abs(order[folds == fold].mean() - order.mean()) for fold in range(3)) < 0.05


def test_the_best_columns_are_taken_and_missing_cells_rank_lowest():
    y = chance().normal(size=N)
    cells = {f"noise{i}": chance(i + 1).normal(size=N) for i in range(MAX_COLUMNS + 5)}
    best = np.where(np.arange(N) < 10, np.nan, y)
    data = model_rows(make_rows({**cells, "best": best}, target=y), np.arange(N))
    assert data.columns[0] == "best"
    assert data.x.shape == (N, MAX_COLUMNS)
    assert data.x[:10, 0].max() < data.x[10:, 0].min()


def test_equal_predictions_have_no_gap():
    rows = make_rows({"x": chance().normal(size=N)}, target=coin_flips(N))
    data = model_rows(rows, np.arange(N))
    guess = np.full_like(data.y, 0.5)
    gap = compare(data, guess, guess, clusters=np.arange(N))
    assert (gap.rise, gap.z, gap.loose, gap.strict) == (0.0, 0.0, 0.5, 0.5)


def test_rows_that_are_not_predicted_are_not_compared():
    data = model_rows(make_rows({"x": chance().normal(size=N)}, target=chance(1).normal(size=N)), np.arange(N))
    loose = np.zeros_like(data.y)
    strict = np.where(np.arange(N)[:, None] < 100, np.nan, 0.0)
    assert compare(data, loose, strict, clusters=np.arange(N)).rise == 0.0


@pytest.mark.parametrize("target", [coin_flips(N), chance(33).normal(size=N)], ids=["classes", "number"])
def test_noise_scores_like_chance_and_below_the_band_of_its_best(target):
    rows = make_rows({f"x{i}": chance(i).normal(size=N) for i in range(5)}, target=target)
    centre = 0.0 if rows.is_regression else 0.5
    assert whole_score(rows) < centre + 0.1
    assert max(score.value for score in rows.scores.values()) < null_band(rows) < centre + 0.3


def test_the_band_is_wider_where_rows_are_few():
    def band(n):
        return null_band(make_rows({f"x{i}": chance(i).normal(size=n) for i in range(5)}, target=coin_flips(n)))

    assert band(60) > band(4000)


def test_without_a_column_the_band_is_chance():
    assert null_band(make_rows({"x": np.arange(20.0)}, target=np.arange(20.0))) == 0.0


def test_a_forest_finds_what_two_columns_say_together():
    a, b = chance(1).integers(0, 2, N), chance(2).integers(0, 2, N)
    rows = make_rows({"a": a, "b": b}, target=np.where(a == b, "yes", "no"))
    assert whole_score(rows) > 0.95


def test_auc_without_both_sides_is_a_half():
    assert macro_auc(np.zeros((5, 1)), np.arange(5.0)[:, None]) == 0.5


@pytest.mark.parametrize("n_groups", [2, 20, 200])
def test_groups_that_say_nothing_explain_nothing(n_groups):
    codes = chance(n_groups).integers(0, n_groups, 4000)
    assert abs(explained(codes, chance(1).normal(size=(4000, 1)))) < 0.02
