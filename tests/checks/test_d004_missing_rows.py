from __future__ import annotations

import numpy as np
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d004_missing_rows
from autorecipe.checks.check import NotApplicable

N = 200
Y = coin_flips(N)


def table(empty=()):
    values = chance().normal(size=(N, 4))
    values[list(empty)] = np.nan
    return make_rows({c: values[:, i] for i, c in enumerate("abcd")}, target=Y)


def test_empty_rows_are_named_and_may_be_left_out():
    (found,) = d004_missing_rows.find(table(empty=(3, 70)))
    assert found.severity == "warn"
    assert "2 rows (1 %)" in found.message
    assert "95 %" in found.message
    assert found.rows == (4, 71)
    (fix,) = found.fixes
    assert (fix.kind, fix.rows, fix.is_safe) == ("drop rows", (4, 71), False)


def test_rows_with_one_value_left_are_not_empty():
    values = chance().normal(size=(N, 4))
    values[5, 1:] = np.nan
    assert d004_missing_rows.find(make_rows({c: values[:, i] for i, c in enumerate("abcd")}, target=Y)) == ()


def test_a_sparse_table_gets_a_note():
    (found,) = d004_missing_rows.find(table(empty=range(100)))
    assert found.severity == "info"
    assert found.fixes == ()


def test_two_columns_are_too_few_to_call_a_row_empty():
    with pytest.raises(NotApplicable, match="fewer than 3"):
        d004_missing_rows.find(make_rows({"a": chance().normal(size=N)}, target=Y))
