from __future__ import annotations

import numpy as np
import pytest
from table_builder import chance, coin_flips, make_rows

from autorecipe.checks import d008_spelling_variants
from autorecipe.checks.check import NotApplicable
from autorecipe.checks.d008_spelling_variants import key_of

N = 600


def table(levels, target=None, **more):
    cells = chance().choice(levels, N)
    return make_rows({"city": cells}, target=coin_flips(N) if target is None else target(cells), **more)


def test_spellings_of_one_level_are_named_and_may_be_merged():
    (found,) = d008_spelling_variants.find(table(["New York", "New York", "new york", "New-York.", "Boston"]))
    assert found.severity == "info"
    assert "city: 'New York' = " in found.message
    assert "limit 0" in found.message
    (fix,) = found.fixes
    assert (fix.kind, fix.columns, fix.to) == ("merge values", ("city",), "New York")
    assert set(fix.values) == {"new york", "New-York."}
    assert "'New York'" in found.quoted


def test_spellings_that_predict_differently_are_left_alone():
    levels = ["alpha", "Alpha", "beta"]
    assert d008_spelling_variants.find(table(levels, lambda c: np.where(c == "Alpha", "yes", "no"))) == ()
    assert (
        d008_spelling_variants.find(table(levels, lambda c: np.where(c == "Alpha", 5.0, chance().normal(size=N)))) == ()
    )


@pytest.mark.parametrize(
    "levels",
    [
        ["a", "A"],
        ["AA+", "AA-"],
        ["C", "C++", "C#"],
        ["1-2", "12"],
        ["1.5", "15"],
        ["<=50K", ">50K"],
        ["red", "read"],
        ["Wärme", "Warme"],
    ],
)
def test_codes_and_other_words_are_no_spellings(levels):
    assert d008_spelling_variants.find(table(levels)) == ()


def test_a_table_of_numbers_has_no_spellings():
    with pytest.raises(NotApplicable, match="no categories"):
        d008_spelling_variants.find(make_rows({"a": chance().normal(size=N)}, target=coin_flips(N)))


def test_the_key_of_a_level_is_its_own_key():
    for level in ("New-York.", "  two  words ", "A_b'c", "ÉCOLE"):
        assert key_of(key_of(level)) == key_of(level)
