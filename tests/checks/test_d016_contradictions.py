from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d016_duplicates_across_splits
from autorecipe.config import Config

N = 600
X = chance(0).normal(size=(N, 3))
COARSE = chance(1).integers(0, 2, (N, 2)).astype(float)


def compared(ours, our_target, theirs, their_target):
    other = pd.DataFrame(theirs, columns=[f"c{i}" for i in range(theirs.shape[1])]).assign(y=list(their_target))
    cells = {name: ours[:, i] for i, name in enumerate(other.columns[:-1])}
    rows = make_rows(cells, target=our_target, other_frame=other, config=Config(target="y"))
    return dataclasses.replace(rows, is_against=True)


def find(*given):
    return d016_duplicates_across_splits.find(compared(*given))


def flipped(target):
    return np.where(target == "yes", "no", "yes")


def test_equal_features_with_another_class_are_counted_and_the_training_rows_named():
    y = coin_flips(N)
    cells = np.r_[X[50:90], X[100:160], chance(9).normal(size=(100, 3))]
    _, found = find(X, y, cells, np.r_[flipped(y[50:90]), y[100:160], coin_flips(100)])
    assert found.severity == "warn"
    assert "another y: 40 rows of the other table (20 %; limit 1 %;" in found.message
    assert "contradict each other in 0 %" in found.message
    assert found.rows == tuple(range(51, 61))


def test_few_contradictions_among_many_rows_are_a_note():
    ours, y = chance(8).normal(size=(3_000, 3)), coin_flips(3_000)
    new = chance(9).normal(size=(1_300, 3))
    (found,) = find(ours, y, np.r_[ours[:9], new], np.r_[flipped(y[:9]), coin_flips(1_300)])
    assert "9 rows of the other table (0.7 %" in found.message
    assert found.severity == "info"


def test_copies_and_contradictions_are_told_apart():
    y = coin_flips(N)
    copies, contradictions = find(X, y, X[:200], np.r_[y[:110], flipped(y[110:200])])
    assert "copies of training rows: 110 rows" in copies.message
    assert "another y: 90 rows" in contradictions.message


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("is_number", [False, True])
def test_a_coarse_table_contradicts_itself_as_often_and_says_nothing(seed, is_number):
    y = chance(seed).normal(size=2 * N) if is_number else coin_flips(2 * N, seed)
    said = find(COARSE, y[:N], COARSE[::-1], y[N:])
    assert [f for f in said if "another y" in f.message] == []


def test_copies_in_a_table_of_two_yes_no_columns_are_a_note():
    y = coin_flips(2 * N)
    (found,) = find(COARSE, y[:N], COARSE[::-1], y[N:])
    assert found.severity == "info"
    assert "as chance makes them" in found.message


@pytest.mark.parametrize("seed", range(5))
def test_a_random_part_of_a_table_with_copies_never_stops(seed):
    values, y = np.r_[X, X[:30]], coin_flips(N)
    order = chance(seed).permutation(N + 30)
    values, y = values[order], np.r_[y, y[:30]][order]
    assert "stop" not in {f.severity for f in find(values[40:], y[40:], values[:40], y[:40])}


def test_real_copies_are_a_warning_though_the_training_rows_have_some_too():
    y, twice = coin_flips(N), np.r_[np.arange(N), np.arange(50)]
    theirs = np.r_[X[:10], chance(9).normal(size=(190, 3))]
    (found,) = find(X[twice], y[twice], theirs, np.r_[y[:10], coin_flips(190)])
    assert found.severity == "warn"


@pytest.mark.parametrize(("difference", "severity"), [(0.01, "info"), (1.0, "warn")])
def test_equal_rows_of_nearly_equal_numbers_are_a_note(difference, severity):
    y = chance(3).normal(size=N)
    (found,) = find(X, y, X[:100], y[:100] + difference)
    assert found.severity == severity


def test_a_target_that_is_missing_contradicts_nothing():
    y = chance(3).normal(size=N)
    new = chance(9).normal(size=(50, 3))
    theirs = np.r_[np.full(100, np.nan), chance(4).normal(size=50)]
    assert find(X, y, np.r_[X[:100], new], theirs) == ()
