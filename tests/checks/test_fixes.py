from __future__ import annotations

import numpy as np
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import (
    d001_constant,
    d002_quasi_constant,
    d003_missing_cells,
    d005_disguised_missing,
    d006_infinite,
    d007_mixed_types,
    d015_duplicate_rows,
    d022_outliers,
    d026_high_cardinality,
    d029_duplicate_columns,
    d032_target_type,
    mending,
)
from autorecipe.config import Config
from autorecipe.data.cells import NULL_TOKENS
from autorecipe.data.schema import Column

N = 500
Y = coin_flips(N)
X = chance().normal(size=N)
HOLES = np.where(np.arange(N) < 480, np.nan, X)


def raw_numbers(cells):
    column = Column(name="a", kind="numeric", wire="string", number_rule="plain", null_tokens=NULL_TOKENS)
    return make_rows({"a": cells}, target=Y, columns=(column,))


@pytest.mark.parametrize(
    ("check", "cells"),
    [
        (d001_constant, {"a": ["x"] * N, "b": X}),
        (d002_quasi_constant, {"a": np.where(np.arange(N) < 2, "x", "y"), "b": X}),
        (d003_missing_cells, {"a": HOLES, "b": X}),
        (d029_duplicate_columns, {"b": X, "a": 3 * X - 1}),
    ],
)
def test_columns_that_say_nothing_are_left_out_unasked(check, cells):
    (fix,) = check.find(make_rows(cells, target=Y))[0].fixes
    assert (fix.kind, fix.columns, fix.is_safe, fix.flag) == ("drop column", ("a",), True, "--drop a")


def test_columns_of_many_levels_are_asked_about():
    rows = make_rows({"a": [f"l{i}" for i in range(N)]}, target=Y)
    (fix,) = d026_high_cardinality.find(rows)[0].fixes
    assert (fix.kind, fix.is_safe, fix.flag) == ("drop column", False, "--drop a")


def test_texts_that_stand_for_missing_are_masked_and_quoted():
    (found,) = d005_disguised_missing.find(raw_numbers(["?"] * 9 + ["-"] + [str(i) for i in range(N - 10)]))
    (fix,) = found.fixes
    assert (fix.kind, fix.columns, fix.values, fix.is_safe) == ("mask values", ("a",), ("?", "-"), True)
    assert found.quoted == ("'?'",)
    assert all(text in found.message for text in found.quoted)


def test_numbers_that_may_stand_for_missing_are_asked_about_as_the_file_writes_them():
    (found,) = d005_disguised_missing.find(raw_numbers(["-999.0"] * 20 + [str(i) for i in range(N - 20)]))
    (fix,) = found.fixes
    assert (fix.kind, fix.values, fix.is_safe) == ("mask values", ("-999.0",), False)
    assert all(text in found.message for text in found.quoted)


def test_infinite_numbers_and_lonely_ones_are_asked_about():
    (fix,) = d006_infinite.find(make_rows({"a": np.where(np.arange(N) < 2, np.inf, X)}, target=Y))[0].fixes
    assert (fix.kind, fix.values, fix.is_safe) == ("mask values", ("inf",), False)
    (found,) = d022_outliers.find(make_rows({"a": np.where(np.arange(N) < 1, 5e6, X)}, target=Y))
    assert found.fixes[0].values == ("5000000",)
    assert all(text in found.message for text in found.quoted)


def test_cells_that_do_not_parse_may_be_emptied_read_or_kept_as_text():
    (found,) = d007_mixed_types.find(raw_numbers(["12 - 20"] * 5 + [str(i) for i in range(N - 5)]))
    assert [fix.kind for fix in found.fixes] == ["mask values", "parse column", "set type"]
    assert found.fixes[0].values == ("12 - 20",)
    assert found.fixes[2].flag == "--type a=categorical"
    assert not any(fix.is_safe for fix in found.fixes)


def test_copies_of_rows_are_left_out_unasked_unless_chance_makes_them():
    twice = np.r_[np.arange(N), np.arange(50)]
    (found,) = d015_duplicate_rows.find(make_rows({"a": X[twice], "b": X[::-1][twice]}, target=Y[twice]))
    (fix,) = found.fixes
    assert (fix.kind, fix.equal, fix.n_rows, fix.is_safe) == ("drop rows", "cells", 50, True)
    assert fix.rows == tuple(range(501, 511))
    answers = chance().integers(0, 2, (N, 3)).astype(float)
    (found,) = d015_duplicate_rows.find(make_rows({c: answers[:, i] for i, c in enumerate("abc")}, target=Y))
    assert not found.fixes[0].is_safe


def test_copies_that_differ_in_an_id_or_a_column_that_is_left_out_are_not_left_out_unasked():
    twice = np.r_[np.arange(N), np.arange(50)]
    customer = np.r_[np.arange(N), np.arange(20), 9_000 + np.arange(30)]  # 20 rows are equal in it as well
    for role in ("id", "dropped", "group"):
        column = Column(name="customer", kind="id", wire="float32", role=role)
        cells = {"a": X[twice], "b": X[::-1][twice], "customer": customer}
        (found,) = d015_duplicate_rows.find(make_rows(cells, target=Y[twice], columns=(column,)))
        safe, asked = found.fixes
        assert (safe.rows, safe.n_rows, safe.is_safe) == (tuple(range(501, 511)), 20, True)
        assert (asked.rows, asked.n_rows, asked.is_safe) == (tuple(range(521, 531)), 30, False)
        assert "20, equal in ids and all else, are left out of training" in found.remedy
        assert found.message.startswith("equal to an earlier row in all but customer: 50 rows")


def test_copies_stay_where_a_flag_keeps_them_or_they_are_what_the_table_is_like():
    twice = np.r_[np.arange(N), np.arange(50)]
    kept = make_rows({"a": X[twice], "b": X[::-1][twice]}, target=Y[twice], config=Config(target="y", allow=("d015",)))
    often = np.r_[np.arange(N), np.arange(N)]
    like = make_rows({"a": X[often], "b": X[::-1][often]}, target=Y[often])
    for rows in (kept, like):
        (found,) = d015_duplicate_rows.find(rows)
        assert not any(fix.is_safe for fix in found.fixes)
        assert found.remedy.startswith("kept, always on one side of the split")


def test_the_other_reading_of_a_target_is_a_flag():
    rows = make_rows({"a": X}, target=chance().integers(0, 30, N).astype(float))
    (fix,) = d032_target_type.find(rows)[0].fixes
    assert (fix.kind, fix.columns, fix.to, fix.flag) == ("set type", ("y",), "multiclass", "--task multiclass")


def test_columns_missing_in_the_same_rows_are_named_together():
    a = np.where(np.arange(N) < 40, np.nan, X)
    b = np.where(np.arange(N) < 40, np.nan, X**2)
    (found,) = d003_missing_cells.find(make_rows({"a": a, "b": b, "c": X**3}, target=Y))
    assert "missing in exactly the same rows: a, b (8 %)" in found.message


def test_more_rows_than_a_run_can_hold_are_no_fix():
    assert mending.drop_rows(np.arange(1, mending.MAX_FIX_ROWS + 2)) == ()
    assert mending.drop_rows(np.arange(0)) == ()
