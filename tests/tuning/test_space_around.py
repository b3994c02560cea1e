from __future__ import annotations

import dataclasses
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.change import value_of, with_edits
from autorecipe.choices import Activation, FamilyName, Normalization, OptimizerName, ScheduleName
from autorecipe.effects import Knob
from autorecipe.families import family_named
from autorecipe.families.family import DataSize
from autorecipe.recipe import Recipe
from autorecipe.tuning.space import check_space, custom_knobs, knobs_at_edge, learning_rate_knob, space_around

recipes = st.builds(
    Recipe,
    width=st.integers(1, 4096),
    depth=st.integers(1, 12),
    batch_size=st.integers(1, 4096),
    dropout=st.floats(0, 0.9),
    learning_rate=st.floats(1e-7, 1.0),
    l2=st.sampled_from([0.0, 1e-5, 3e-4, 0.5]),
    weight_decay=st.sampled_from([0.0, 1e-4, 0.02, 0.9]),
    activation=st.sampled_from(get_args(Activation)),
    normalization=st.sampled_from(get_args(Normalization)),
    drop_connect=st.sampled_from([0.0, 0.1]),
    reduce_on_plateau=st.booleans(),
    optimizer=st.sampled_from(get_args(OptimizerName)),
    schedule=st.sampled_from(get_args(ScheduleName)),
    patience=st.sampled_from([0, 15, 200]),
    clip_norm=st.sampled_from([0.0, 5.0]),
    ema_decay=st.sampled_from([0.0, 0.999]),
    family=st.sampled_from(get_args(FamilyName)),
    knobs=st.just((("units", 0), ("depth", 3), ("rate", 0.3), ("scale", 8.0), ("gated", False), ("kind", "plain"))),
)
SIZE = DataSize(n_train=1_000, n_features=8, n_numbers=5, task="binary", n_classes=2)
CUSTOM = Recipe(family="custom", knobs=(("units", 64), ("rate", 0.3), ("scale", 2.0), ("gated", False), ("kind", "a")))


@settings(max_examples=50, deadline=None)
@given(
    recipe=recipes,
    n_rows=st.integers(1, 10**7),
    task=st.sampled_from(["binary", "regression"]),
    thorough=st.booleans(),
)
def test_every_space_holds_the_recipe_it_is_laid_around(recipe, n_rows, task, thorough):
    space = space_around(recipe, n_rows=n_rows, task=task, thorough=thorough)
    check_space(space, recipe)
    assert len({knob.field for knob in space}) == len(space)
    for knob in space:
        assert with_edits(recipe, ((knob.field, value_of(recipe, knob.field)),)) == recipe


def fields(recipe: Recipe, **options) -> list[str]:
    return [knob.field for knob in space_around(recipe, n_rows=1000, task="binary", **options)]


def test_augmentation_of_an_architecture_of_the_users_has_knobs_where_it_sees_images():
    own = dataclasses.replace(CUSTOM, translation=0.1)
    assert "translation" in fields(own, modality="image")
    assert "translation" not in fields(own)
    assert "knobs.units" in fields(own, modality="image")


def choices(recipe: Recipe, name: str, *, n_rows: int = 10_000, task="binary") -> tuple:
    return next(k.choices for k in space_around(recipe, n_rows=n_rows, task=task) if k.field == name)


def test_the_learning_rate_comes_first_and_spans_a_factor_of_five_either_way():
    knob = space_around(Recipe(learning_rate=1e-3), n_rows=1000, task="binary")[0]
    assert (knob.field, knob.sampling) == ("learning_rate", "log")
    assert (knob.low, knob.high) == pytest.approx((2e-4, 5e-3))


def test_the_learning_rate_stays_within_its_limits():
    knob = learning_rate_knob(Recipe(learning_rate=5e-2), factor=10)
    assert (knob.low, knob.high) == pytest.approx((5e-3, 1e-1))


def test_each_optimizer_has_rates_of_its_own():
    assert learning_rate_knob(Recipe(optimizer="sgd", learning_rate=0.5), factor=10).high == 1.0
    assert learning_rate_knob(Recipe(optimizer="lion", learning_rate=5e-6), factor=10).low == 2e-6


def test_more_time_adds_knobs_and_takes_none_away():
    few, many = fields(Recipe()), fields(Recipe(), thorough=True)
    assert many[: len(few)] == few
    assert many[len(few) :] == [
        "activation",
        "normalization",
        "schedule",
        "warm_up_share",
        "clip_norm",
        "ema_decay",
        "optimizer",
    ]


def offered(recipe: Recipe, name: str, *, n_rows: int = 10_000) -> tuple:
    space = space_around(recipe, n_rows=n_rows, task="binary", thorough=True)
    return next(k.choices for k in space if k.field == name)


def test_a_schedule_that_needs_its_end_is_searched_only_where_the_end_is_known():
    for fixed in (Recipe(epochs=40, patience=40), Recipe(patience=0)):
        assert offered(fixed, "schedule") == get_args(ScheduleName)
    assert offered(Recipe(epochs=300, patience=15), "schedule") == ("constant", "exponential", "inverse_sqrt")


def test_a_rate_that_waits_for_plateaus_gets_no_schedule_beside_it():
    assert "schedule" not in fields(Recipe(reduce_on_plateau=True), thorough=True)


def test_labels_are_smoothed_only_where_there_are_labels():
    realmlp = Recipe(family="realmlp", numeric_embedding="pbld")
    classes, numbers = (
        {knob.field for knob in space_around(realmlp, n_rows=1000, task=task)} for task in ("multiclass", "regression")
    )
    assert classes - numbers == {"label_smoothing"}


@pytest.mark.parametrize(
    ("family", "embedding", "own"),
    [
        ("realmlp", "pbld", {"frequency_scale", "embedding_rate"}),
        ("tabm_mini", "piecewise_linear", {"n_bins", "embedding_dim"}),
        ("modern_nca", "piecewise_linear", {"embedding_dim"}),
    ],
)
def test_embeddings_have_knobs_only_where_numbers_are_embedded(family, embedding, own):
    plain = with_edits(Recipe(family=family), family_named(family).defaults(SIZE))
    embedded = set(fields(with_edits(plain, (("numeric_embedding", embedding),))))
    without = set(fields(with_edits(plain, (("numeric_embedding", "none"),))))
    assert embedded - without == own


def test_every_activation_is_offered_to_layers_of_our_own():
    assert offered(Recipe(), "activation") == get_args(Activation)


def test_a_normalization_is_offered_only_where_it_works():
    assert offered(Recipe(), "normalization") == get_args(Normalization)
    assert "weight" not in offered(Recipe(drop_connect=0.1), "normalization")
    assert "batch" not in offered(Recipe(batch_size=4), "normalization")


def test_an_optimizer_may_be_exchanged_only_for_one_that_takes_the_same_rates():
    space = space_around(Recipe(), n_rows=1000, task="binary", thorough=True)
    assert space[-1].choices == ("adam", "rmsprop", "nadam")
    assert "optimizer" not in fields(Recipe(optimizer="lion", learning_rate=1e-4), thorough=True)


def test_an_architecture_of_the_users_has_its_own_knobs_in_the_place_of_sizes():
    assert fields(CUSTOM) == [
        "learning_rate",
        "batch_size",
        "knobs.units",
        "knobs.rate",
        "knobs.scale",
        "knobs.gated",
        "weight_decay",
    ]
    assert not {"activation", "normalization"} & set(fields(CUSTOM, thorough=True))


def test_whole_numbers_halve_and_double_and_others_go_to_a_fourth_and_four_times():
    knobs = {knob.field: knob for knob in custom_knobs(CUSTOM)}
    assert knobs["knobs.units"].choices == (32, 64, 128)
    assert (knobs["knobs.scale"].low, knobs["knobs.scale"].high) == (0.5, 8.0)
    assert knobs["knobs.scale"].sampling == "log"
    assert knobs["knobs.gated"].choices == (False, True)


def test_a_number_below_one_stays_below_one():
    knob = next(k for k in custom_knobs(CUSTOM) if k.field == "knobs.rate")
    assert knob.low == pytest.approx(0.075)
    assert knob.high == pytest.approx(0.65)


def test_a_knob_that_the_architecture_has_not_is_refused():
    with pytest.raises(ValueError, match=r"'knobs.unit', which is no field"):
        check_space((Knob(field="knobs.unit", choices=(1,)),), CUSTOM)


def test_the_penalty_is_the_one_that_the_recipe_has_and_else_weight_decay():
    assert fields(Recipe())[-1] == "weight_decay"
    assert fields(Recipe(l2=1e-4))[-1] == "l2"
    assert fields(Recipe(weight_decay=0.02, l2=1e-4))[-2:] == ["weight_decay", "l2"]


def test_a_penalty_that_is_on_may_be_switched_off_or_move_a_decade():
    assert choices(Recipe(l2=1e-4), "l2") == (0.0, 1e-5, 1e-4, 1e-3)
    assert choices(Recipe(), "weight_decay") == (0.0, 0.02, 0.1)


def test_small_tables_get_no_large_batches():
    assert choices(Recipe(batch_size=128), "batch_size") == (64, 128, 256)
    assert choices(Recipe(batch_size=32), "batch_size", n_rows=300) == (16, 32)
    assert choices(Recipe(batch_size=512), "batch_size", n_rows=200_000) == (256, 512, 1024)


def test_regression_may_grow_further():
    assert choices(Recipe(width=64), "width") == (32, 64, 128)
    assert choices(Recipe(width=64), "width", task="regression") == (32, 64, 128, 256)


def test_depth_goes_one_step_either_way_but_never_below_one():
    assert choices(Recipe(depth=1), "depth") == (1, 2)
    assert choices(Recipe(depth=3), "depth") == (2, 3, 4)


@pytest.mark.parametrize(("rate", "edges"), [(2.1e-4, ("learning_rate",)), (1e-3, ()), (4.9e-3, ("learning_rate",))])
def test_a_learning_rate_near_an_end_of_its_range_is_at_the_edge(rate, edges):
    space = space_around(Recipe(learning_rate=1e-3), n_rows=1000, task="binary")
    assert knobs_at_edge(space, Recipe(learning_rate=rate)) == edges


def test_no_dropout_is_no_edge_since_there_is_nothing_below():
    space = space_around(Recipe(dropout=0.1), n_rows=1000, task="binary")
    assert knobs_at_edge(space, Recipe(dropout=0.0)) == ()
    assert knobs_at_edge(space, Recipe(dropout=0.3)) == ("dropout",)


def test_choices_have_no_edge():
    assert knobs_at_edge((Knob(field="width", choices=(32, 64)),), Recipe(width=64)) == ()
