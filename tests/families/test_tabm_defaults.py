"""What TabM, TabM-mini and the dense net with embedded numbers start with."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.change import with_edits
from autorecipe.families import family_named
from autorecipe.families.family import DataSize
from autorecipe.recipe import Recipe
from autorecipe.tuning.space import check_space

NAMES = ("tabm", "tabm_mini", "mlp")
MEMBERS = ("tabm", "tabm_mini")
SIZES = st.builds(
    DataSize,
    n_train=st.integers(10, 2_000_000),
    n_features=st.integers(1, 500),
    n_numbers=st.integers(0, 500),
    task=st.just("multiclass"),
    n_classes=st.integers(3, 100),
    has_gpu=st.booleans(),
)
LAW = settings(max_examples=50, deadline=None)


def size(n_train: int, *, n_numbers: int = 8, has_gpu: bool = False) -> DataSize:
    return DataSize(n_train=n_train, n_features=10, n_numbers=n_numbers, task="binary", n_classes=2, has_gpu=has_gpu)


def default_recipe(name: str, of: DataSize) -> Recipe:
    return with_edits(Recipe(family=name), family_named(name).defaults(of))


@pytest.mark.parametrize("name", MEMBERS)
def test_on_a_gpu_the_defaults_are_the_published_ones(name):
    recipe = default_recipe(name, size(10_000, has_gpu=True))
    assert recipe.family == name
    published = {
        "n_members": 32,
        "width": 512,
        "depth": 2,
        "dropout": 0.1,
        "learning_rate": 2e-3,
        "weight_decay": 3e-4,
        "clip_norm": 1.0,
        "schedule": "constant",
        "patience": 16,
        "numeric_scaling": "quantile",
        "numeric_embedding": "piecewise_linear",
        "n_bins": 48,
        "embedding_dim": 16,
        "batch_size": 256,
    }
    assert {field: getattr(recipe, field) for field in published} == published


@pytest.mark.parametrize(
    ("n_train", "batch"), [(2_799, 32), (2_800, 64), (4_500, 128), (6_400, 256), (32_000, 512), (10**6, 512)]
)
def test_batches_on_a_gpu_follow_the_published_table(n_train, batch):
    assert default_recipe("tabm_mini", size(n_train, has_gpu=True)).batch_size == batch


@pytest.mark.parametrize("name", MEMBERS)
def test_a_table_without_numbers_gets_three_blocks_and_no_embeddings(name):
    recipe = default_recipe(name, size(10_000, n_numbers=0, has_gpu=True))
    assert (recipe.depth, recipe.numeric_embedding) == (3, "none")


@pytest.mark.parametrize("name", NAMES)
@LAW
@given(of=SIZES)
def test_the_space_holds_the_defaults_of_every_size(name, of):
    recipe = default_recipe(name, of)
    check_space(family_named(name).space, recipe)


@pytest.mark.parametrize("name", NAMES)
@LAW
@given(of=SIZES)
def test_a_schedule_with_an_end_has_epochs_that_can_be_afforded(name, of):
    recipe = default_recipe(name, of)
    assert recipe.schedule == "constant" or recipe.epochs <= 100
    assert recipe.batch_size <= max(32, of.n_train)


@pytest.mark.parametrize("name", MEMBERS)
def test_more_rows_never_make_a_network_on_a_cpu_wider_or_train_longer(name):
    recipes = [default_recipe(name, size(n)) for n in (500, 1_000, 6_000, 15_000, 40_000, 500_000)]
    for before, after in pairwise(recipes):
        assert after.width <= before.width
        assert after.epochs <= before.epochs
        assert after.batch_size >= before.batch_size


@pytest.mark.parametrize("name", MEMBERS)
def test_fields_that_blocks_do_not_read_are_named(name):
    assert {"normalization", "activation", "funnel", "linear_path"} <= set(family_named(name).ignores)
    assert {field.name for field in dataclasses.fields(Recipe)} >= set(family_named(name).ignores)


def test_without_a_time_limit_the_epochs_are_those_of_its_size():
    free = dataclasses.replace(size(20_000), time_limit_s=float("inf"))
    short = dataclasses.replace(size(20_000), time_limit_s=20.0)
    assert default_recipe("tabm_mini", free).epochs > default_recipe("tabm_mini", short).epochs
