"""What convolutional families start with: sizes that fit the image, the device and the time."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.change import with_edits
from autorecipe.families import FAMILIES, family_named
from autorecipe.families.family import DataSize
from autorecipe.families.images import (
    CPU_WORK_PER_S,
    FEWEST_EPOCHS,
    LIMIT_SHARE,
    MAX_CHANNELS,
    n_stages,
    stage_channels,
    stem_stride,
)
from autorecipe.recipe import Recipe

CONVOLUTIONAL = [family for family in FAMILIES if family.modality == "image" and family.name != "pretrained"]
FASHION = DataSize(
    n_train=8_000, n_features=1, n_numbers=0, task="multiclass", n_classes=10, time_limit_s=300.0, image=(28, 28, 1)
)
each = pytest.mark.parametrize("family", CONVOLUTIONAL, ids=lambda f: f.name)


def default_recipe(family, **changes) -> Recipe:
    return with_edits(Recipe(family=family.name), family.defaults(dataclasses.replace(FASHION, **changes)))


def seconds(family, recipe: Recipe, data: DataSize) -> float:
    return family.work(recipe, data.image) * data.n_train * recipe.epochs * data.n_folds / CPU_WORK_PER_S


def test_there_are_ten_convolutional_families_and_the_smallest_comes_first():
    assert len(CONVOLUTIONAL) == 10
    assert CONVOLUTIONAL[0].name == "convnet"
    works = {f.name: f.work(default_recipe(f, time_limit_s=3600.0), (28, 28, 1)) for f in CONVOLUTIONAL}
    assert min(works, key=lambda name: works[name]) == "convnet"


@each
@settings(max_examples=50, deadline=None)
@given(st.integers(50, 60_000), st.sampled_from([60.0, 300.0, 900.0, 3_600.0]), st.sampled_from([1, 5]))
def test_a_training_takes_an_eighth_of_the_limit_or_the_fewest_epochs(family, n_train, limit_s, n_folds):
    data = dataclasses.replace(FASHION, n_train=n_train, time_limit_s=limit_s, n_folds=n_folds)
    recipe = with_edits(Recipe(family=family.name), family.defaults(data))
    assert recipe.epochs == FEWEST_EPOCHS or seconds(family, recipe, data) <= LIMIT_SHARE * limit_s


@each
def test_more_time_never_makes_a_network_smaller_or_its_training_shorter_for_its_size(family):
    recipes = [default_recipe(family, time_limit_s=limit_s) for limit_s in (60.0, 300.0, 900.0, 3_600.0)]
    widths = [recipe.width for recipe in recipes]
    assert widths == sorted(widths)
    for before, after in itertools.pairwise(recipes):
        assert after.width > before.width or after.epochs >= before.epochs


@each
def test_a_training_ends_with_its_schedule(family):
    recipe = default_recipe(family)
    assert recipe.patience == recipe.epochs
    assert recipe.schedule in ("cosine", "linear")
    assert recipe.normalization == "batch"


@each
def test_what_tables_alone_have_is_ignored(family):
    assert {"numeric_embedding", "linear_path", "n_members", "drop_connect", "funnel"} <= set(family.ignores)
    assert not {"width", "depth", "n_blocks", "activation", "normalization", "dropout"} & set(family.ignores)


@each
def test_no_convolutional_family_is_offered_for_tables(family):
    assert not family.offered(dataclasses.replace(FASHION, image=()))
    assert family.offered(FASHION)


@pytest.mark.parametrize("is_photo", [False, True])
def test_the_fast_net_is_for_small_images_or_no_photos(is_photo):
    offered = family_named("fast_convnet").offered
    assert offered(dataclasses.replace(FASHION, is_photo=is_photo))
    assert offered(dataclasses.replace(FASHION, image=(160, 160, 3), is_photo=is_photo)) == (not is_photo)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 600), st.integers(1, 600))
def test_stages_leave_a_handful_of_pixels_a_side(height, width):
    image = (height, width, 3)
    stages = n_stages(image)
    assert 2 <= stages <= 5
    assert max(height, width) / stem_stride(image) / 2 ** (stages - 1) <= 14


def test_channels_double_up_to_a_bound():
    assert stage_channels(Recipe(width=64, depth=5)) == (64, 128, 256, 512, 512)
    assert max(stage_channels(Recipe(width=1024, depth=2))) == 1024 > MAX_CHANNELS
