from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks.against import conform, findings_against
from autorecipe.data.cells import NULL_TOKENS, to_numbers
from autorecipe.data.schema import Column

N = 1_200
CELLS = {
    "age": chance(0).uniform(18, 90, N),
    "income": chance(1).normal(3_000, 400, N),
    "city": chance(2).choice(["Rome", "Paris", "Oslo"], N),
}
Y = coin_flips(N)
FRAME = pd.DataFrame(CELLS).assign(y=Y)
SEEN, OTHER = FRAME[:800], FRAME[800:]


def rows():
    return make_rows({c: SEEN[c] for c in CELLS}, target=SEEN["y"])


def codes(found):
    return {(f.code, f.severity) for f in found}


def test_another_part_of_one_table_shows_nothing():
    assert findings_against(rows(), OTHER) == ()


def test_the_order_of_columns_and_a_missing_target_make_no_difference():
    assert findings_against(rows(), OTHER[["city", "age", "income"]]) == ()


def test_rows_that_both_tables_share_are_found_with_and_without_the_target():
    both = pd.concat([OTHER, SEEN[:100]])
    for other in (both, both.drop(columns="y")):
        (found,) = findings_against(rows(), other)
        assert (found.code, found.severity) == ("D016", "stop")
        assert "100" in found.message


def test_a_missing_column_stops_and_the_others_are_compared_all_the_same():
    found = findings_against(rows(), OTHER.drop(columns="age").assign(income=OTHER["income"] / 12))
    assert ("D040", "stop") in codes(found)
    assert ("D035", "warn") in codes(found)


def test_a_column_of_another_kind_stops_and_is_said_once():
    (found,) = findings_against(rows(), OTHER.assign(age="old"))
    assert (found.code, found.severity, found.columns) == ("D040", "stop", ("age",))


def test_levels_never_seen_and_classes_never_seen_are_found():
    other = OTHER.assign(city=np.where(np.arange(400) < 40, "Lima", OTHER["city"]), y=["perhaps", *OTHER["y"][1:]])
    found = findings_against(rows(), other)
    assert {("D027", "stop"), ("D027", "warn")} <= codes(found)


def test_nothing_speaks_of_a_test_where_two_tables_are_compared():
    low = SEEN[SEEN["age"] < SEEN["age"].median()]
    other = pd.concat([SEEN[:60], low.assign(city="Lima")])
    found = findings_against(rows(), other)
    assert {finding.code for finding in found} >= {"D016", "D027", "D035"}
    for finding in found:
        said = f"{finding.message} {finding.remedy} {[fix.flag for fix in finding.fixes]}"
        assert "test" not in said
        assert "validation" not in said


def test_an_empty_table_shows_its_columns_alone():
    assert findings_against(rows(), OTHER[:0]) == ()
    assert codes(findings_against(rows(), OTHER[:0].drop(columns="age"))) == {("D040", "stop")}


def test_one_class_alone_is_found_where_the_features_are_alike():
    (found,) = findings_against(rows(), OTHER[OTHER["y"] == "yes"])
    assert (found.code, found.severity) == ("D043", "warn")


def swapped(frame):
    return frame.assign(y=frame["y"].map({"no": "yes", "yes": "no"}))


def test_known_features_with_another_target_are_contradictions_and_no_copies():
    other = pd.concat([swapped(SEEN[:10]), OTHER])
    (found,) = findings_against(rows(), other)
    assert (found.code, found.severity) == ("D016", "warn")
    assert "another y: 10 rows of the other table (2.4 %" in found.message


def test_another_target_in_most_known_rows_stops_as_the_classes_may_be_swapped():
    (found,) = findings_against(rows(), pd.concat([swapped(SEEN[:100]), OTHER]))
    assert (found.code, found.severity) == ("D016", "stop")
    assert "100 have another y (100 %; limit 50 %" in found.message
    assert found.fixes[0].flag == "--allow D016"


def test_few_contradictions_among_many_copies_do_not_stop():
    found = findings_against(rows(), pd.concat([swapped(SEEN[:30]), SEEN[30:100]]))
    assert [(f.code, f.severity) for f in found] == [("D016", "stop"), ("D016", "warn")]


def test_the_same_table_in_another_order_is_said_to_be_that():
    (found,) = findings_against(rows(), SEEN[::-1])
    assert found.remedy.startswith("it holds the same rows in another order: give rows")
    (found,) = findings_against(rows(), SEEN)
    assert found.remedy.startswith("it holds the same rows: give rows")
    (found,) = findings_against(rows(), SEEN[:300])
    assert found.remedy.startswith("all of its rows are among the training rows")


def test_copies_are_said_to_be_of_the_columns_that_both_have():
    found = findings_against(rows(), SEEN[:100].drop(columns="city"))
    assert any("copies of training rows in the 2 features that both have" in f.message for f in found)


def test_a_column_in_other_letters_or_of_a_near_name_may_be_the_one_that_is_missing():
    found = findings_against(rows(), OTHER.rename(columns={"age": "Age", "income": "incomes"}))
    (lacking,) = [f for f in found if f.severity == "stop"]
    assert "Age there may be age, incomes there may be income" in lacking.message


def test_a_target_in_other_letters_is_said_to_be_perhaps_the_target():
    (found,) = findings_against(rows(), OTHER.rename(columns={"y": "Y"}))
    assert (found.code, found.severity) == ("D040", "info")
    assert "Y there may be y, the target" in found.message


def test_a_table_without_a_common_column_may_be_the_wrong_file_and_nothing_is_dropped():
    (found,) = findings_against(rows(), pd.DataFrame({"species": ["Adelie"] * 30, "mass": range(30)}))
    assert (found.severity, found.fixes) == ("stop", ())
    assert found.remedy == "is it the right file?"


def test_a_table_whose_columns_are_all_in_other_letters_is_not_the_wrong_file():
    found = findings_against(rows(), OTHER.rename(columns=str.upper))
    assert "right file" not in " ".join(f.remedy for f in found)
    assert any("AGE there may be age" in f.message for f in found)


def test_a_target_column_of_empty_cells_hides_no_shared_rows():
    (found,) = findings_against(rows(), SEEN[:100].assign(y=""))
    assert (found.code, found.severity) == ("D016", "stop")


@pytest.mark.parametrize(("cell", "severities"), [("high", ["stop"]), ("", [])])
def test_a_target_that_is_no_number_there_stops_unless_it_is_missing(cell, severities):
    y = chance(4).normal(50, 9, N)
    seen = make_rows({"age": SEEN["age"]}, target=y[:800])
    found = findings_against(seen, OTHER[["age"]].assign(y=cell))
    assert [f.severity for f in found] == severities
    assert {f.code for f in found} <= {"D043"}


def test_a_long_list_of_missing_columns_says_how_many_more_there_are():
    cells = {f"c{i}": chance(i).normal(size=50) for i in range(8)}
    other = pd.DataFrame({"y": coin_flips(15), "kept": np.arange(15.0)})
    (found, *_) = findings_against(make_rows({**cells, "kept": np.arange(50.0)}, target=coin_flips(50)), other)
    assert found.remedy.endswith("--drop c4 and 3 more")


@pytest.mark.parametrize("cell", ["", "nan", "?"])
def test_missing_cells_are_no_other_kind(cell):
    column = Column(name="age", kind="numeric", wire="float32", null_tokens=NULL_TOKENS)
    other = OTHER.astype({"age": "str"})
    other.loc[other.index[:5], "age"] = cell
    seen = make_rows({"age": SEEN["age"]}, target=SEEN["y"], columns=(column,))
    frame, unread = conform(other, seen.schema)
    assert unread == {}
    assert int(np.isnan(to_numbers(frame["age"], column)).sum()) == 5
