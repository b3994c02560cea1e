from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.data.left_out_rows import learned_split, rows_left_out
from autorecipe.data.split import Split, SplitRequest, make_split
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding
from autorecipe.record.profile import Profile

N = 120


def profile_of(*fixes: Fix) -> Profile:
    finding = Finding(code="D015", severity="info", title="", message="", fixes=fixes)
    return Profile(n_rows=N, columns=(), outcomes=(), findings=(finding,), floor=None, dropped=(), seconds=0.0)


def unlearned(rows: tuple[int, ...]) -> Fix:
    return Fix(kind="drop rows", rows=rows, is_safe=True, is_unlearned=True)


def split_of(n: int = N) -> Split:
    request = SplitRequest(task="binary", test_share=0.15, seed=0, classes=("a", "b"))
    return make_split(
        target=np.arange(n) % 2, row_hash=np.arange(n, dtype=np.uint64), request=request, preset="standard"
    )


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(1, N), max_size=20).map(sorted))
def test_rows_that_are_left_out_are_in_no_training_part_and_stay_where_they_decide(rows):
    before, out = split_of(), np.array(rows, dtype=np.int64) - 1
    after = learned_split(
        before,
        profile_of(unlearned(tuple(rows))),
        np.arange(1, N + 1),
    )
    pairs = zip((*before.folds, *before.bag, *before.fresh), (*after.folds, *after.bag, *after.fresh), strict=True)
    for was, is_now in pairs:
        assert np.array_equal(is_now.train, np.setdiff1d(was.train, out))
        assert np.array_equal(is_now.validation, was.validation)
    assert np.array_equal(after.test, before.test)
    assert np.array_equal(after.training_rows, np.setdiff1d(before.training_rows, out))


def test_rows_are_called_by_their_numbers_in_the_file():
    numbers = np.arange(1, N + 1) * 10
    after = learned_split(split_of(), profile_of(unlearned((50,))), numbers)
    assert 4 not in np.concatenate([fold.train for fold in after.folds])


def test_only_what_a_fix_says_is_left_out():
    assert rows_left_out(profile_of(Fix(kind="drop rows", rows=(1, 2)))) == ()
    assert rows_left_out(profile_of(Fix(kind="drop rows", rows=(1, 2), is_safe=True))) == ()  # safe in the file alone
    assert rows_left_out(profile_of(unlearned((3, 1)))) == (3, 1)


def test_without_a_profile_the_split_is_as_it_was():
    split = split_of()
    assert learned_split(split, None, np.arange(1, N + 1)) is split
