from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d034_own_row_mean, d041_sum_of_columns
from autorecipe.checks.check import NotApplicable

N = 600


def fares(n=N, seed=0):
    random = chance(seed)
    fare, tip, tolls = random.lognormal(2.3, 0.5, n), random.exponential(2, n), random.choice([0, 0, 6.5], n)
    return fare, {"tip": tip, "tolls": tolls, "total": fare + tip + tolls + 0.5, "km": fare / 3 + random.normal(size=n)}


def test_a_total_that_holds_the_target_stops_and_names_itself():
    fare, cells = fares()
    (stop,) = d041_sum_of_columns.find(make_rows(cells, target=fare))
    assert (stop.severity, stop.action, stop.columns) == ("stop", "ask", ("total",))
    assert stop.measured >= stop.limit == 0.98
    assert "y is nearly total - tolls - tip: R2 1.000" in stop.message
    assert "without total" in stop.message
    assert "--drop total" in stop.remedy
    assert "--allow D041:total" in stop.remedy
    assert [fix.flag for fix in stop.fixes] == ["--drop total", "--allow D041:total"]


def test_a_target_that_is_a_total_names_all_its_parts():
    random = chance()
    parts = {name: random.exponential(size, N) for name, size in (("theft", 5), ("assault", 4), ("fraud", 3))}
    rows = make_rows({**parts, "other": random.normal(size=N)}, target=sum(parts.values()))
    (stop,) = d041_sum_of_columns.find(rows)
    assert set(stop.columns) == set(parts)


def test_an_integer_rating_that_is_a_sum_is_found_among_classes():
    random = chance()
    a, b = random.integers(0, 4, N), random.integers(0, 4, N)
    rows = make_rows({"a": a, "b": b}, target=(a + b).astype(str), task="multiclass")
    assert d041_sum_of_columns.find(rows)[0].columns in {("a", "b"), ("b", "a")}


def test_a_formula_with_factors_of_its_own_is_no_sum():
    random = chance()
    x = {f"x{i}": random.normal(size=N) for i in range(4)}
    y = 3.2 * x["x0"] + 0.4 * x["x1"] - 2.1 * x["x2"]
    assert d041_sum_of_columns.find(make_rows(x, target=y)) == ()


def test_columns_that_only_go_with_the_target_are_no_sum():
    random = chance()
    y = random.normal(size=N)
    x = {f"x{i}": y + random.normal(size=N) for i in range(6)}
    assert d041_sum_of_columns.find(make_rows(x, target=y)) == ()


def test_a_column_that_tells_the_target_alone_is_left_to_the_check_of_single_columns():
    y = chance().lognormal(size=N)
    noise = {f"noise{i}": chance(i + 1).normal(size=N) * 1e-3 for i in range(2)}
    rows = make_rows({"copy": y - noise["noise0"] - noise["noise1"], **noise}, target=y)
    assert d041_sum_of_columns.find(rows) == ()


def test_missing_cells_do_not_hide_a_sum():
    fare, cells = fares()
    cells["tip"] = np.where(chance(2).random(N) < 0.03, np.nan, cells["tip"])
    assert d041_sum_of_columns.find(make_rows(cells, target=fare))[0].columns == ("total",)


def test_a_target_of_names_is_no_sum():
    with pytest.raises(NotApplicable, match="the target is no number"):
        d041_sum_of_columns.find(make_rows({"a": np.arange(N), "b": np.arange(N)}, target=coin_flips(N)))


def encoded(y, towns, learned):
    """Return the mean target of each row's town over the rows `learned`."""
    means = pd.Series(y[learned]).groupby(towns[learned]).mean()
    return means.reindex(towns).fillna(y.mean()).to_numpy()


def towns_and_prices(seed=0, n=2000):
    random = chance(seed)
    towns = random.integers(0, 300, n)
    return towns, random.normal(size=300)[towns] + 2 * random.normal(size=n)


def test_means_that_the_rows_went_into_are_warned_of():
    towns, y = towns_and_prices()
    column = encoded(y, towns, np.ones(len(y), dtype=bool))
    (warning,) = d034_own_row_mean.find(make_rows({"town_price": column}, target=y))
    assert (warning.severity, warning.columns) == ("warn", ("town_price",))
    assert warning.measured < 0.01 < warning.limit == 0.5
    assert "means of y" in warning.message
    assert "limit 0.5" in warning.message
    assert [fix.flag for fix in warning.fixes] == ["--drop town_price"]


def test_means_over_the_whole_file_are_found_in_a_part_of_it():
    towns, y = towns_and_prices()
    column = encoded(y, towns, np.ones(len(y), dtype=bool))
    part = chance(9).random(len(y)) < 0.8
    (warning,) = d034_own_row_mean.find(make_rows({"town_price": column[part]}, target=y[part]))
    assert warning.measured < 0.4


def test_shares_of_a_class_are_found():
    towns, y = towns_and_prices()
    is_high = (y > 0).astype(float)
    column = encoded(is_high, towns, np.ones(len(y), dtype=bool))
    rows = make_rows({"town_share": column}, target=np.where(is_high > 0, "yes", "no"))
    assert [f.columns for f in d034_own_row_mean.find(rows)] == [("town_share",)]


@pytest.mark.parametrize("seed", range(10))
def test_means_of_other_rows_are_no_leak(seed):
    towns, y = towns_and_prices(seed, n=4000)
    learned = np.arange(len(y)) < 2000
    column = encoded(y, towns, learned)
    assert d034_own_row_mean.find(make_rows({"town_price": column[~learned]}, target=y[~learned])) == ()


def test_few_groups_say_nothing():
    y = chance().normal(size=N)
    halves = np.arange(N) % 10
    column = encoded(y, halves, np.ones(N, dtype=bool))
    assert d034_own_row_mean.find(make_rows({"mean": column}, target=y)) == ()
