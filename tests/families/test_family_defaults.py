"""What each family asks for by default, on data of every size, and what the tuner may search around it."""

from __future__ import annotations

import dataclasses
from itertools import product
from typing import get_args

import pytest

from autorecipe.change import with_edits
from autorecipe.config import Task
from autorecipe.families import FAMILIES, family_named
from autorecipe.families.family import DataSize, batch_size_for
from autorecipe.optimizers import optimizer_named
from autorecipe.recipe import Recipe
from autorecipe.recipe_yaml import from_yaml, to_yaml
from autorecipe.tuning.space import check_space

OWN = [family for family in FAMILIES if family.name != "custom"]
ROWS = (100, 700, 3_000, 20_000, 100_000, 1_000_000)
METRICS = {"regression": "rmse", "binary": "roc_auc", "multiclass": "accuracy"}
each = pytest.mark.parametrize("family", OWN, ids=lambda f: f.name)


def size(n_train: int = 1_000, task: Task = "binary", *, has_gpu: bool = False, n_numbers: int = 6) -> DataSize:
    n_classes = {"regression": 0, "binary": 2, "multiclass": 7}[task]
    return DataSize(
        n_train=n_train,
        n_features=10,
        n_numbers=n_numbers,
        task=task,
        n_classes=n_classes,
        metric=METRICS[task],
        has_gpu=has_gpu,
    )


SIZES = [size(n, task, has_gpu=gpu) for n, task, gpu in product(ROWS, get_args(Task), (False, True))]
IMAGES = ((8, 8, 1), (28, 28, 1), (32, 32, 3), (96, 64, 3), (160, 160, 3))
IMAGE_SIZES = [dataclasses.replace(data, image=i, is_photo=i[2] > 1) for data, i in product(SIZES, IMAGES)]


def sizes_for(family) -> list[DataSize]:
    """Data of every size of the family's own kind."""
    return IMAGE_SIZES if family.modality == "image" else SIZES


def default_recipe(family, size: DataSize) -> Recipe:
    plain = Recipe(loss="mse" if size.task == "regression" else "cross_entropy", family=family.name)
    return with_edits(plain, family.defaults(size))


def is_share(value: float) -> bool:
    return 0 <= value < 1


@each
def test_defaults_are_a_recipe_of_that_family_on_data_of_every_size(family):
    for data in sizes_for(family):
        recipe = default_recipe(family, data)
        assert recipe.family == family.name
        assert from_yaml(to_yaml(recipe)) == recipe  # every value is of its field's type
        counts = (recipe.batch_size, recipe.epochs, recipe.n_members, recipe.n_bins, recipe.embedding_dim)
        assert min(counts) >= 1
        assert min(recipe.patience, recipe.weight_decay, recipe.clip_norm) >= 0
        assert all(is_share(v) for v in (recipe.dropout, recipe.label_smoothing, recipe.warm_up_share, recipe.beta_2))
        assert recipe.width >= (1 if family.max_width else 0)
        assert recipe.depth >= (1 if family.max_depth else 0)


@each
def test_defaults_edit_no_field_that_the_network_does_not_read(family):
    for data in sizes_for(family):
        default, plain = default_recipe(family, data), Recipe(family=family.name)
        for field in set(family.ignores) - {"width", "depth"}:
            assert getattr(default, field) == getattr(plain, field), field


@each
def test_defaults_stay_within_what_the_record_and_the_optimizer_bear(family):
    for data in sizes_for(family):
        recipe = default_recipe(family, data)
        if family.max_width:
            assert recipe.width <= family.max_width
            assert recipe.depth <= family.max_depth
        optimizer = optimizer_named(recipe.optimizer)
        # a scheduled rate may begin above what is searched around a plain net: RealMLP's 0.2
        assert optimizer.low_rate <= recipe.learning_rate <= 2 * optimizer.high_rate


@each
def test_a_space_holds_the_defaults_of_every_size(family):
    for data in sizes_for(family):
        check_space(family.space, default_recipe(family, data))


@each
def test_a_space_names_a_field_once_and_none_that_is_not_read(family):
    names = [knob.field for knob in family.space]
    assert len(names) == len(set(names))
    assert not set(names) & set(family.ignores)
    for knob in family.space:
        assert knob.choices or knob.low < knob.high
        assert knob.sampling == "linear" or knob.low > 0


@each
def test_a_family_says_whether_it_is_worth_trying(family):
    said = [family.offered(data) for data in sizes_for(family)]
    assert all(isinstance(value, bool) for value in said)
    assert any(said)


@each
def test_a_family_says_what_data_it_suits(family):
    assert len(family.suits) > 10


@each
def test_ignored_fields_are_fields_of_a_recipe(family):
    assert set(family.ignores) <= {field.name for field in dataclasses.fields(Recipe)}


def test_the_published_transformer_is_the_default_on_a_gpu():
    recipe = default_recipe(family_named("ft_transformer"), size(has_gpu=True))
    assert (recipe.width, recipe.depth, recipe.n_heads) == (192, 3, 8)
    assert (recipe.learning_rate, recipe.weight_decay, recipe.dropout) == (1e-4, 1e-5, 0.2)
    assert (recipe.optimizer_title, recipe.patience) == ("AdamW", 16)


@pytest.mark.parametrize("has_gpu", [False, True])
def test_heads_divide_every_width_of_the_transformer(has_gpu):
    family = family_named("ft_transformer")
    recipe = default_recipe(family, size(has_gpu=has_gpu))
    (widths,) = (knob.choices for knob in family.space if knob.field == "width")
    assert not [width for width in (recipe.width, *widths) if width % recipe.n_heads]


def test_the_transformer_is_offered_on_a_gpu_or_for_few_rows():
    offered = family_named("ft_transformer").offered
    assert offered(size(3_000))
    assert not offered(size(3_001))
    assert offered(size(50_000, has_gpu=True))


def test_crosses_are_offered_where_there_are_categories():
    offered = family_named("dcn").offered
    assert offered(size(n_numbers=9))
    assert not offered(size(n_numbers=10))


def test_the_published_residual_net_is_the_default_on_a_gpu():
    recipe = default_recipe(family_named("residual_mlp"), size(has_gpu=True))
    assert (recipe.width, recipe.depth, recipe.dropout, recipe.learning_rate) == (344, 7, 0.45, 1.3e-4)
    assert recipe.normalization == "batch"


@pytest.mark.parametrize(("n_train", "batch"), [(100, 64), (1_024, 64), (1_025, 128), (30_000, 256), (10**6, 1024)])
def test_batches_grow_with_the_rows(n_train, batch):
    assert batch_size_for(n_train) == batch
