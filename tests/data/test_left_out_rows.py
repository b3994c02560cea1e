from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.data.left_out_rows import learned_split, n_left_out, unlearned
from autorecipe.data.split import Split, SplitRequest, make_split
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding
from autorecipe.record.profile import Profile

N = 120


def profile_of(*fixes: Fix) -> Profile:
    finding = Finding(code="D015", severity="info", title="", message="", fixes=fixes)
    return Profile(n_rows=N, columns=(), outcomes=(), findings=(finding,), floor=None, dropped=(), seconds=0.0)


def listed(rows: tuple[int, ...]) -> Fix:
    return Fix(kind="drop rows", rows=rows, is_safe=True, is_unlearned=True)


def equal(n_rows: int) -> Fix:
    return Fix(kind="drop rows", rows=(1,), equal="cells", n_rows=n_rows, is_safe=True, is_unlearned=True)


def frame_of(source) -> pd.DataFrame:
    """Rows that are told apart by their number alone; `source` says of each row which one it copies."""
    return pd.DataFrame({"a": np.asarray(source) % 7, "number": source})


def split_of(source=tuple(range(N))) -> Split:
    request = SplitRequest(task="binary", test_share=0.15, seed=0, classes=("a", "b"))
    return make_split(
        target=np.arange(len(source)) % 2,
        row_hash=np.asarray(source, dtype=np.uint64),
        request=request,
        preset="standard",
    )


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(1, N), max_size=20).map(sorted))
def test_rows_that_are_left_out_are_in_no_training_part_and_stay_where_they_decide(rows):
    before, out = split_of(), np.array(rows, dtype=np.int64) - 1
    after = learned_split(before, profile_of(listed(tuple(rows))), frame_of(np.arange(N)), np.arange(1, N + 1))
    pairs = zip((*before.folds, *before.bag, *before.fresh), (*after.folds, *after.bag, *after.fresh), strict=True)
    for was, is_now in pairs:
        assert np.array_equal(is_now.train, np.setdiff1d(was.train, out))
        assert np.array_equal(is_now.validation, was.validation)
    assert np.array_equal(after.test, before.test)
    assert np.array_equal(after.training_rows, np.setdiff1d(before.training_rows, out))


def test_rows_are_called_by_their_numbers_in_the_file():
    numbers = np.arange(1, N + 1) * 10
    after = learned_split(split_of(), profile_of(listed((50,))), frame_of(np.arange(N)), numbers)
    assert 4 not in np.concatenate([fold.train for fold in after.folds])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, N - 1), max_size=60))
def test_copies_are_looked_for_in_all_rows_however_few_are_listed(copied):
    source = np.r_[np.arange(N), np.array(copied, dtype=np.int64)]
    before = split_of(source)
    after = learned_split(before, profile_of(equal(1)), frame_of(source), np.arange(1, len(source) + 1))
    for was, is_now in zip((*before.folds, *before.bag), (*after.folds, *after.bag), strict=True):
        assert np.array_equal(is_now.train, was.train[was.train < N])
        assert np.array_equal(is_now.validation, was.validation)
    assert np.array_equal(after.test, before.test)


def test_only_what_a_fix_says_is_left_out():
    assert unlearned(profile_of(Fix(kind="drop rows", rows=(1, 2)))) == ()
    assert unlearned(profile_of(Fix(kind="drop rows", rows=(1, 2), is_safe=True))) == ()  # safe in the file alone
    assert unlearned(profile_of(listed((3, 1)))) == (listed((3, 1)),)


def test_rows_left_out_are_counted_whether_they_are_listed_or_not():
    assert n_left_out(profile_of(listed((3, 1)))) == 2
    assert n_left_out(profile_of(equal(20_000))) == 20_000
    assert n_left_out(None) == 0


def test_without_a_profile_the_split_is_as_it_was():
    split = split_of()
    assert learned_split(split, None, frame_of(np.arange(N)), np.arange(1, N + 1)) is split
