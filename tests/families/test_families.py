from __future__ import annotations

import importlib
import pkgutil
from typing import get_args

import pytest

import autorecipe.families
from autorecipe.choices import FamilyName
from autorecipe.families import FAMILIES, family_named
from autorecipe.families.family import DataSize

SIZED = [family for family in FAMILIES if family.grows]
each_sized = pytest.mark.parametrize("family", SIZED, ids=lambda f: f.name)
each = pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)


def test_every_file_is_listed():
    files = {module.name for module in pkgutil.iter_modules(autorecipe.families.__path__)} - {"family", "images"}
    listed = {f.name: importlib.import_module(f"autorecipe.families.{f.name}").FAMILY for f in FAMILIES}
    assert set(listed) == files
    assert tuple(listed.values()) == FAMILIES


def test_recipes_can_name_every_family_and_no_other():
    assert {family.name for family in FAMILIES} == set(get_args(FamilyName))


@each
def test_a_family_is_found_by_its_name(family):
    assert family_named(family.name) is family


@each
def test_every_record_says_where_it_comes_from(family):
    assert len(family.source) > 10
    assert family.title


@pytest.mark.parametrize(
    ("n_train", "n_features", "has_gpu", "expected"),
    [
        (3_000, 20, False, True),
        (3_000, 21, False, False),
        (500, 120, False, True),
        (500, 121, False, False),
        (3_001, 4, False, False),
        (20_000, 300, True, True),
        (20_000, 1_000, True, False),
        (500_000, 150, True, True),
        (500_000, 200, True, False),
    ],
)
def test_attention_is_offered_where_its_tables_of_features_have_room(n_train, n_features, has_gpu, expected):
    size = DataSize(n_train=n_train, n_features=n_features, n_numbers=2, task="regression", has_gpu=has_gpu)
    assert family_named("ft_transformer").offered(size) == expected


@each_sized
def test_growth_begins_within_its_bounds(family):
    assert 0 < family.start_width < family.max_width
    assert 0 < family.start_depth < family.max_depth


def test_the_simplest_family_comes_first():
    sizes = [family.start_width * family.start_depth for family in FAMILIES[:-1] if family.modality == "table"]
    assert FAMILIES[0].name == "linear"
    assert FAMILIES[1].name == "mlp"
    assert sizes[:2] == sorted(sizes)[:2]


def test_an_architecture_of_the_users_has_no_sizes_that_a_recipe_could_edit():
    family = family_named("custom")
    assert family.title == "your architecture"
    assert (family.max_width, family.max_depth) == (0, 0)
    assert not family.starts_at_prior
    assert FAMILIES[-1] is family
