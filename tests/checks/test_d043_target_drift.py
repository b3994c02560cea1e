from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_builder import chance, make_rows

from autorecipe.checks import d043_target_drift
from autorecipe.checks.check import NotApplicable
from autorecipe.config import Config
from autorecipe.data.schema import Column

OWN = Config(target="y", test_path="test.csv")
N, N_OTHER = 1_500, 500


def table(ours, theirs, *, config=OWN, task=""):
    other = pd.DataFrame({"x": chance(2).normal(size=len(theirs)), "y": list(theirs)})
    cells = {"x": chance(1).normal(size=len(ours))}
    return make_rows(cells, target=ours, other_frame=other, config=config, task=task)


def prices(n, seed=0):
    return chance(seed).lognormal(3, 0.6, n)


def labels(n, shares, seed=0):
    return chance(seed).choice(list("abcdefgh")[: len(shares)], n, p=shares)


def find(rows):
    return d043_target_drift.find(rows)


def test_a_target_in_another_unit_stops_and_says_how_many_times_as_large_it_is():
    (found,) = find(table(prices(N), 1000 * prices(N_OTHER, 1)))
    assert found.severity == "stop"
    assert "about 1,000 times as large and else alike: its unit may differ" in found.message
    assert "(training rows: " in found.message
    assert [fix.flag for fix in found.fixes] == ["--allow D043"]


def test_later_rows_of_one_file_in_another_unit_are_a_warning_as_no_file_can_be_mended():
    rows = table(prices(N), prices(N_OTHER, 1) / 1000, config=Config(target="y"))
    columns = (*rows.schema.columns, Column(name="day", kind="datetime", wire="string", role="time"))
    timed = dataclasses.replace(rows, schema=dataclasses.replace(rows.schema, columns=columns))
    (found,) = find(timed)
    assert found.severity == "warn"
    assert "1,000 times as small" in found.message


@pytest.mark.parametrize("change", [lambda y: y + 20, lambda y: 1.6 * y, lambda y: 30 * y**0.5])
def test_numbers_that_differ_otherwise_are_a_warning_of_no_unit(change):
    (found,) = find(table(prices(N), change(prices(N_OTHER, 1))))
    assert found.severity == "warn"
    assert "unit" not in found.message
    assert found.measured > found.limit == 0.1


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([*d043_target_drift.UNIT_FACTORS]), st.booleans(), st.floats(0.3, 1.5), st.integers(0, 99))
def test_each_factor_is_found_both_ways(factor, is_larger, spread, seed):
    y = chance(seed).lognormal(0, spread, 4_000)
    factor = factor if is_larger else 1 / factor
    assert d043_target_drift.unit_factor(y[:3_000], factor * y[3_000:]) == pytest.approx(factor)


def test_classes_in_other_shares_are_a_warning_with_both_shares():
    (found,) = find(table(labels(N, [0.6, 0.4]), labels(N_OTHER, [0.3, 0.7], 1)))
    assert found.severity == "warn"
    assert " (training rows: 4" in found.message
    assert "limit 0.1" in found.message


def test_of_many_classes_three_are_named_and_the_rest_counted():
    (found,) = find(table(labels(N, [0.5, *[0.1] * 5]), labels(N_OTHER, [0.1, *[0.18] * 5], 1)))
    assert found.message.count("training rows:") == 3
    assert "and 3 more; distance 0.39; limit 0.1" in found.message


def test_a_rare_class_that_is_three_times_as_frequent_is_a_warning():
    (found,) = find(table(labels(8_000, [0.98, 0.02]), labels(3_000, [0.94, 0.06], 1)))
    assert found.severity == "warn"
    assert "limit 2 times" in found.message
    assert 2 < found.measured < 5


def test_a_few_of_many_classes_are_a_warning_though_each_is_rare():
    letters = list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    (found,) = find(table(chance(0).choice(letters, 5_000), ["A", "B", "C"] * 30, task="multiclass"))
    assert found.severity == "warn"
    assert "; distance 0.88; limit 0.1" in found.message


@pytest.mark.parametrize("seed", range(8))
def test_rows_of_many_rare_classes_drawn_at_random_never_alarm(seed):
    classes = [f"c{k}" for k in range(150)]
    drawn = chance(seed).choice(classes, 3_090)
    assert find(table(drawn[90:], drawn[:90], task="multiclass")) == ()


def test_rows_of_one_class_are_a_warning_however_few():
    (found,) = find(table(labels(N, [0.9, 0.1]), ["a"] * 20))
    assert found.severity == "warn"
    assert "all 20 rows are a" in found.message


@pytest.mark.parametrize("n_other", [25, 60, 200, 1_000])
@pytest.mark.parametrize("seed", range(5))
def test_rows_drawn_at_random_never_alarm(seed, n_other):
    assert find(table(prices(N, 100 + seed), prices(n_other, seed))) == ()
    shares = [0.6, 0.3, 0.05, 0.03, 0.02]
    assert find(table(labels(N, shares, 100 + seed), labels(n_other, shares, seed), task="multiclass")) == ()


def test_the_split_drawn_here_is_not_looked_at():
    with pytest.raises(NotApplicable, match="at random"):
        find(table(prices(100), prices(50), config=Config(target="y")))


@pytest.mark.parametrize("theirs", [[np.nan] * 50, [1.0, *[np.nan] * 49]])
def test_rows_without_a_target_are_not_compared(theirs):
    with pytest.raises(NotApplicable, match="fewer than 20 rows with a target"):
        find(table(prices(100), theirs))
