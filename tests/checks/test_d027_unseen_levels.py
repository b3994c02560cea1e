from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d027_unseen_levels
from autorecipe.checks.check import NotApplicable
from autorecipe.config import Config

N = 1_000


def table(cells, others, *, config=None, other_target=None):
    other = pd.DataFrame({"a": others})
    other["y"] = coin_flips(len(others), seed=3) if other_target is None else other_target
    return make_rows({"a": cells}, target=coin_flips(len(cells)), other_frame=other, config=config)


def test_levels_that_are_spelled_in_another_way_are_a_warning():
    cells = chance().choice(["north", "south"], N)
    others = np.where(np.arange(200) < 10, "North", chance(1).choice(["north", "south"], 200))
    (found,) = d027_unseen_levels.find(table(cells, others))
    assert found.severity == "warn"
    assert "a (5 %)" in found.message
    assert "limit 1 %" in found.message
    assert found.fixes[0].flag == "--drop a"


@pytest.mark.parametrize("n_levels", [20, 300, 2_000, 100_000])
def test_a_random_split_of_many_levels_is_no_warning(n_levels):
    random = chance(n_levels)
    cells = random.zipf(1.3, N + 300) % n_levels
    cells = np.array([f"level {c}" for c in cells])
    found = d027_unseen_levels.find(table(cells[:N], cells[N:]))
    assert [f for f in found if f.severity != "info"] == []


def test_new_levels_to_be_expected_are_a_note():
    cells = np.array([f"name {i}" for i in chance().integers(0, 2_000, N + 300)])
    (found,) = d027_unseen_levels.find(table(cells[:N], cells[N:]))
    assert found.severity == "info"
    assert "as expected of so many levels" in found.message


def test_a_class_that_was_never_seen_stops_where_the_test_rows_are_your_own():
    cells = chance().choice(["north", "south"], N)
    target = np.where(np.arange(100) < 3, "perhaps", coin_flips(100))
    own = Config(target="y", test_path="test.csv")
    (found,) = d027_unseen_levels.find(table(cells, cells[:100], config=own, other_target=target))
    assert found.severity == "stop"
    assert "3 rows" in found.message
    assert "perhaps" in found.message
    assert found.fixes[0].flag == "--allow D027"


def test_there_is_nothing_to_compare_without_other_rows():
    with pytest.raises(NotApplicable, match="no validation or test rows"):
        d027_unseen_levels.find(make_rows({"a": ["x", "y"] * 50}, target=coin_flips(100)))
