"""A user's own architecture as values: its name, its hash, its knobs."""

from __future__ import annotations

import dataclasses
import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.architecture import Architecture, describe, grow_knobs, is_replayable
from autorecipe.config import Config
from autorecipe.errors import UserError
from autorecipe.recipe import Recipe, from_yaml, to_yaml
from autorecipe.store.codec import decode, encode

WORDS = st.text(alphabet="abcdefghij_", min_size=1, max_size=6)
VALUES = st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | WORDS
KNOBS = st.dictionaries(WORDS, VALUES, max_size=4).map(lambda knobs: tuple(knobs.items()))


def wide(inputs, n_outputs, width=64, depth=2, rate=0.5, gated=False, act="relu"):
    """An architecture of five knobs; nothing here builds it."""


def made_by(source: str):
    """A function whose source no file holds."""
    names: dict[str, object] = {"__name__": "made"}
    exec(source, names)
    return names["build"]


def test_a_function_is_named_by_its_module_and_its_defaults_are_the_knobs():
    known = describe(wide)
    assert known.name == f"{__name__}:wide"
    assert known.knobs == (("width", 64), ("depth", 2), ("rate", 0.5), ("gated", False), ("act", "relu"))
    assert (known.is_replayable, known.hashed, len(known.source_hash)) == (True, "source", 16)


def test_a_name_that_found_it_is_kept():
    known = describe(wide, name="/home/me/nets.py:wide")
    assert (known.name, known.is_replayable) == ("/home/me/nets.py:wide", True)


def test_lambdas_and_functions_of_functions_cannot_be_found_again():
    def inner(inputs, n_outputs):
        """Nothing here builds it."""

    assert not describe(lambda inputs, n_outputs: inputs).is_replayable
    assert not describe(inner).is_replayable


@pytest.mark.parametrize("name", ["", "nets", "__main__:build", "nets:", ":build"])
def test_half_a_name_finds_nothing(name):
    assert not is_replayable(name)


def test_the_hash_follows_the_source():
    one, same, other = (
        "def build(inputs, n_outputs):\n    return inputs",
        "def build(inputs, n_outputs):\n    return inputs",
        "def build(inputs, n_outputs):\n    return n_outputs",
    )
    hashes = [describe(made_by(source)).source_hash for source in (one, same, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_source_that_cannot_be_read_is_hashed_as_bytecode_and_that_is_said():
    assert describe(made_by("def build(inputs, n_outputs): return inputs")).hashed == "bytecode"
    assert describe(wide).hashed == "source"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def build(): ...", "must take inputs and n_outputs first; its parameters are: none"),
        ("def build(n_outputs, inputs): ...", "its parameters are: n_outputs, inputs"),
        ("def build(inputs, n_outputs, width): ...", "has a parameter 'width' without a default"),
        ("def build(inputs, n_outputs, *sizes): ...", r"takes \*sizes; its knobs must be written out"),
        ("def build(inputs, n_outputs, **knobs): ...", r"takes \*\*knobs"),
        ("def build(inputs, n_outputs, width=8, /): ...", "takes 'width' by position alone"),
        ("def build(inputs, n_outputs, sizes=(8, 8)): ...", "knob 'sizes' whose default is a tuple"),
        ("def build(inputs, n_outputs, rate=float('nan')): ...", "knob 'rate' whose default is nan"),
    ],
)
def test_parameters_that_are_no_architectures_are_refused_with_the_line(source, message):
    with pytest.raises(UserError, match=rf"{message}(.|\n)*line 1"):
        describe(made_by(source))


@pytest.mark.parametrize("thing", [functools.partial(wide, width=3), Recipe, 3, None])
def test_what_is_no_function_is_refused(thing):
    with pytest.raises(UserError, match="expected a function that builds a network"):
        describe(thing)


def test_growing_doubles_units_adds_a_layer_and_turns_switches_on():
    recipe = Recipe(family="custom", knobs=describe(wide).knobs)
    changes = grow_knobs(recipe)
    assert [c.title for c in changes] == ["knob width 64 -> 128", "knob depth 2 -> 3", "knob gated False -> True"]
    assert [dict(c.apply(recipe).knobs)[c.edits[0][0].removeprefix("knobs.")] for c in changes] == [128, 3, True]


def test_what_is_on_or_negative_does_not_grow():
    assert grow_knobs(Recipe(knobs=(("gated", True), ("axis", -1), ("rate", 0.5), ("act", "relu")))) == ()


@settings(max_examples=50, deadline=None)
@given(knobs=KNOBS)
def test_a_custom_recipe_survives_yaml_and_a_config_survives_json(knobs):
    recipe = Recipe(family="custom", architecture="nets:wide", architecture_hash="0" * 16, knobs=knobs)
    assert from_yaml(to_yaml(recipe)) == recipe
    config = Config(recipe=recipe, architecture=Architecture(name="nets:wide", source_hash="0" * 16, knobs=knobs))
    assert decode(encode(config), Config) == config


def test_another_source_is_another_request():
    known = describe(wide)
    assert Config(architecture=known) != Config(architecture=dataclasses.replace(known, source_hash="f" * 16))
