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
    d010_id_columns,
    d026_high_cardinality,
    d029_duplicate_columns,
)
from autorecipe.config import Config
from autorecipe.data.schema import Column

N = 600
Y = coin_flips(N)


def holes(share, seed=0):
    return chance(seed).random(N) < share


def test_a_constant_column_is_left_out():
    (found,) = d001_constant.find(make_rows({"one": np.ones(N), "x": chance().normal(size=N)}, target=Y))
    assert (found.columns, found.action, found.severity) == (("one",), "drop", "warn")
    assert "one holds 1 distinct value in 600 rows" in found.message
    assert "--keep" in found.remedy


def test_constants_with_gaps_at_random_are_constant():
    rows = make_rows({"a": np.where(holes(0.3), np.nan, 1.0), "b": np.where(holes(0.3, 1), "", "x")}, target=Y)
    (found,) = d001_constant.find(rows)
    assert found.columns == ("a", "b")
    assert "a, b hold" in found.message


def test_a_constant_whose_gaps_predict_is_kept():
    gaps = (Y == "yes") ^ holes(0.2)
    assert d001_constant.find(make_rows({"second_phone": np.where(gaps, "", "given")}, target=Y)) == ()


def test_a_column_of_two_values_is_not_constant():
    assert d001_constant.find(make_rows({"sex": chance().choice(["f", "m"], N)}, target=Y)) == ()


def test_a_nearly_constant_column_is_left_out():
    (found,) = d002_quasi_constant.find(make_rows({"rare": np.r_[np.ones(2), np.zeros(N - 2)]}, target=Y))
    assert (found.columns, found.action) == (("rare",), "drop")
    assert "rare (99.7 %)" in found.message
    assert "limit 99.5 %" in found.message


def test_a_nearly_constant_column_with_rows_to_learn_from_is_kept():
    n = 4000
    flag = np.r_[np.ones(15), np.zeros(n - 15)]
    (found,) = d002_quasi_constant.find(make_rows({"rare": flag}, target=coin_flips(n)))
    assert found.action == "none"


def test_a_rare_flag_that_predicts_is_not_reported():
    n = 20_000
    fraud = np.r_[np.repeat("yes", 60), np.repeat("no", n - 60)]
    flag = np.where(fraud == "yes", "on", "off")
    assert d002_quasi_constant.find(make_rows({"flag": flag}, target=fraud)) == ()


def test_a_column_with_hardly_a_cell_is_left_out():
    (found,) = d003_missing_cells.find(
        make_rows({"pool": np.where(holes(0.98), np.nan, chance().normal(size=N))}, target=Y)
    )
    assert (found.columns, found.action, found.severity) == (("pool",), "drop", "warn")
    assert "pool (97.3 %)" in found.message
    assert "limit 95 %" in found.message


def test_a_column_left_out_as_empty_is_reported_once():
    empty = Column(name="gone", kind="categorical", wire="string", role="dropped", reason="every cell is missing")
    rows = make_rows({"gone": ["?"] * N, "x": chance().normal(size=N)}, target=Y, columns=(empty,))
    assert [f.columns for f in d003_missing_cells.find(rows)] == [("gone",)]
    assert d007_mixed_types.find(rows) == ()


def test_a_half_empty_column_is_imputed():
    (found,) = d003_missing_cells.find(
        make_rows({"x": np.where(holes(0.6), np.nan, chance().normal(size=N))}, target=Y)
    )
    assert (found.severity, found.action) == ("info", "impute")


def test_gaps_that_predict_are_named_with_their_score():
    gaps = (Y == "yes") & ~holes(0.5)
    (found,) = d003_missing_cells.find(make_rows({"cabin": np.where(gaps, "", "C")}, target=Y))
    assert found.columns == ("cabin",)
    assert "being missing predicts y: cabin" in found.message
    assert "AUC 0.7" in found.message


def test_gaps_at_random_are_no_news():
    x = np.where(holes(0.3), np.nan, chance().normal(size=N))
    assert d003_missing_cells.find(make_rows({"x": x}, target=Y)) == ()


def test_the_only_negative_value_is_a_note_where_most_rows_hold_it():
    days = np.where(holes(0.8), -1.0, chance().integers(0, 400, N).astype(float))
    (found,) = d005_disguised_missing.find(make_rows({"days": days}, target=Y))
    assert found.severity == "info"
    assert "days (-1 in 78 %)" in found.message


def test_a_stand_in_number_far_from_all_others_is_suspected():
    degrees = np.where(holes(0.05), -999.0, chance().normal(15, 5, N))
    (found,) = d005_disguised_missing.find(make_rows({"degrees": degrees}, target=Y))
    assert (found.severity, found.columns) == ("warn", ("degrees",))
    assert "degrees (-999 in 3.8 %)" in found.message


def test_a_zero_far_from_all_others_is_a_note_since_it_may_be_measured():
    pressure = np.where(holes(0.05), 0.0, chance().normal(120, 10, N))
    (found,) = d005_disguised_missing.find(make_rows({"pressure": pressure}, target=Y))
    assert (found.severity, found.columns) == ("info", ("pressure",))


def test_minus_one_in_a_column_of_counts_is_suspected():
    days = np.where(holes(0.1), -1.0, chance().integers(0, 300, N))
    assert d005_disguised_missing.find(make_rows({"days": days}, target=Y))


@pytest.mark.parametrize(
    "numbers",
    [
        chance().integers(-1, 2, N).astype(float),
        chance().normal(0, 1, N).round(),
        np.where(holes(0.9), 0.0, chance().lognormal(5, 1, N)),
        chance().poisson(2, N).astype(float),
        np.where(holes(0.03), 999.0, chance().uniform(0, 2000, N)),
    ],
    ids=["codes", "log odds", "mostly zero", "counts", "inside"],
)
def test_honest_numbers_are_not_suspected(numbers):
    assert d005_disguised_missing.find(make_rows({"x": numbers}, target=Y)) == ()


def test_a_text_that_stands_for_missing_is_shown():
    column = Column(name="job", kind="categorical", wire="string", null_tokens=("?",))
    jobs = np.where(holes(0.1), " ? ", chance().choice(["a", "b"], N))
    (found,) = d005_disguised_missing.find(make_rows({"job": jobs}, target=Y, columns=(column,)))
    assert (found.severity, found.action) == ("info", "mask")
    assert "job ('?' in 9" in found.message


def test_a_level_called_unknown_is_shown():
    jobs = np.where(holes(0.1), "Unknown", chance().choice(["a", "b"], N))
    (found,) = d005_disguised_missing.find(make_rows({"job": jobs}, target=Y))
    assert found.severity == "info"
    assert "job" in found.message


def test_infinite_numbers_are_shown_with_their_rows():
    x = chance().normal(size=N)
    x[4] = np.inf
    (found,) = d006_infinite.find(make_rows({"ratio": x}, target=Y))
    assert (found.columns, found.rows, found.severity) == (("ratio",), (5,), "warn")
    assert "infinite numbers in ratio (1 row)" in found.message


def test_finite_numbers_and_gaps_are_not_infinite():
    assert d006_infinite.find(make_rows({"x": np.where(holes(0.5), np.nan, 1e30)}, target=Y)) == ()


def test_cells_that_are_no_number_are_shown_with_their_rows():
    column = Column(name="area", kind="numeric", wire="string", number_rule="plain")
    area = chance().uniform(0, 9, N).round(2).astype(str).astype(object)
    area[[1, 2, 3, 9]] = "34 Sq. Yards"
    area[20] = ""
    (found,) = d007_mixed_types.find(make_rows({"area": area}, target=Y, columns=(column,)))
    assert (found.severity, found.rows) == ("warn", (2, 3, 4, 10))
    assert "area (4 rows without a number); limit 0" in found.message


def test_numbers_with_gaps_are_not_mixed():
    column = Column(name="area", kind="numeric", wire="string", number_rule="plain")
    area = np.where(holes(0.2), "", "3.5")
    assert d007_mixed_types.find(make_rows({"area": area}, target=Y, columns=(column,))) == ()


def test_codes_among_numbers_are_mixed():
    tickets = [f"{i % 200}" if i % 4 else f"PC {i % 50}" for i in range(N)]
    (found,) = d007_mixed_types.find(make_rows({"ticket": tickets}, target=Y))
    assert found.severity == "info"
    assert "ticket (75 %)" in found.message


def test_a_column_of_no_known_format_is_said_to_be_left_out():
    column = Column(name="when", kind="datetime", wire="string", role="dropped", reason="dates of no one format")
    (found,) = d007_mixed_types.find(make_rows({"when": ["1 May"] * N}, target=Y, columns=(column,)))
    assert "when (dates of no one format) left out" in found.message


def test_an_id_left_out_is_named_with_the_flag_that_keeps_it():
    column = Column(name="PassengerId", kind="id", wire="string", role="id", reason="891 distinct numbers")
    (found,) = d010_id_columns.find(make_rows({"PassengerId": np.arange(N)}, target=Y, columns=(column,)))
    assert (found.severity, found.columns) == ("info", ("PassengerId",))
    assert "PassengerId (891 distinct numbers; limit" in found.message
    assert "--keep" in found.remedy


def test_an_id_that_was_asked_for_is_not_news():
    column = Column(name="k", kind="id", wire="string", role="id", reason="an id as asked")
    config = Config(target="y", ids=("k",))
    assert d010_id_columns.find(make_rows({"k": np.arange(N)}, target=Y, columns=(column,), config=config)) == ()


@pytest.mark.parametrize(
    "cells",
    [
        {"row": np.arange(7, N + 7)},
        {"customer_id": chance().permutation(N) * 17},
        {"code": [f"{i:08x}" for i in range(N)]},
    ],
    ids=["sequence", "name", "hexadecimal"],
)
def test_a_feature_like_a_key_is_suspected(cells):
    (found,) = d010_id_columns.find(make_rows(cells, target=Y))
    assert (found.severity, found.columns) == ("warn", tuple(cells))
    assert "limit 99.9 %" in found.message


@pytest.mark.parametrize(
    "cells",
    [
        {"price": chance().uniform(0, 1e6, N)},
        {"cents": chance().permutation(N) * 37},
        {"paid": chance().integers(0, 9, N)},
        {"humid": chance().permutation(N)},
    ],
    ids=["fractions", "different whole numbers", "few values", "a word that ends in id"],
)
def test_different_numbers_alone_are_no_key(cells):
    assert d010_id_columns.find(make_rows(cells, target=Y)) == ()


def test_a_suspect_that_is_kept_is_silent():
    rows = make_rows({"row": np.arange(N)}, target=Y, config=Config(target="y", keep=("row",)))
    assert d010_id_columns.find(rows) == ()


def test_many_levels_are_counted():
    (found,) = d026_high_cardinality.find(make_rows({"street": [f"s{i // 2}" for i in range(N)]}, target=Y))
    assert "street (300 levels) in 600 rows (limit 60)" in found.message


def test_a_category_of_a_few_levels_is_fine():
    assert d026_high_cardinality.find(make_rows({"c": [f"s{i % 40}" for i in range(N)]}, target=Y)) == ()


def test_copies_of_columns_are_left_out_but_the_first():
    x = chance().normal(size=N)
    sex = chance(1).choice(["f", "m"], N)
    cells = {"x": x, "sex": sex, "x_cm": 3 - 2.5 * x, "gender": np.where(sex == "f", "female", "male")}
    (found,) = d029_duplicate_columns.find(make_rows(cells, target=Y))
    assert (found.columns, found.action) == (("x_cm", "gender"), "drop")
    assert "x_cm (as x), gender (as sex) say the same in all 600 rows" in found.message


def test_numbers_of_levels_are_named_and_kept():
    level = chance().integers(0, 4, N)
    names = np.array(["none", "school", "college", "doctor"])[level]
    (found,) = d029_duplicate_columns.find(make_rows({"education": names, "years": level}, target=Y))
    assert (found.columns, found.action) == (("years",), "none")


def test_correlated_columns_are_no_copies():
    x = chance().normal(size=N)
    cells = {"x": x, "nearly": x + 1e-3 * chance(1).normal(size=N), "z": chance(2).normal(size=N)}
    assert d029_duplicate_columns.find(make_rows(cells, target=Y)) == ()


def test_texts_different_in_every_row_are_no_copies():
    cells = {"a": [f"a{i}" for i in range(N)], "b": [f"b{i}" for i in range(N)]}
    assert d029_duplicate_columns.find(make_rows(cells, target=Y)) == ()
