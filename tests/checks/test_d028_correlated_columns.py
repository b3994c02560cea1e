from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import correlation, d028_correlated_columns
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.correlation import MIN_RHO, find_groups

N = 600
X = chance().normal(size=(N, 3))
CELLS = {
    "a": X[:, 0],
    "b": -np.exp(X[:, 0] + 0.01 * X[:, 1]),
    "c": X[:, 2],
    "d": X[:, 0] ** 3 + 0.001 * X[:, 1],
}


def test_columns_that_rank_alike_are_one_group():
    (found,) = d028_correlated_columns.find(make_rows(CELLS, target=coin_flips(N)))
    assert found.severity == "info"
    assert found.columns == ("a", "b", "d")
    assert "1 group: a, b, d" in found.message
    assert str(MIN_RHO) in found.message
    assert all(fix.kind == "drop column" and not fix.is_safe for fix in found.fixes)
    assert len(found.fixes) == 2


def test_exact_copies_are_left_to_duplicate_columns():
    rows = make_rows({"a": X[:, 0], "b": 2 * X[:, 0] + 1}, target=coin_flips(N))
    assert d028_correlated_columns.find(rows) == ()


def test_one_column_has_nothing_to_agree_with():
    with pytest.raises(NotApplicable, match="fewer than two"):
        d028_correlated_columns.find(make_rows({"a": X[:, 0]}, target=coin_flips(N)))


def test_missing_cells_do_not_hide_a_group():
    holes = X[:, 0].copy()
    holes[::4] = np.nan
    (group,) = find_groups({"a": X[:, 0], "b": holes, "c": X[:, 1]}, seed=0)
    assert group.columns == ("a", "b")
    assert group.strength > MIN_RHO


def test_ranks_that_agree_by_chance_make_no_group():
    values = {f"x{i}": chance(i).normal(size=40) for i in range(300)}
    assert find_groups(values, seed=0) == ()


def test_very_many_columns_are_grouped_without_all_pairs(monkeypatch):
    monkeypatch.setattr(correlation, "_all_pairs", None)
    random = chance(5)
    values = {f"x{i}": random.normal(size=400) for i in range(1_200)}
    for i in range(0, 100, 2):
        values[f"x{i + 1}"] = (-1) ** i * values[f"x{i}"] + 0.05 * random.normal(size=400)
    found = find_groups(values, seed=0)
    assert len(found) >= 48
    assert all(group.strength > MIN_RHO and len(group.columns) == 2 for group in found)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.floats(0.5, 20))
def test_a_group_does_not_depend_on_how_columns_are_scaled(seed, factor):
    random = chance(seed)
    a = random.normal(size=100)
    cells = {"a": a, "b": a + 0.02 * random.normal(size=100), "c": random.normal(size=100)}
    scaled = {c: np.sinh(factor * x / 10) for c, x in cells.items()}
    assert [g.columns for g in find_groups(cells, seed=0)] == [g.columns for g in find_groups(scaled, seed=0)]
