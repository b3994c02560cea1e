from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.data.apply_fixes import Applied, apply_fixes
from autorecipe.fix import Fix

CELLS = st.sampled_from(["", "?", " ? ", "-999", "12", "1,248", "74 bhp", "yes", "YES", "no", "$5", "2019-03-01", "x"])
COLUMNS = ("a", "b", " c ", "y")
FIXES = st.one_of(
    st.builds(lambda c: Fix(kind="drop column", columns=(c,)), st.sampled_from(["a", "b", "c", "y", "gone"])),
    st.builds(
        lambda c, v: Fix(kind="mask values", columns=(c,), values=v),
        st.sampled_from(["a", "c", "y"]),
        st.sampled_from([("?",), ("-999", "?"), ("1248",)]),
    ),
    st.just(Fix(kind="merge values", columns=("b", "y"), values=("YES", "yes"), to="Yes")),
    st.builds(lambda to: Fix(kind="parse column", columns=("a", "c"), to=to), st.sampled_from(["numeric", "datetime"])),
    st.builds(lambda r: Fix(kind="drop rows", rows=r), st.lists(st.integers(1, 12), max_size=4).map(tuple)),
    st.sampled_from([Fix(kind="ask", columns=("a",)), Fix(kind="split by group", columns=("b",))]),
)


@st.composite
def frames(draw):
    n = draw(st.integers(1, 8))
    return pd.DataFrame(
        {name: draw(st.lists(CELLS, min_size=n, max_size=n)) for name in COLUMNS}, columns=list(COLUMNS), dtype="str"
    )


def numbered(frame):
    return np.arange(1, len(frame) + 1)


def fixed(frame, *fixes, target=""):
    return apply_fixes(frame, fixes, numbered(frame), target=target)


@settings(max_examples=50, deadline=None)
@given(frames(), st.lists(FIXES, max_size=6))
def test_fixing_twice_is_fixing_once(frame, fixes):
    once, _ = fixed(frame, *fixes)
    left = numbered(frame)[once.index]
    twice, done = apply_fixes(once, fixes, left)
    pd.testing.assert_frame_equal(once, twice)
    assert done == ()


@settings(max_examples=40, deadline=None)
@given(frames(), st.lists(FIXES, max_size=6))
def test_cells_of_the_target_are_never_touched(frame, fixes):
    after, _ = fixed(frame, *fixes, target=" y")
    pd.testing.assert_series_equal(after["y"], frame["y"][after.index])


@settings(max_examples=40, deadline=None)
@given(frames(), st.lists(FIXES, max_size=6))
def test_rows_and_columns_only_shrink_and_keep_their_order(frame, fixes):
    after, _ = fixed(frame, *fixes)
    assert list(after.columns) == [c for c in frame.columns if c in set(after.columns)]
    assert list(after.index) == [i for i in frame.index if i in set(after.index)]


@settings(max_examples=40, deadline=None)
@given(frames(), st.lists(FIXES, max_size=6))
def test_the_table_that_was_given_is_left_as_it_was(frame, fixes):
    before = frame.copy()
    fixed(frame, *fixes)
    pd.testing.assert_frame_equal(frame, before)


def test_a_column_is_left_out_whatever_blanks_its_header_has():
    after, done = fixed(pd.DataFrame({" a ": ["1"], "b": ["2"]}), Fix(kind="drop column", columns=("a",)))
    assert list(after.columns) == ["b"]
    assert done == (Applied(kind="drop column", column=" a ", n=1),)


def test_rows_are_left_out_by_their_number_in_the_file():
    frame = pd.DataFrame({"a": ["1", "2", "3"]})
    after, done = apply_fixes(frame, [Fix(kind="drop rows", rows=(7,))], np.array([5, 7, 9]))
    assert list(after["a"]) == ["1", "3"]
    assert done[0].n == 1


def test_cells_that_stand_for_missing_are_emptied_and_counted():
    after, done = fixed(pd.DataFrame({"a": [" ? ", "x?", "?"]}), Fix(kind="mask values", columns=("a",), values=("?",)))
    assert list(after["a"]) == ["", "x?", ""]
    assert done[0].n == 2


def test_a_number_that_stands_for_missing_is_emptied_in_a_typed_column():
    frame = pd.DataFrame({"a": [1.5, -999.0]})
    after, _ = fixed(frame, Fix(kind="mask values", columns=("a",), values=("-999",)))
    assert after["a"].isna().tolist() == [False, True]


def test_spellings_are_merged():
    fix = Fix(kind="merge values", columns=("a",), values=("USA", "usa"), to="USA")
    after, done = fixed(pd.DataFrame({"a": ["usa ", "USA", "UK"]}), fix)
    assert list(after["a"]) == ["USA", "USA", "UK"]
    assert done[0].n == 1


def test_numbers_in_text_are_read_and_what_is_none_is_counted():
    frame = pd.DataFrame({"a": ["1,248 CC", "74 CC", "n/a", "12", "about 9"]})
    after, done = fixed(frame, Fix(kind="parse column", columns=("a",), to="numeric"))
    np.testing.assert_array_equal(after["a"], [1248.0, 74.0, np.nan, 12.0, np.nan])
    assert (done[0].n, done[0].n_emptied) == (4, 2)


def test_dates_are_written_in_the_order_that_sorts():
    frame = pd.DataFrame({"a": ["31/12/2019", "1/2/2020", ""]})
    after, _ = fixed(frame, Fix(kind="parse column", columns=("a",), to="datetime"))
    assert list(after["a"]) == ["2019-12-31", "2020-02-01", ""]


def test_a_column_of_row_numbers_calls_the_rows_as_the_file_does():
    made = Fix(kind="add column", to="row_number")
    after, done = fixed(pd.DataFrame({"a": ["x", "y", "z"]}), made, Fix(kind="drop rows", rows=(2,)))
    assert list(after["row_number"]) == [1, 3]
    assert [what.kind for what in done] == ["add column", "drop rows"]


def test_what_stands_before_the_last_separator_becomes_a_column_once():
    made = Fix(kind="add column", columns=("a",), to="a_group")
    after, _ = fixed(pd.DataFrame({"a": ["309_1", " 309_2", "4-07-x", "alone", ""]}), made, made)
    assert list(after["a_group"]) == ["309", "309", "4-07", "alone", ""]
    assert list(after.columns) == ["a", "a_group"]


def test_each_thing_done_names_the_fix_that_did_it():
    rows = (Fix(kind="drop rows", rows=(1,)), Fix(kind="ask"), Fix(kind="drop rows", rows=(2, 1)))
    _, done = fixed(pd.DataFrame({"a": ["x", "y", "z"]}), *rows)
    assert [(what.place, what.n) for what in done] == [(0, 1), (2, 1)]


@pytest.mark.parametrize("kind", ["ask", "set type", "split by group", "split by time"])
def test_what_only_a_flag_can_say_changes_no_cell(kind):
    frame = pd.DataFrame({"a": ["1"]})
    after, done = fixed(frame, Fix(kind=kind, columns=("a",), is_safe=True))
    assert after is frame
    assert done == ()
