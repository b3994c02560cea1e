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
from autorecipe.recipe import Recipe
from autorecipe.recipe_yaml import from_yaml, to_yaml
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


def closing_over(value):
    def build(inputs, n_outputs):
        return value

    return build


def decorated(function, *, times=1):
    @functools.wraps(function)
    def build(inputs, n_outputs, width=64):
        return times * function(inputs, n_outputs, width=width)

    return build


def of_module(**constants):
    """A function of a module with these constants, which has the same text each time."""
    names: dict[str, object] = {"__name__": "made"} | constants
    exec("def build(inputs, n_outputs):\n    return [WIDTH for _ in inputs]", names)
    return names["build"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (2, 256),
        ("relu", "tanh"),
        ((64, 32), (64, 16)),
        ({"a": [1.0]}, {"a": [2.0]}),
        (lambda x: x + 1, lambda x: x - 1),
        (closing_over(2), closing_over(3)),
        (functools, dataclasses),
        (Recipe, Config),
        (len, sum),
    ],
)
def test_what_a_function_closes_over_is_part_of_it(one, other):
    assert describe(closing_over(one)) == describe(closing_over(one))
    assert describe(closing_over(one)) != describe(closing_over(other))


def test_two_lambdas_on_one_line_are_two():
    one, other = (lambda inputs, n_outputs: inputs + 1), (lambda inputs, n_outputs: inputs + 2)
    assert describe(one) != describe(other)


def test_a_decorated_function_is_neither_the_plain_one_nor_decorated_otherwise():
    hashes = [describe(f).source_hash for f in (wide, decorated(wide), decorated(wide, times=2), decorated(wide))]
    assert len(set(hashes)) == 3
    assert hashes[1] == hashes[3]


def test_a_constant_of_the_module_that_it_names_is_part_of_it():
    hashes = [describe(of_module(**constants)).source_hash for constants in ({"WIDTH": 2}, {"WIDTH": 3})]
    assert hashes[0] != hashes[1]
    assert hashes[0] == describe(of_module(WIDTH=2, DEPTH=7)).source_hash


def test_a_function_that_calls_itself_can_be_described():
    def build(inputs, n_outputs, depth=2):
        return build(inputs, n_outputs, depth=depth - 1) if depth else inputs

    assert describe(build) == describe(build)


@settings(max_examples=50, deadline=None)
@given(words=st.frozensets(WORDS, min_size=1))
def test_the_order_of_a_set_says_nothing(words):
    backwards = frozenset(sorted(words, reverse=True))
    assert describe(closing_over(words)) == describe(closing_over(backwards))


@pytest.mark.parametrize("thing", [object(), [1, object()], functools.partial(wide)])
def test_what_cannot_be_told_from_another_is_refused_with_a_way_out(thing):
    with pytest.raises(UserError, match=r"uses 'value' of the function around it(.|\n)*a keyword parameter"):
        describe(closing_over(thing))


def test_a_class_of_a_function_is_refused():
    class Inner:
        """Its values may be those of the function around it."""

    with pytest.raises(UserError, match="a class Inner, which cannot be told from another"):
        describe(closing_over(Inner))


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
