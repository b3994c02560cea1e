from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import pytest

import autorecipe.regularizers
from autorecipe.change import Change
from autorecipe.families import family_named
from autorecipe.recipe import Recipe
from autorecipe.record.finding import Finding
from autorecipe.record.profile import Profile
from autorecipe.record.run import Run, SplitSummary
from autorecipe.regularizers import REGULARIZERS, regularizers_for
from autorecipe.regularizers.regularizer import LEVELS, Regularizer, Strength, sees_images
from autorecipe.report.text_decisions import MAX_TITLE
from autorecipe.testing import make_run, with_images

FIELDS = {field.name for field in dataclasses.fields(Recipe)}
STRONGER_BELOW = ("max_norm",)  # a tighter bound is a smaller number
each = pytest.mark.parametrize("regularizer", REGULARIZERS, ids=lambda r: r.name)
each_strength = pytest.mark.parametrize(
    "strength", [s for r in REGULARIZERS for s in r.strengths], ids=lambda s: s.title
)


def named(name: str) -> Regularizer:
    return next(r for r in REGULARIZERS if r.name == name)


def outliers_in_the_target(run: Run) -> Run:
    finding = Finding(code="D033", severity="info", title="target quality", message="outliers")
    return dataclasses.replace(run, profile=Profile(n_rows=1, columns=(), outcomes=(), findings=(finding,)))


def test_every_file_is_listed():
    modules = pkgutil.iter_modules(autorecipe.regularizers.__path__)
    files = {module.name for module in modules} - {"regularizer"}
    listed = {r.name: importlib.import_module(f"autorecipe.regularizers.{r.name}").REGULARIZER for r in REGULARIZERS}
    assert set(listed) == files
    assert tuple(listed.values()) == REGULARIZERS


@each
def test_every_record_says_where_it_comes_from(regularizer):
    assert len(regularizer.source) > 10
    assert regularizer.title
    assert regularizer.evidence == "" or "arXiv" in regularizer.evidence


@each
def test_strengths_go_from_mild_to_strong(regularizer):
    levels = [LEVELS.index(s.level) for s in regularizer.strengths]
    assert levels == sorted(levels)
    assert levels
    by_field = [dict(s.edits) for s in regularizer.strengths]
    fields = {field for edits in by_field for field in edits if isinstance(edits[field], float)}
    for field in fields:
        values = [edits[field] for edits in by_field]
        assert values == sorted(set(values), reverse=field in STRONGER_BELOW)


@each_strength
def test_every_strength_edits_fields_that_recipes_have(strength: Strength):
    assert {field for field, _ in strength.edits} <= FIELDS
    edited = Change(edits=strength.edits, title=strength.title).apply(Recipe())
    assert edited != Recipe()
    assert all(getattr(edited, field) == value for field, value in strength.edits)
    assert all(type(value) is type(getattr(Recipe(), field)) for field, value in strength.edits)


def test_titles_are_unique():
    titles = [s.title for r in REGULARIZERS for s in r.strengths]
    assert len(titles) == len(set(titles))


@each
def test_only_light_strengths_lean_on_evidence(regularizer):
    if regularizer.evidence:
        assert regularizer.strengths[0].level == "light"


def rows(n_train: int, **edits) -> Run:
    run = make_run(**edits)
    return dataclasses.replace(run, split=dataclasses.replace(run.split, n_train=n_train))


def test_the_order_is_that_of_small_tables():
    names = [r.name for r in regularizers_for("table")]
    assert names[:4] == ["dropout", "falling_rate", "weight_decay", "input_l1"]
    assert names[-1] == "sam"
    assert not {r.name for r in regularizers_for("table") if r.suits is sees_images}


def test_images_get_augmentation_then_decay_then_mixtures_and_dropout_late():
    names = [r.name for r in regularizers_for("image")]
    order = [
        "flip_horizontal",
        "translation",
        "cutout",
        "rotation",
        "weight_decay",
        "cutmix",
        "mixup",
        "dropout",
        "sam",
    ]
    assert [name for name in names if name in order] == order
    assert not {"input_l1", "input_noise", "drop_connect"} & set(names)  # they act on a table's numbers and layers
    assert set(regularizers_for("image")) | set(regularizers_for("table")) == set(REGULARIZERS)


def photos(n_channels: int = 3) -> Run:
    return with_images(make_run(), n_channels=n_channels)


CONVNET = Recipe(family="convnet", depth=3)
AUGMENTING = ("flip_horizontal", "rotation", "contrast", "hue", "cutout", "cutmix", "manifold_mixup", "rand_augment")


@pytest.mark.parametrize("name", [*AUGMENTING, "fractional_pooling"])
def test_images_are_changed_where_a_network_sees_them_in_every_step(name):
    regularizer = named(name)
    assert regularizer.suits(CONVNET, photos())
    assert not regularizer.suits(Recipe(), make_run())
    frozen = Recipe(family="pretrained", backbone="small")
    assert not regularizer.suits(frozen, photos())
    assert regularizer.suits(dataclasses.replace(frozen, n_unfrozen=2), photos())


@pytest.mark.parametrize("name", ["saturation", "hue"])
def test_grey_images_have_no_colours_to_change(name):
    assert named(name).suits(CONVNET, photos(3))
    assert not named(name).suits(CONVNET, photos(1))


def test_pooling_becomes_fractional_once():
    assert not named("fractional_pooling").suits(dataclasses.replace(CONVNET, pooling="fractional"), photos())


def test_skipping_blocks_is_for_networks_with_a_way_around_them():
    depth = named("stochastic_depth")
    assert depth.suits(Recipe(family="wide_residual", depth=3), photos())
    assert not depth.suits(CONVNET, photos())


def test_a_line_of_a_report_has_room_for_every_title():
    own = [r for r in REGULARIZERS if r not in regularizers_for("table")]
    assert [s.title for r in own for s in r.strengths if len(s.title) > MAX_TITLE] == []


@each
def test_presets_that_take_longer_offer_no_less(regularizer):
    n_presets = len(regularizer.presets)
    assert regularizer.presets == ("quick", "standard", "thorough")[3 - n_presets :]
    assert n_presets


def test_the_quick_preset_offers_what_has_published_evidence_alone():
    quick = [r for r in REGULARIZERS if "quick" in r.presets]
    assert [r.name for r in quick if r.evidence_for == "table"] == ["dropout", "falling_rate"]
    assert [r.name for r in quick if r.evidence_for == "image"] == ["flip_horizontal", "translation"]
    assert all(r.evidence for r in quick)


@pytest.mark.parametrize("name", ["dropout", "activation_noise", "drop_connect", "stochastic_depth", "smaller_net"])
def test_what_lies_between_hidden_layers_is_not_offered_to_an_architecture_of_the_users(name):
    recipe = Recipe(family="residual_mlp", width=128, depth=3)
    assert named(name).suits(recipe, rows(500))
    assert not named(name).suits(dataclasses.replace(recipe, family="custom"), rows(500))


@pytest.mark.parametrize("name", ["falling_rate", "weight_decay", "l2", "mixup", "input_noise", "ema"])
def test_what_any_network_can_bear_is_offered_to_an_architecture_of_the_users_too(name):
    assert named(name).suits(Recipe(family="custom"), rows(500))


def test_mixup_is_not_offered_to_a_head_on_a_frozen_backbone():
    head = Recipe(family="pretrained", backbone="mobilenet_v3_small")
    assert not named("mixup").suits(head, rows(500))
    assert named("mixup").suits(dataclasses.replace(head, n_unfrozen=1), rows(500))
    assert named("mixup").suits(Recipe(family="convnet"), rows(500))


@pytest.mark.parametrize("name", ["fractional_pooling", "manifold_mixup"])
def test_what_an_architecture_of_the_users_does_not_read_is_not_offered_to_it(name):
    ignored = family_named("custom").ignores
    assert all(field in ignored for strength in named(name).strengths for field, _ in strength.edits)


def test_columns_may_be_let_go_where_they_are_many_for_the_rows():
    n_columns = len(make_run().schema.features)
    assert named("input_l1").suits(Recipe(), rows(20 * n_columns))
    assert not named("input_l1").suits(Recipe(), rows(100 * n_columns))


def test_stochastic_depth_is_for_two_residual_blocks_and_more():
    depth = named("stochastic_depth")
    assert not depth.suits(Recipe(depth=3), make_run())
    assert not depth.suits(Recipe(family="residual_mlp", depth=1), make_run())


def test_drop_connect_stands_in_for_dropout():
    connect = named("drop_connect")
    assert connect.suits(Recipe(), make_run())
    assert not connect.suits(Recipe(dropout=0.1), make_run())
    assert not connect.suits(Recipe(normalization="weight"), make_run())


def test_an_elastic_net_never_lowers_a_penalty_that_was_kept():
    net, lasso = named("elastic_net"), named("l1")
    recipe = Recipe()
    for strength in net.strengths:
        assert net.suits(recipe, make_run())
        recipe = Change(edits=strength.edits, title="").apply(recipe)
    assert not net.suits(Recipe(l2=1e-3), make_run())
    assert not lasso.suits(Recipe(l2=1e-3), make_run())


def test_the_costly_ones_are_for_few_rows():
    assert named("sam").suits(Recipe(), rows(5_000))
    assert not named("sam").suits(Recipe(), rows(50_000))
    assert named("smaller_batch").suits(Recipe(batch_size=128), rows(5_000))
    assert not named("smaller_batch").suits(Recipe(batch_size=128), rows(50_000))
    assert not named("smaller_batch").suits(Recipe(batch_size=32), rows(5_000))


def test_a_falling_rate_begins_with_a_warm_up():
    assert dict(named("falling_rate").strengths[0].edits)["warm_up_share"] == 0.05


def test_a_hinge_loss_has_no_labels_to_smooth():
    run = dataclasses.replace(make_run(), metric="accuracy")
    assert not named("label_smoothing").suits(Recipe(loss="hinge"), run)


def test_label_smoothing_is_offered_only_where_labels_are_scored():
    smoothing = named("label_smoothing")
    run = make_run()
    assert not smoothing.suits(Recipe(), run)
    assert not smoothing.suits(Recipe(), make_run(task="multiclass"))
    assert smoothing.suits(Recipe(), dataclasses.replace(run, metric="accuracy"))
    assert not smoothing.suits(Recipe(), make_run(task="regression"))


def test_the_huber_loss_is_offered_when_the_target_has_outliers():
    huber = named("huber_loss")
    run = outliers_in_the_target(make_run(task="regression"))
    assert huber.suits(Recipe(loss="mse"), run)
    assert not huber.suits(Recipe(loss="mae"), run)
    assert not huber.suits(Recipe(loss="mse"), make_run(task="regression"))
    assert not huber.suits(Recipe(), outliers_in_the_target(make_run()))
    (finding,) = run.profile.findings
    masked = dataclasses.replace(finding, message="rows without a target", action="mask")
    profile = dataclasses.replace(run.profile, findings=(masked,))
    assert not huber.suits(Recipe(loss="mse"), dataclasses.replace(run, profile=profile))


def test_a_falling_rate_is_not_halved_on_plateaus_too():
    cosine = named("falling_rate")
    assert cosine.suits(Recipe(), make_run())
    recipe = Change(edits=cosine.strengths[0].edits, title="").apply(Recipe(reduce_on_plateau=True))
    assert not recipe.reduce_on_plateau
    assert not cosine.suits(recipe, make_run())
    assert not named("reduce_on_plateau").suits(recipe, make_run())


def test_a_smaller_net_is_offered_for_few_rows_and_wide_nets():
    smaller = named("smaller_net")
    many = SplitSummary(scheme="holdout", n_train=50_000, n_validation=9_000, n_test=0, n_folds=1, reason="")
    assert smaller.suits(Recipe(width=64), make_run(n_rows=500))
    assert not smaller.suits(Recipe(width=32), make_run(n_rows=500))
    assert not smaller.suits(Recipe(width=64), dataclasses.replace(make_run(), split=many))


def test_strong_dropout_gets_a_longer_patience_where_it_was_shorter():
    strong = named("dropout").strengths[-1]
    after = {n: Change(edits=strong.edits_of(Recipe(patience=n)), title="").apply(Recipe(patience=n)) for n in (15, 40)}
    assert {n: recipe.patience for n, recipe in after.items()} == {15: 20, 40: 40}
    assert {recipe.dropout for recipe in after.values()} == {0.6}


def test_a_training_of_fixed_length_gets_no_patience_with_strong_dropout():
    assert named("dropout").strengths[-1].edits_of(Recipe(patience=0)) == (("dropout", 0.6),)


def test_weaker_dropout_leaves_the_patience_alone():
    assert all(s.edits_of(Recipe()) == s.edits for s in named("dropout").strengths[:-1])


def test_the_strongest_penalty_is_for_the_thorough_preset_and_after_a_milder_strong_one():
    *milder, strongest = named("l2").strengths
    assert (strongest.edits, strongest.level, strongest.presets) == ((("l2", 0.05),), "strong", ("thorough",))
    assert (milder[-1].edits, milder[-1].level) == ((("l2", 0.01),), "strong")
    assert all("standard" in strength.presets for strength in milder)
