from __future__ import annotations

import pytest

from autorecipe.record.profile import ColumnProfile
from autorecipe.report.naming_rows import names_rows


def column(kind, *, n_distinct=5, missing_share=0.0, is_near_unique=False):
    return ColumnProfile(
        name="x", kind=kind, missing_share=missing_share, n_distinct=n_distinct, is_near_unique=is_near_unique
    )


@pytest.mark.parametrize("kind", ["id", "text", "image"])
def test_ids_texts_and_images_name_rows_however_few_they_are(kind):
    assert names_rows(column(kind), 100)


@pytest.mark.parametrize("kind", ["categorical", "datetime", "boolean"])
def test_levels_of_which_most_rows_have_their_own_name_rows(kind):
    assert names_rows(column(kind, n_distinct=51), 100)
    assert not names_rows(column(kind, n_distinct=50), 100)


def test_missing_cells_are_no_rows_with_a_value():
    assert names_rows(column("categorical", n_distinct=6, missing_share=0.9), 100)


def test_an_amount_with_many_values_names_no_row_unless_most_occur_once():
    assert not names_rows(column("numeric", n_distinct=90), 100)
    assert names_rows(column("numeric", n_distinct=90, is_near_unique=True), 100)
