from __future__ import annotations

import numpy as np
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d009_odd_texts
from autorecipe.checks.check import NotApplicable

N = 1_000
Y = coin_flips(N)


def with_cells(cells, **odd):
    cells = np.array(cells, dtype=object)
    for place, text in odd.items():
        cells[int(place[1:])] = text
    return make_rows({"code": cells}, target=Y)


CODES = [f"{number:05d}" for number in chance().integers(0, 10_000, N)]
WORDS = chance().choice(["north", "south", "east"], N)


def test_cells_of_special_characters_are_named_and_may_be_emptied():
    (found,) = d009_odd_texts.find(with_cells(WORDS, _3="***", _7="***", _9="--/--"))
    assert found.severity == "info"
    assert "code ('***' in 0.3 %)" in found.message
    assert "limit 0.1 %" in found.message
    assert found.rows == (4, 8, 10)
    (fix,) = found.fixes
    assert (fix.kind, set(fix.values), fix.is_safe) == ("mask values", {"***", "--/--"}, False)
    assert found.quoted == ("'***'",)


@pytest.mark.parametrize("levels", [["是", "否", "不明"], ["да", "нет"], ["+", "-", "unclear"], ["***", "**"]])
def test_letters_of_any_alphabet_and_results_are_no_special_characters(levels):
    assert d009_odd_texts.find(make_rows({"a": chance().choice(levels, N)}, target=Y)) == ()


def test_a_code_that_lost_a_digit_is_named():
    (found,) = d009_odd_texts.find(with_cells(CODES, _20="123"))
    assert "code (1 row, most have 5 characters)" in found.message
    assert found.rows == (21,)


def test_a_remark_among_words_is_named():
    words = [f"street {number}" for number in chance().integers(0, 100, N)]
    (found,) = d009_odd_texts.find(
        with_cells(words, _20="see the remark of the second sheet, which explains all of it")
    )
    assert found.rows == (21,)


def test_words_of_different_lengths_are_no_odd_texts():
    words = ["a" * length for length in chance().integers(1, 40, N)]
    assert d009_odd_texts.find(with_cells(words)) == ()


def test_numbers_are_no_texts():
    with pytest.raises(NotApplicable, match="no columns of text"):
        d009_odd_texts.find(make_rows({"a": chance().normal(size=N)}, target=Y))
