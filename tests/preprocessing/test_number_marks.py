"""What number cells say besides their number: units, words, a second number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from autorecipe.data.cells import NULL_TOKENS
from autorecipe.data.number_rules import SECOND_NUMBER
from autorecipe.data.parse_texts import parse_numbers
from autorecipe.data.schema import Column, Schema
from autorecipe.preprocessing.derived import derived_names
from autorecipe.preprocessing.number_marks import MAX_MARKS, fit_number_marks, marks_of
from autorecipe.preprocessing.spec import fit_encode, layout


def measures(rule: str = "unit") -> Column:
    return Column(name="m", kind="numeric", wire="string", number_rule=rule, null_tokens=NULL_TOKENS)


def learned(values: list[str], rule: str = "unit", *, fewest: int = 2):
    return fit_number_marks(pd.Series(values, dtype=object), measures(rule), "m", fewest=fewest)


@pytest.mark.parametrize(
    ("cell", "second"),
    [
        ("190Nm@ 2000rpm", 2000.0),
        ("250Nm@ 1500-2500rpm", 1500.0),
        ("12.7@ 2,700(kgm@ rpm)", 2700.0),
        ("1133 - 1384", 1384.0),
        ("1248 CC", np.nan),
        ("1e5", np.nan),
        ("1e-5 g", np.nan),
        ("1,248.5", np.nan),
    ],
)
def test_the_second_number_is_no_part_of_the_first(cell, second):
    np.testing.assert_equal(parse_numbers(np.array([cell], object), SECOND_NUMBER)[0], second)


def test_units_that_differ_are_marks_and_one_unit_says_nothing():
    assert learned(["190 Nm", "22 kgm", "20 KGM", "180Nm", "170 nm"]).marks == ("nm", "kgm")
    assert learned(["12 CC", "13 CC", "14 CC"]).marks == ()


def test_words_in_the_place_of_numbers_are_marks_where_they_are_frequent():
    assert learned(["12", "13", "many", "Many", "few", "-"], "plain").marks == ("many", "number")


def test_currencies_differ():
    assert list(marks_of(np.array(["$1,200", "€3", "4"], object), "currency")) == ["$", "€", "number"]


def test_a_second_number_is_read_where_half_of_the_cells_have_one():
    assert learned(["1Nm@ 2000rpm", "2Nm@ 3000rpm", "3 Nm"]).has_second
    assert not learned(["1Nm@ 2000rpm", "2Nm", "3 Nm"]).has_second
    assert not learned(["1Nm@ 2000rpm", "2Nm@ 2000rpm"]).has_second  # it is the same in all


def test_there_are_at_most_twenty_marks():
    assert len(learned([f"1 {chr(97 + i)}{chr(97 + i)}" for i in range(26)] * 2).marks) == MAX_MARKS


def test_what_a_column_becomes_has_names():
    frame = pd.DataFrame(
        {
            "m": ["190Nm@ 2000rpm", "22kgm@ 1500rpm", "20kgm@ 1500rpm", "180Nm@ 1750rpm"],
            "when": ["2020-01-01", "2021-02-02", "2021-02-03", "2022-01-01"],
            "n": [1.0, 2.0, 3.0, 4.0],
        }
    )
    columns = (
        measures(),
        Column(name="when", kind="datetime", wire="string", date_format="yyyy-mm-dd"),
        Column(name="n", kind="numeric", wire="float32"),
    )
    schema = Schema(columns=columns, target="y", task="regression", task_reason="")
    names = derived_names(frame, schema)
    assert names["m"] == ("number", "second number", "unit or word")
    assert names["when"][:2] == ("day", "year")
    assert "n" not in names
    assert layout(fit_encode(frame, schema)).code_names == ("m: unit or word",)
