from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from table_builder import chance

from autorecipe.checks.alike import chance_pairs, is_natural, n_pairs

N = 600


def n_equal(columns):
    return n_pairs(np.unique(np.stack(columns), axis=1, return_inverse=True)[1].ravel().astype(np.uint64))


@settings(max_examples=20, deadline=None)
@given(n_levels=st.lists(st.integers(3, 5), min_size=6, max_size=7), seed=st.integers(0, 10_000))
def test_of_independent_columns_the_near_misses_foretell_the_equal_pairs(n_levels, seed):
    columns = [chance(seed + i).integers(0, n, 3000) for i, n in enumerate(n_levels)]
    found = n_equal(columns)
    assert chance_pairs(columns) <= found + 5 * found**0.5
    assert chance_pairs(columns) >= found / 3 - 5 * found**0.5


@settings(max_examples=20, deadline=None)
@given(n_columns=st.integers(2, 12), noise=st.floats(0.2, 2.0), seed=st.integers(0, 10_000))
def test_answers_that_go_together_are_alike_by_nature(n_columns, noise, seed):
    trait = chance(seed).normal(size=N)
    columns = [(trait + chance(seed + 1 + i).normal(0, noise, N) > 0).astype(np.int64) for i in range(n_columns)]
    assert not n_equal(columns) or is_natural(columns)


@settings(max_examples=20, deadline=None)
@given(n_copies=st.integers(1, N), seed=st.integers(0, 10_000))
def test_copies_in_a_column_of_measurements_are_not_natural(n_copies, seed):
    rows = np.r_[np.arange(N), chance(seed).integers(0, N, n_copies)]
    assert not is_natural([chance(seed).permutation(N)[rows], chance(seed + 1).integers(0, 3, N)[rows]])


def test_rows_that_are_all_different_are_not_natural_copies():
    assert not is_natural([np.arange(N)])


def test_a_table_of_constants_is_equal_by_nature():
    assert is_natural([np.zeros(5, dtype=np.int64)])


def test_a_missing_cell_is_a_value_as_any_other():
    columns = [np.array([-1, -1, 0, 1]), np.array([0, 0, 1, 2])]
    assert n_equal(columns) == 1
    assert chance_pairs(columns) == 0
