"""A recipe's name, which seeds its fits."""

from __future__ import annotations

import dataclasses

import pytest

from autorecipe.recipe import Recipe

OWN = Recipe(family="custom", architecture="nets/mine.py:gated", architecture_hash="a1b2")


@pytest.mark.parametrize("moved", ["mine.py:gated", "/home/a/nets/mine.py:gated", r"C:\nets\mine.py:gated"])
def test_where_the_file_of_ones_network_lies_does_not_name_the_recipe(moved):
    assert dataclasses.replace(OWN, architecture=moved).key == OWN.key


@pytest.mark.parametrize("other", [{"architecture": "nets/mine.py:plain"}, {"architecture_hash": "c3d4"}])
def test_another_function_or_source_is_another_recipe(other):
    assert dataclasses.replace(OWN, **other).key != OWN.key
