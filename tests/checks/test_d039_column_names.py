from __future__ import annotations

import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d039_column_names

N = 50


def named(*names):
    return make_rows({name: chance(i).normal(size=N) for i, name in enumerate(names)}, target=coin_flips(N))


def test_columns_without_a_name_are_said():
    (found,) = d039_column_names.find(named("Unnamed: 0", "age"))
    assert found.severity == "info"
    assert "1 column without a name: 'Unnamed: 0'" in found.message
    assert "limit 0" in found.message


@pytest.mark.parametrize("pair", [("Age", "age"), ("score", "score.1"), ("a b", "ab")])
def test_names_that_look_alike_are_said(pair):
    (found,) = d039_column_names.find(named(*pair, "other"))
    assert set(found.columns) == set(pair)


@pytest.mark.parametrize("names", [("a", "b"), ("column_1", "column_2"), ("V1.1", "V1.2"), ("x.box", "y.box")])
def test_plain_names_and_tables_without_any_are_left_alone(names):
    assert d039_column_names.find(named(*names)) == ()
