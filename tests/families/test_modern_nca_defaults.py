"""What ModernNCA starts with, and where it is offered."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.change import with_edits
from autorecipe.families import family_named
from autorecipe.families.family import DataSize
from autorecipe.families.modern_nca import MAX_TRAIN_ROWS
from autorecipe.recipe import Recipe

FAMILY = family_named("modern_nca")


def size(n_train: int, *, n_numbers: int = 8) -> DataSize:
    return DataSize(n_train=n_train, n_features=10, n_numbers=n_numbers, task="regression")


def default_recipe(n_train: int, *, n_numbers: int = 8) -> Recipe:
    return with_edits(Recipe(), FAMILY.defaults(size(n_train, n_numbers=n_numbers)))


def test_the_defaults_are_those_measured():
    recipe = default_recipe(5_000)
    expected = {"family": "modern_nca", "width": 128, "depth": 1, "weight_decay": 2e-4, "beta_2": 0.95, "patience": 16}
    assert {field: getattr(recipe, field) for field in expected} == expected
    assert recipe.optimizer_title == "AdamW"


def test_numbers_are_embedded_where_there_are_any():
    assert default_recipe(5_000).numeric_embedding != "none"
    assert default_recipe(5_000, n_numbers=0).numeric_embedding == "none"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(10, 50_000), min_size=2, max_size=6))
def test_more_rows_never_get_smaller_batches(counts):
    batches = [default_recipe(n).batch_size for n in sorted(counts)]
    assert all(a <= b for a, b in pairwise(batches))


def test_it_is_offered_where_serving_bears_it():
    assert FAMILY.offered(size(MAX_TRAIN_ROWS))
    assert not FAMILY.offered(size(MAX_TRAIN_ROWS + 1))


@pytest.mark.parametrize("field", ["mixup", "activation"])
def test_what_its_network_does_not_read_is_not_edited(field):
    assert field in FAMILY.ignores
    assert field not in {knob.field for knob in FAMILY.space}


def test_every_knob_holds_its_default():
    recipe = default_recipe(5_000)
    fields = {f.name for f in dataclasses.fields(Recipe)}
    for knob in FAMILY.space:
        value = getattr(recipe, knob.field)
        assert knob.field in fields
        assert value in knob.choices if knob.choices else knob.low <= value <= knob.high
