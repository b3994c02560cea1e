"""Each family alone: it trains, memorises a few rows, and comes back from a file as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from autorecipe.change import with_edits
from autorecipe.choices import FamilyName
from autorecipe.data.folds import Fold
from autorecipe.errors import UserError
from autorecipe.families import FAMILIES, family_named
from autorecipe.families.family import DataSize
from autorecipe.recipe import Recipe

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from small_data import recipe_for, small_data, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.training.build import build_network  # noqa: E402
from autorecipe.training.dataset import shape_of  # noqa: E402
from autorecipe.training.first_weights import reinitialize  # noqa: E402
from autorecipe.training.graph import TrainingGraph, strengths  # noqa: E402
from autorecipe.training.loop import Rows  # noqa: E402
from autorecipe.training.trunks import TRUNKS  # noqa: E402

NAMES = tuple(family.name for family in FAMILIES if family.modality == "table" and family.name != "custom")
N_ROWS, N_STEPS = 32, 250
RATES = {"linear": 0.1}  # a convex loss; elsewhere 0.01
TINY = {"width": 16, "depth": 1, "batch_size": N_ROWS, "n_bins": 4, "embedding_dim": 4, "n_frequencies": 4}
BARE = {"dropout": 0.0, "weight_decay": 0.0, "label_smoothing": 0.0}
MEMORISED = 0.05  # of ln 2: the neighbours that answer in training are other rows, so nothing is quite learned by heart
TINY_MEMBERS = 4
each = pytest.mark.parametrize("name", NAMES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Memorised:
    """A network before and after it was shown 32 rows again and again."""

    graph: TrainingGraph
    rows: Rows
    first: np.ndarray
    losses: np.ndarray


def tiny_recipe(name: FamilyName, task="binary", **edits) -> Recipe:
    """A family's own defaults, at a size that trains in no time."""
    size = DataSize(n_train=200, n_features=6, n_numbers=3, task=task, n_classes=2, metric="log_loss")
    recipe = with_edits(recipe_for(task, family=name), family_named(name).defaults(size))
    return replace(recipe, **{**TINY, "n_members": min(recipe.n_members, TINY_MEMBERS), **edits})


@cache
def memorised(name: FamilyName) -> Memorised:
    data = small_data()
    split = replace(data.split, folds=(Fold(train=np.arange(N_ROWS), validation=np.arange(N_ROWS, 2 * N_ROWS)),))
    recipe = tiny_recipe(name, **BARE)
    graph, rows, _ = small_trainer(replace(data, split=split)).prepare(recipe, 0)
    first = np.asarray(graph.network(rows.x, training=False))
    batches = np.tile(np.arange(N_ROWS, dtype="int32"), (N_STEPS, 1))
    rates = np.full(N_STEPS, RATES.get(name, 0.01), "float32")
    taken = graph.steps.take(rows.x, rows.y, rows.weight, batches=batches, rates=rates, strengths=strengths(recipe))
    graph.remember(rows.x, rows.y)
    return Memorised(graph=graph, rows=rows, first=first, losses=taken.losses)


def test_every_family_but_the_users_has_a_trunk():
    assert set(TRUNKS) == {family.name for family in FAMILIES} - {"custom"}


@each
def test_a_family_memorises_numbers_with_holes_codes_and_words_of_32_rows(name):
    done = memorised(name)
    assert np.isfinite(done.losses).all()
    assert done.losses[0] > 0.3
    assert done.losses[-1] < MEMORISED * np.log(2)
    outputs = np.asarray(done.graph.network(done.rows.x, training=False))
    assert ((outputs[:, 0] > 0) == (done.rows.y.numpy() == 1)).all()


@each
def test_a_family_comes_back_from_a_file_as_it_was(name, tmp_path):
    done = memorised(name)
    before = np.asarray(done.graph.network(done.rows.x, training=False))
    done.graph.network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_allclose(np.asarray(loaded(done.rows.x, training=False)), before, rtol=1e-4, atol=1e-5)


@each
def test_a_family_whose_record_says_so_starts_at_the_prior(name):
    if family_named(name).starts_at_prior:
        done = memorised(name)
        prior = float(np.mean(done.rows.y.numpy()))
        assert done.first == pytest.approx(np.full_like(done.first, np.log(prior / (1 - prior))), abs=0.35)


@each
def test_outputs_of_inference_are_finite_logits_of_each_row(name):
    data = small_data("multiclass")
    network = build_network(tiny_recipe(name, "multiclass"), shape_of(data))
    outputs = np.asarray(network(data.take(np.arange(12)), training=False))
    assert network.output_shape == (None, 3)
    assert outputs.shape == (12, 3)
    assert np.isfinite(outputs).all()
    assert network.get_layer("head").bias.shape[-1] == 3


@pytest.mark.parametrize("name", ["linear", "dcn", "ft_transformer"])
def test_numbers_alone_are_enough(name):
    data = small_data()
    shape = replace(shape_of(data), with_missing=(), code_sizes=(), token_sizes=(), token_lengths=())
    network = build_network(tiny_recipe(name), shape)
    numbers = np.nan_to_num(data.x["numbers"][:5])
    assert np.isfinite(network({"numbers": numbers}, training=False)).all()


def test_crosses_of_many_features_are_of_low_rank():
    shape, recipe = shape_of(small_data()), tiny_recipe("dcn", numeric_embedding="none")
    few, many = (build_network(recipe, replace(shape, n_numbers=n)) for n in (3, 400))
    assert few.get_layer("cross_2").rank is None
    assert many.get_layer("cross_2").rank == 64
    assert many.get_layer("cross_2").count_params() < 2 * 64 * 500


def test_wide_and_deep_is_a_deep_and_cross_net_with_a_linear_path():
    network = build_network(tiny_recipe("dcn", linear_path=True), shape_of(small_data()))
    assert network.get_layer("linear_path").output.shape == network.get_layer("head").output.shape


def test_a_transformer_has_a_token_for_each_column_and_a_flag_and_one_for_the_class():
    network = build_network(tiny_recipe("ft_transformer"), shape_of(small_data()))
    # three numbers, one of them with holes, two codes, a text
    assert network.get_layer("class_token").output.shape == (None, 1 + 3 + 1 + 2 + 1, 16)


def test_the_last_block_of_a_transformer_asks_for_the_class_token_alone():
    network = build_network(tiny_recipe("ft_transformer", depth=2), shape_of(small_data()))
    assert network.get_layer("query_1").output.shape[1] == 8
    assert network.get_layer("query_2").output.shape[1] == 1
    assert network.get_layer("key_2").output.shape[1] == 8


def test_a_transformer_shares_its_dropout_between_attention_and_hidden_units():
    shape = shape_of(small_data())
    network = build_network(tiny_recipe("ft_transformer", dropout=0.2), shape)
    assert network.get_layer("attention_1").rate.numpy() == pytest.approx(0.2)
    assert network.get_layer("dropout_1").rate.numpy() == pytest.approx(0.1)
    reinitialize(network, tiny_recipe("ft_transformer", dropout=0.4), shape)
    assert network.get_layer("attention_1").rate.numpy() == pytest.approx(0.4)
    assert network.get_layer("dropout_1").rate.numpy() == pytest.approx(0.2)


def test_a_transformer_refuses_heads_that_do_not_divide_its_width():
    with pytest.raises(UserError, match="width 20 cannot have 8 heads"):
        build_network(tiny_recipe("ft_transformer", width=20, n_heads=8), shape_of(small_data()))


def test_decay_leaves_tokens_biases_and_norms_of_a_transformer_alone():
    graph = memorised("ft_transformer").graph
    assert {kernel.name for kernel in graph.kernels} == {"kernel"}
    layers = {kernel.path.split("/")[-2] for kernel in graph.kernels}
    dense = {layer.name for layer in graph.network.layers if isinstance(layer, keras.layers.Dense)}
    assert layers == dense
    assert not {"tokens", "class_token", "code_embeddings"} & layers
