from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autorecipe.data.keys import before_separator


@pytest.mark.parametrize(
    ("cell", "before"),
    [("309_1", "309"), (" P07-3 ", "P07"), ("a-b-3", "a-b"), ("AB-12-0007", "AB-12"), ("", ""), (None, "")],
)
def test_what_stands_before_the_last_separator_is_the_group(cell, before):
    assert list(before_separator(pd.Series([cell, "x_1"], dtype="str"))) == [before, "x"]


@pytest.mark.parametrize("cell", ["309_1234567", "AB-12-00000001", "P07-3 left", "309", "_1", "309_"])
def test_a_cell_that_is_written_otherwise_stays_whole(cell):
    assert list(before_separator(pd.Series([cell]))) == [cell]


@given(st.lists(st.text("aP03_-/.:# ", max_size=14), min_size=1, max_size=20))
def test_nothing_but_one_separator_and_a_short_number_at_the_end_is_taken_away(cells):
    texts = [cell.strip() for cell in cells]
    for text, before in zip(texts, before_separator(pd.Series(cells, dtype="str")), strict=True):
        assert text.startswith(before)
        assert text == before or re.fullmatch(r"[_\-/.:#]\w{1,6}", text[len(before) :])
