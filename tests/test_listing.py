"""No list is cut in silence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autorecipe.listing import some_of


@given(n=st.integers(0, 40), at_most=st.integers(1, 10))
def test_what_is_shown_and_what_is_counted_are_all(n, at_most):
    text = some_of([f"c{i}" for i in range(n)], at_most)
    shown, _, rest = text.partition(" and ")
    n_more = int(rest.removesuffix(" more")) if rest else 0
    assert len(shown.split(", ") if shown else []) + n_more == n
    assert len(shown.split(", ")) <= at_most


def test_items_that_are_some_already_count_the_others():
    assert some_of(("a", "b"), 2, n_all=1_002) == "a, b and 1,000 more"
