from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d022_outliers, d023_pile_up, d024_skew, d025_scale_disparity
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.spread import choose_scaling, robust_z, skewness

N = 2000
Y = coin_flips(N)


def rows_of(**cells):
    return make_rows(cells, target=Y)


def test_a_slip_of_the_comma_is_a_warning_with_its_row():
    height = chance().normal(1.7, 0.1, N)
    height[7] = 172.0
    (found,) = d022_outliers.find(rows_of(height=height))
    assert (found.severity, found.columns, found.rows) == ("warn", ("height",), (8,))
    assert "height (172)" in found.message
    assert "20 robust standard deviations" in found.message


@pytest.mark.parametrize("value", [7.0, 8.0])
def test_a_row_barely_over_is_not_worth_a_note(value):
    x = chance().uniform(-1.349, 1.349, N)  # a robust standard deviation of one
    x[0] = value
    assert d022_outliers.find(rows_of(x=x)) == ()


def test_values_far_out_are_a_note():
    x = chance().normal(size=N)
    x[:4] = [12, -10, 11, 13]
    (found,) = d022_outliers.find(rows_of(x=x))
    assert (found.severity, found.action) == ("info", "clip")
    assert "x (4 rows, up to 1" in found.message
    assert set(found.rows) == {1, 2, 3, 4}


@pytest.mark.parametrize("factor", [1000, 0.001], ids=["grams", "tonnes"])
@pytest.mark.parametrize("shape", ["skewed", "even"])
def test_a_few_rows_in_another_unit_are_a_warning_with_their_rows(shape, factor):
    weight = chance().lognormal(3, 0.5, N) if shape == "skewed" else chance().uniform(150, 200, N)
    weight[[3, 500, 801, 1200, 1999]] *= factor
    (found,) = d022_outliers.find(rows_of(weight=weight))
    assert (found.severity, found.rows) == ("warn", (4, 501, 802, 1201, 2000))
    assert f"weight (5 rows, about {'1,000 times' if factor == 1000 else '1/1,000 of'} the rest)" in found.message
    assert [fix.kind for fix in found.fixes] == ["mask values"]


@pytest.mark.parametrize(
    "numbers",
    [
        chance().normal(size=N),
        chance().uniform(size=N),
        chance().lognormal(0, 1, N),
        chance().exponential(size=N),
        chance().poisson(3, N).astype(float),
    ],
    ids=["normal", "uniform", "lognormal", "exponential", "counts"],
)
def test_clean_numbers_have_no_outliers(numbers):
    assert d022_outliers.find(rows_of(x=numbers)) == ()


def test_a_pile_of_zeros_is_a_note():
    income = np.where(chance().random(N) < 0.4, 0.0, chance(1).lognormal(8, 1, N))
    (found,) = d023_pile_up.find(rows_of(income=income))
    assert "income (0 in 4" in found.message
    assert "limit 20 %" in found.message


def test_spread_numbers_do_not_pile_up():
    assert d023_pile_up.find(rows_of(x=chance().normal(size=N))) == ()


def test_a_long_tail_is_a_note():
    (found,) = d024_skew.find(rows_of(fare=chance().lognormal(0, 1.2, N)))
    assert found.columns == ("fare",)
    assert found.measured > found.limit == 3.0


def test_a_symmetric_column_is_not_skewed():
    assert d024_skew.find(rows_of(x=chance().normal(size=N))) == ()


def test_skew_is_not_judged_on_few_rows():
    with pytest.raises(NotApplicable, match="unstable below 500"):
        d024_skew.find(make_rows({"x": chance().lognormal(size=100)}, target=coin_flips(100)))


def test_scales_that_differ_are_a_note_with_the_scaling():
    cells = {"salary": chance().normal(5e4, 1e4, N), "rate": chance(1).normal(size=N)}
    cells["fare"] = chance(2).lognormal(0, 1.5, N)
    (found,) = d025_scale_disparity.find(rows_of(**cells))
    assert found.columns == ("salary", "rate")
    assert "limit 100" in found.message
    assert "quantiles suit fare" in found.remedy


def test_equal_scales_are_fine():
    assert d025_scale_disparity.find(rows_of(a=chance().normal(size=N), b=chance(1).normal(size=N))) == ()


def test_one_number_has_no_scale_to_compare_with():
    with pytest.raises(NotApplicable, match="fewer than two numeric columns"):
        d025_scale_disparity.find(rows_of(a=chance().normal(size=N)))


def test_long_tails_suit_quantiles():
    assert choose_scaling(chance().lognormal(0, 1.5, N)) == "quantile"
    assert choose_scaling(chance().normal(size=N)) == "robust"


numbers = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=3, max_size=60).map(np.array)


@settings(max_examples=50, deadline=None)
@given(values=numbers, shift=st.integers(-1000, 1000), scale=st.integers(1, 1000))
def test_skew_does_not_depend_on_unit_or_offset(values, shift, scale):
    if np.ptp(values) > 1:
        assert skewness(values * scale + shift) == pytest.approx(skewness(values), rel=1e-4, abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(values=numbers)
def test_distance_is_never_negative_and_missing_cells_have_none(values):
    z = robust_z(np.append(values, np.nan))
    assert (z >= 0).all()
    assert z[-1] == 0
