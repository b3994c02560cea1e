from __future__ import annotations

import dataclasses

import pytest

from autorecipe.change import with_edits
from autorecipe.families import family_named
from autorecipe.families.family import DataSize
from autorecipe.metrics import METRICS
from autorecipe.metrics.choose import deciding_metric
from autorecipe.recipe import Recipe
from autorecipe.tuning.space import check_space

NAMES = ("realmlp", "realmlp_s")
each = pytest.mark.parametrize("name", NAMES)
BINARY = DataSize(n_train=1_000, n_features=8, n_numbers=5, task="binary", n_classes=2, metric="accuracy")
REGRESSION = dataclasses.replace(BINARY, task="regression", n_classes=0, metric="rmse")


def default(name: str, size: DataSize = BINARY, **edits) -> Recipe:
    return with_edits(Recipe(patience=7), family_named(name).defaults(dataclasses.replace(size, **edits)))


@each
def test_a_space_holds_the_defaults_of_every_size(name):
    for n_train in (100, 3_000, 10_000, 50_000, 1_000_000):
        for size in (BINARY, REGRESSION):
            for has_gpu in (False, True):
                start = default(name, size, n_train=n_train, has_gpu=has_gpu)
                check_space(family_named(name).space, start)
                assert start.family == name


def test_the_defaults_are_the_published_ones():
    recipe = default("realmlp")
    assert (recipe.width, recipe.depth, recipe.activation, recipe.learning_rate) == (256, 3, "selu", 0.04)
    assert (recipe.numeric_embedding, recipe.n_frequencies, recipe.embedding_dim) == ("pbld", 16, 4)
    assert (recipe.frequency_scale, recipe.beta_2, recipe.numeric_scaling) == (0.1, 0.95, "robust")
    assert (recipe.dropout, recipe.dropout_schedule) == (0.15, "flat_cosine")
    assert (recipe.weight_decay, recipe.decay_schedule, recipe.schedule) == (0.02, "flat_cosine", "coslog4")
    assert (recipe.scale_rate, recipe.bias_rate, recipe.embedding_rate, recipe.activation_rate) == (6, 0.1, 0.1, 0.1)
    assert (recipe.learnable_scale, recipe.clip_norm, recipe.epochs, recipe.batch_size) == (True, 0, 256, 64)
    regression = default("realmlp", REGRESSION)
    assert (regression.activation, regression.learning_rate, regression.label_smoothing) == ("mish", 0.2, 0.0)


def test_the_small_variant_has_no_embeddings_no_dropout_and_no_decay():
    recipe = default("realmlp_s")
    assert (recipe.numeric_embedding, recipe.dropout, recipe.weight_decay) == ("none", 0.0, 0.0)
    assert (recipe.learning_rate, recipe.scale_rate, recipe.bias_rate, recipe.beta_2) == (0.04, 6, 0.1, 0.95)
    assert default("realmlp_s", REGRESSION).learning_rate == 0.07


@each
def test_labels_are_not_smoothed_since_decisions_are_made_on_smooth_metrics(name):
    for metric in METRICS:
        assert deciding_metric(metric).needs != "labels"
        assert default(name, metric=deciding_metric(metric).name).label_smoothing == 0.0


@each
def test_every_epoch_is_trained_and_a_short_training_warms_up_instead_of_waving(name):
    for n_train in (500, 3_000, 30_000, 100_000, 1_000_000):
        recipe = default(name, n_train=n_train)
        assert recipe.patience == recipe.epochs
        waves = recipe.epochs >= 40
        expected = ("coslog4", 0.0) if waves else ("cosine", 0.05)
        assert (recipe.schedule, recipe.warm_up_share) == expected
    assert default(name, n_train=1_000_000, has_gpu=True).epochs == 256


@each
def test_larger_tables_take_larger_batches_and_fewer_epochs(name):
    recipes = [default(name, n_train=n) for n in (1_000, 8_000, 30_000, 100_000, 200_000)]
    assert [r.batch_size for r in recipes] == [64, 128, 256, 512, 1024]
    assert [r.epochs for r in recipes] == sorted((r.epochs for r in recipes), reverse=True)


def test_a_table_without_numbers_embeds_none():
    assert default("realmlp", n_numbers=0).numeric_embedding == "none"
