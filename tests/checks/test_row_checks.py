from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import (
    d015_duplicate_rows,
    d016_duplicates_across_splits,
    d020_conflicting_labels,
    d037_validation_noise,
    d038_rows_vs_columns,
)
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.conflicts import find_conflicts
from autorecipe.config import Config

N = 500
Y = coin_flips(N)
X = chance().normal(size=(N, 3))


def table(values, target, **more):
    return make_rows({"a": values[:, 0], "b": values[:, 1], "c": values[:, 2]}, target=target, **more)


def test_copies_of_rows_are_counted_and_named():
    twice = np.r_[np.arange(N), np.arange(50)]
    (found,) = d015_duplicate_rows.find(table(X[twice], Y[twice], row_numbers=np.arange(N + 50) + 1))
    assert found.severity == "warn"
    assert "exact copies of an earlier row: 50 rows (9" in found.message
    assert "limit 5 %" in found.message
    assert found.rows == tuple(range(501, 511))


def test_copies_in_a_column_that_tells_all_rows_apart_are_left_out_unasked():
    twice = np.r_[np.arange(N), np.arange(50)]
    (found,) = d015_duplicate_rows.find(table(X[twice], Y[twice], row_numbers=np.arange(N + 50) + 1))
    assert [(fix.kind, fix.is_safe, fix.equal, fix.n_rows) for fix in found.fixes] == [("drop rows", True, "cells", 50)]


def test_copies_that_may_be_two_people_alike_are_left_out_when_asked():
    coarse, twice = X.round(1), np.r_[np.arange(N), np.arange(50)]
    (found,) = d015_duplicate_rows.find(table(coarse[twice], Y[twice], row_numbers=np.arange(N + 50) + 1))
    assert [(fix.kind, fix.is_safe, fix.equal) for fix in found.fixes] == [("drop rows", False, "features")]
    assert "kept, always on one side of the split" in found.remedy
    assert "--fix --also D015" in found.remedy
    assert (found.severity, found.limit) == ("info", 0.0)


def test_copies_are_left_out_however_many_they_are_and_a_few_are_listed():
    n = 60_000
    values, target = chance().normal(size=(n, 3)), coin_flips(n)
    twice = np.r_[np.arange(n), np.arange(15_000)]
    (found,) = d015_duplicate_rows.find(table(values[twice], target[twice]))
    (fix,) = found.fixes
    assert (fix.equal, fix.n_rows, len(fix.rows), fix.is_unlearned) == ("cells", 15_000, 10, True)
    assert "left out of training" in found.remedy


def test_a_few_copies_are_a_note():
    twice = np.r_[np.arange(N), 0]
    (found,) = d015_duplicate_rows.find(table(X[twice], Y[twice]))
    assert found.severity == "info"


def test_equal_answers_of_different_people_are_a_note_though_the_answers_go_together():
    ability = chance().normal(size=N)
    answers = {f"item {i}": (ability + chance(i).normal(0, 0.5, N) > 0).astype(float) for i in range(12)}
    (found,) = d015_duplicate_rows.find(make_rows(answers, target=Y))
    assert found.severity == "info"
    assert "as chance makes them" in found.message


def test_rows_recorded_twice_in_a_table_of_few_values_are_not_called_natural():
    answers = chance().integers(0, 4, (N, 12)).astype(float)
    twice = np.r_[np.arange(N), np.arange(50)]
    cells = {f"item {i}": answers[twice, i] for i in range(12)}
    (found,) = d015_duplicate_rows.find(make_rows(cells, target=Y[twice]))
    assert "as chance makes them" not in found.message


def test_copies_that_chance_makes_are_a_note():
    answers = chance().integers(0, 2, (N, 3)).astype(float)
    (found,) = d015_duplicate_rows.find(table(answers, Y))
    assert found.severity == "info"
    assert "as chance makes them" in found.message


def test_different_rows_are_no_copies():
    assert d015_duplicate_rows.find(table(X, Y)) == ()


def other(values, target):
    return pd.DataFrame({"a": values[:, 0], "b": values[:, 1], "c": values[:, 2], "y": target})


def test_a_test_file_full_of_training_rows_stops():
    config = Config(target="y", test_path="test.csv")
    rows = table(X, Y, other_frame=other(X[:100], Y[:100]), config=config)
    (found,) = d016_duplicates_across_splits.find(rows)
    assert found.severity == "stop"
    assert "--allow D016" in found.remedy
    assert "100 test rows (100 %; limit 5 %)" in found.message


def test_copies_in_a_split_of_our_own_only_warn():
    rows = table(X, Y, other_frame=other(X[:100], Y[:100]))
    assert [f.severity for f in d016_duplicates_across_splits.find(rows)] == ["warn"]


def test_other_rows_that_are_new_are_fine():
    new = chance(5).normal(size=(100, 3))
    rows = table(X, Y, other_frame=other(new, coin_flips(100)))
    assert d016_duplicates_across_splits.find(rows) == ()


def test_without_other_rows_there_is_nothing_to_compare():
    with pytest.raises(NotApplicable, match="no validation or test rows"):
        d016_duplicates_across_splits.find(table(X, Y))


def test_conflicting_rows_are_named_with_the_floor_they_set():
    values, labels = np.r_[X, X[:20]], np.r_[Y, np.where(Y[:20] == "yes", "no", "yes")]
    rows = table(values, labels, row_numbers=np.arange(520) + 1)
    (found,) = d020_conflicting_labels.find(rows)
    assert found.severity == "warn"
    assert "40 rows (7.7 %)" in found.message
    assert f"log loss below {40 * math.log(2) / 520:.3g}" in found.message
    assert "7.7 % of what guessing by the classes' shares loses (limit 5 % of it)" in found.message
    assert "accuracy above 96.2 %" in found.message
    assert len(found.rows) == 10


def test_conflicts_of_a_coarse_table_are_a_note():
    rows = make_rows({"a": chance().integers(0, 5, N)}, target=Y)
    assert [f.severity for f in d020_conflicting_labels.find(rows)] == ["info"]


def test_conflicts_of_people_alike_are_a_note_however_much_they_hide():
    answers = {f"item {i}": chance(i).integers(0, 2, N) for i in range(7)}
    (found,) = d020_conflicting_labels.find(make_rows(answers, target=Y))
    assert found.measured > found.limit
    assert found.severity == "info"
    assert "as columns of few values have them" in found.message


def test_what_conflicts_hide_is_a_share_of_what_ignorance_loses():
    few = np.where(np.arange(N) < 10, "yes", "no")
    values, labels = np.r_[X, X[:5]], np.r_[few, np.repeat("no", 5)]
    (found,) = d020_conflicting_labels.find(table(values, labels))
    share = 10 / (N + 5)
    entropy = -share * math.log(share) - (1 - share) * math.log(1 - share)
    assert found.measured == pytest.approx(10 * math.log(2) / (N + 5) / entropy)
    assert found.severity == "warn"


def test_conflicts_of_a_number_count_by_the_variance_they_hide():
    y = chance(3).normal(size=N)
    values, target = np.r_[X, X[:100]], np.r_[y, y[:100] + 0.01]
    assert [f.severity for f in d020_conflicting_labels.find(table(values, target))] == ["info"]
    far = np.r_[y, y[:100] + 3.0]
    (found,) = d020_conflicting_labels.find(table(values, far))
    assert found.severity == "warn"
    assert "of its variance" in found.message


def test_equal_rows_with_equal_labels_do_not_conflict():
    assert d020_conflicting_labels.find(table(np.r_[X, X], np.r_[Y, Y])) == ()


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=40),
)
def test_the_floor_is_the_loss_of_the_best_table_of_rates(rows):
    keys, target = np.array(rows, dtype=np.uint64)[:, 0], np.array(rows)[:, 1]
    rate = [np.mean(target[keys == key] == label) for key, label in zip(keys, target, strict=True)]
    best = sum(np.bincount(target[keys == key]).max() for key in np.unique(keys)) / len(rows)
    found = find_conflicts(keys, target, is_regression=False)
    assert found.floor == pytest.approx(-np.mean(np.log(rate)))
    assert found.best_accuracy == pytest.approx(best)


def test_few_deciding_rows_are_said_to_be_noisy():
    (found,) = d037_validation_noise.find(table(X, Y, n_scored=100))
    assert found.severity == "info"
    assert "100 rows decide: gains below 10 % in accuracy" in found.message
    assert "limit 2 %" in found.message


def test_many_deciding_rows_are_enough():
    assert d037_validation_noise.find(table(X, Y, n_scored=5000)) == ()
    assert d037_validation_noise.find(table(X, X[:, 0], n_scored=900)) == ()


def test_few_rows_are_a_warning():
    (found,) = d038_rows_vs_columns.find(table(X[:100], Y[:100]))
    assert found.severity == "warn"
    assert "100 training rows for 3 features (limit 200 rows)" in found.message


def test_enough_rows_are_fine():
    assert d038_rows_vs_columns.find(table(X, Y)) == ()
