"""The records of activations, initializers, normalizations and optimizers."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.activations import ACTIVATIONS, activation_named
from autorecipe.change import with_edits
from autorecipe.choices import Activation, InitializerName, Normalization, OptimizerName
from autorecipe.initializers import INITIALIZERS, initializer_for
from autorecipe.normalizations import NORMALIZATIONS, normalization_named, suits_batch
from autorecipe.optimizers import OPTIMIZERS, alike, converted_rate, optimizer_edits, optimizer_named
from autorecipe.recipe import Recipe

RECORDS = (*ACTIVATIONS, *INITIALIZERS, *NORMALIZATIONS, *OPTIMIZERS)
optimizers = st.sampled_from([o.name for o in OPTIMIZERS])


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)
def test_every_record_says_what_it_suits_and_where_it_comes_from(record):
    assert record.title
    assert len(record.suits) > 10
    assert len(record.source) > 10


@pytest.mark.parametrize(
    ("records", "names"),
    [
        (ACTIVATIONS, get_args(Activation)),
        (INITIALIZERS, set(get_args(InitializerName)) - {"auto"}),
        (NORMALIZATIONS, set(get_args(Normalization)) - {"none"}),
        (OPTIMIZERS, get_args(OptimizerName)),
    ],
)
def test_recipes_can_name_every_record_and_no_other(records, names):
    assert sorted(r.name for r in records) == sorted(names)


@pytest.mark.parametrize(
    ("activation", "initializer"),
    [("relu", "he_normal"), ("maxout", "he_normal"), ("tanh", "glorot_uniform"), ("selu", "lecun_normal")],
)
def test_each_activation_gets_the_initializer_that_fits_it(activation, initializer):
    assert initializer_for(Recipe(activation=activation)) == initializer
    assert initializer_for(Recipe(activation=activation, initializer="orthogonal")) == "orthogonal"


def test_only_relu_can_die():
    assert [a.name for a in ACTIVATIONS if a.can_die] == ["relu"]
    assert activation_named("relu").can_die


def test_batch_normalization_wants_at_least_eight_rows():
    assert suits_batch("batch", 8)
    assert not suits_batch("batch", 7)
    assert all(suits_batch(name, 1) for name in get_args(Normalization) if name != "batch")


def test_no_normalization_has_no_record():
    with pytest.raises(ValueError, match="no normalization is called 'none'"):
        normalization_named("none")


def test_adding_batch_normalization_calls_for_another_rate_test():
    assert [n.name for n in NORMALIZATIONS if n.allows_higher_rates] == ["batch"]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o.name)
def test_an_optimizer_begins_within_its_range(optimizer):
    assert 0 < optimizer.low_rate < optimizer.default_rate < optimizer.high_rate


def test_lion_takes_a_third_to_a_tenth_of_adams_rate():
    share = optimizer_named("lion").default_rate / optimizer_named("adam").default_rate
    assert 1 / 10 <= share <= 1 / 3


@settings(max_examples=50, deadline=None)
@given(before=optimizers, after=optimizers, factor=st.floats(1e-2, 1e2))
def test_a_converted_rate_lies_within_the_optimizers_range(before, after, factor):
    rate = factor * optimizer_named(before).default_rate
    found = converted_rate(rate, before=before, after=after)
    assert optimizer_named(after).low_rate <= found <= optimizer_named(after).high_rate


@settings(max_examples=50, deadline=None)
@given(before=optimizers, after=optimizers)
def test_a_default_rate_converts_to_a_default_rate(before, after):
    rate = optimizer_named(before).default_rate
    assert converted_rate(rate, before=before, after=after) == optimizer_named(after).default_rate


@settings(max_examples=50, deadline=None)
@given(after=optimizers, decay=st.floats(1e-4, 0.5), rate=st.floats(1e-4, 1e-2))
def test_a_change_of_optimizer_keeps_what_decay_does_in_a_step(after, decay, rate):
    recipe = Recipe(weight_decay=decay, learning_rate=rate)
    changed = with_edits(recipe, optimizer_edits(recipe, after))
    assert changed.optimizer == after
    assert changed.learning_rate * changed.weight_decay == pytest.approx(rate * decay, rel=0.01)


def test_a_change_of_optimizer_without_decay_edits_two_fields():
    edits = optimizer_edits(Recipe(learning_rate=2e-3), "sgd")
    assert edits == (("optimizer", "sgd"), ("learning_rate", 0.02))
    assert {name for name, _ in edits} <= {f.name for f in dataclasses.fields(Recipe)}


def test_optimizers_are_alike_when_they_take_the_same_rates():
    assert alike("nadam") == alike("adam") == ("adam", "rmsprop", "nadam")
    assert alike("lion") == ("lion",)
