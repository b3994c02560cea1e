"""Edits of a recipe, as a person writes them."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.change import value_of
from autorecipe.edits import IMAGE_FIELDS, NOT_EDITED, change_of, known_field, read_edits
from autorecipe.errors import UserError
from autorecipe.recipe import Recipe
from autorecipe.testing import make_run, with_images

OWN = Recipe(family="custom", architecture="nets:build", width=0, depth=0, knobs=(("width", 8), ("gated", False)))
FIELDS = [f.name for f in dataclasses.fields(Recipe) if f.name not in (*NOT_EDITED, *IMAGE_FIELDS)]
CONVNET = Recipe(family="convnet", width=16, depth=3)


def changed(*words, recipe=None, task="binary"):
    recipe = recipe or Recipe()
    return change_of(read_edits(words, recipe), recipe, make_run(task=task))


def test_values_are_read_by_the_type_of_their_field():
    words = ("width=256", "dropout=0.3", "funnel=yes", "activation=gelu", "learning-rate=1e-2", "l2=1")
    assert changed(*words).edits == (
        ("width", 256),
        ("dropout", 0.3),
        ("funnel", True),
        ("activation", "gelu"),
        ("learning_rate", 0.01),
        ("l2", 1.0),
    )


def test_the_title_says_what_becomes_what():
    assert changed("width=256", "dropout=0.3").title == "width 64 -> 256, dropout 0.0 -> 0.3"
    assert changed("width=9", recipe=OWN).title == "knob width 8 -> 9"


def test_a_knob_is_named_with_or_without_its_prefix():
    assert changed("knobs.width=16", recipe=OWN).edits == changed("width=16", recipe=OWN).edits
    assert changed("gated=true", recipe=OWN).edits == (("knobs.gated", True),)


def test_what_stays_the_same_is_left_out_of_the_change():
    assert changed("width=64", "depth=3").edits == (("depth", 3),)


@settings(max_examples=50, deadline=None)
@given(field=st.sampled_from(FIELDS))
def test_every_field_takes_its_own_value_back(field):
    recipe = Recipe()
    assert read_edits((f"{field}={value_of(recipe, field)}",), recipe) == ((field, value_of(recipe, field)),)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("width", "'width' is not FIELD=VALUE"),
        ("=3", "is not FIELD=VALUE"),
        ("width=", "is not FIELD=VALUE"),
        ("widht=3", "a recipe has no field 'widht'(.|\n)*did you mean 'width'"),
        ("width=big", "width=big cannot be: expected a whole number at least 1"),
        ("width=2.5", "expected a whole number"),
        ("width=0", "width=0 cannot be: expected a whole number at least 1"),
        ("dropout=1", "expected a number at least 0 and below 1"),
        ("dropout=nan", "expected a number at least 0 and below 1"),
        ("learning_rate=0", "expected a number more than 0"),
        ("row_share=1.5", "more than 0 and at most 1"),
        ("max_norm=-1", "at least 0"),
        ("l2=inf", "at least 0"),
        ("funnel=maybe", "expected true or false"),
        ("activation=rellu", "did you mean 'relu'"),
        ("loss=mse", "one of: cross_entropy, focal, hinge"),
        ("family=custom", "one of: linear, mlp, residual_mlp, realmlp"),
        ("seed=3", "'seed' is not for an idea to change"),
        ("knobs=3", "'knobs' is not for an idea to change"),
        ("width=64", "the recipe has width 64 already"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(word, message):
    with pytest.raises(UserError, match=message):
        changed(word)


@pytest.mark.parametrize("field", IMAGE_FIELDS)
def test_a_net_for_tables_has_no_field_of_images(field):
    with pytest.raises(UserError, match=f"'{field}' is not for an idea to change"):
        read_edits((f"{field}=1",), Recipe())


def test_a_net_for_images_is_changed_by_their_fields():
    words = ("n_blocks=2", "flip-horizontal=0.5", "translation=0.1", "test_time=mirror", "pooling=average")
    edits = dict(read_edits(words, CONVNET))
    assert edits == {
        "n_blocks": 2,
        "flip_horizontal": 0.5,
        "translation": 0.1,
        "test_time": "mirror",
        "pooling": "average",
    }


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("translation=0.5", "at least 0 and below 0.5"),
        ("flip_vertical=0.6", "from 0 to 0.5"),
        ("rand_augment=11", "from 0 to 10"),
        ("n_blocks=0", "at least 1"),
        ("test_time=always", "one of: none, mirror, mirror_and_shifts"),
        ("numeric_scaling=quantile", "'numeric_scaling' is not for an idea to change"),
        ("family=convnet", "one of: linear, mlp"),
    ],
)
def test_what_an_image_cannot_bear_is_refused(word, message):
    with pytest.raises(UserError, match=message):
        changed(word, recipe=CONVNET)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("depth=3", "'depth' is not for an idea to change(.|\n)*change a knob: knobs.width=..."),
        ("dropout=0.1", "'dropout' is not for an idea to change"),
        ("widht=3", "did you mean 'width'"),
        ("knobs.widht=3", "did you mean 'width'"),
        ("knobs.width=wide", "knobs.width=wide cannot be: expected a whole number"),
    ],
)
def test_the_layers_of_an_own_architecture_are_changed_by_its_knobs(word, message):
    with pytest.raises(UserError, match=message):
        changed(word, recipe=OWN)


def test_a_loss_goes_with_the_target():
    assert changed("loss=huber", recipe=Recipe(loss="mse"), task="regression").edits == (("loss", "huber"),)


def test_values_of_python_are_checked_too():
    run = make_run()
    assert change_of((("l2", 1),), Recipe(), run).edits == (("l2", 1.0),)
    with pytest.raises(UserError, match=r"width=3\.5 cannot be: expected a whole number"):
        change_of((("width", 3.5),), Recipe(), run)
    with pytest.raises(UserError, match="width=True cannot be"):
        change_of((("width", True),), Recipe(), run)
    with pytest.raises(UserError, match="'width' is named twice"):
        change_of((("width", 3), ("width", 4)), Recipe(), run)
    with pytest.raises(UserError, match="no change was named"):
        change_of((), Recipe(), run)


def test_an_architecture_of_the_users_takes_augmentation_where_it_sees_images():
    run = with_images(make_run(task="multiclass"))
    edits = read_edits(("flip_horizontal=0.5", "test_time=mirror"), OWN, modality="image")
    assert change_of(edits, OWN, run).edits == (("flip_horizontal", 0.5), ("test_time", "mirror"))
    with pytest.raises(UserError, match="'flip_horizontal' is not for an idea to change"):
        read_edits(("flip_horizontal=0.5",), OWN)
    for field in ("pooling", "manifold_mixup", "linear_path", "input_noise"):
        with pytest.raises(UserError, match=f"'{field}' is not for an idea to change"):
            known_field(field, OWN, modality="image")


def test_a_field_may_be_written_with_hyphens():
    assert known_field("batch-size", Recipe()) == "batch_size"
