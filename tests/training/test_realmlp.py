"""RealMLP and RealMLP-S as networks: built as published, trained, kept."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from autorecipe.change import with_edits
from autorecipe.errors import UserError
from autorecipe.families import family_named
from autorecipe.families.family import DataSize
from autorecipe.recipe import Recipe

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from small_data import small_data, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.training.build import build_network  # noqa: E402
from autorecipe.training.first_weights import reinitialize  # noqa: E402
from autorecipe.training.graph import GraphCache  # noqa: E402
from autorecipe.training.loop import train  # noqa: E402

TRAINER = small_trainer(small_data())
SHAPE = TRAINER.shape
NAMES = ("realmlp", "realmlp_s")
each = pytest.mark.parametrize("name", NAMES)


def recipe_of(name: str, task: str = "binary", **edits) -> Recipe:
    size = DataSize(n_train=200, n_features=6, n_numbers=3, task=task, metric="log_loss")
    plain = Recipe(loss="mse" if task == "regression" else "cross_entropy")
    recipe = with_edits(plain, family_named(name).defaults(size))
    return dataclasses.replace(recipe, **{"width": 32, "depth": 2, "epochs": 3, "patience": 3, "seed": 3, **edits})


def names(recipe: Recipe) -> list[str]:
    return [layer.name for layer in build_network(recipe, SHAPE).layers]


def test_blocks_are_weights_activation_dropout_behind_the_scale():
    assert names(recipe_of("realmlp"))[-8:] == [
        "learnable_scale",
        *("hidden_1", "activation_1", "dropout_1"),
        *("hidden_2", "activation_2", "dropout_2"),
        "head",
    ]
    small = names(recipe_of("realmlp_s"))
    assert small[-6:] == ["learnable_scale", "hidden_1", "activation_1", "hidden_2", "activation_2", "head"]
    assert not {"periodic", "dropout_1"} & set(small)


def test_only_the_large_variant_learns_how_much_it_activates():
    for name, kind in (("realmlp", "ParametricActivation"), ("realmlp_s", "Activation")):
        layer = build_network(recipe_of(name), SHAPE).get_layer("activation_1")
        assert (type(layer).__name__, layer.activation.__name__) == (kind, "selu")


@pytest.mark.parametrize("embedding", ["pbld", "plr"])
def test_numbers_become_periodic_embeddings_and_codes_do_not(embedding):
    no_text = dataclasses.replace(SHAPE, token_sizes=(), token_lengths=())
    network = build_network(recipe_of("realmlp", numeric_embedding=embedding), no_text)
    assert network.get_layer("periodic").output.shape == (None, 3 * 4)
    assert network.get_layer("features").output.shape[-1] == 3 * 4 + 1 + 4 + 8  # flags, one-hot codes, embedded codes


def test_noise_comes_after_the_scale():
    found = names(recipe_of("realmlp", input_noise=0.1, mixup=0.2))
    assert found.index("features") < found.index("learnable_scale") < found.index("input_noise")


@pytest.mark.parametrize("activation", ["prelu", "maxout"])
def test_an_activation_with_weights_of_its_own_is_refused(activation):
    with pytest.raises(UserError, match="cannot be used in realmlp"):
        build_network(recipe_of("realmlp", activation=activation), SHAPE)


def test_a_shared_graph_draws_frequencies_of_the_recipes_scale():
    narrow, wide = recipe_of("realmlp"), recipe_of("realmlp", frequency_scale=10.0)
    network = build_network(narrow, SHAPE)
    before = network.get_layer("periodic").frequencies.numpy()
    reinitialize(network, wide, SHAPE)
    layer = network.get_layer("periodic")
    assert layer.frequencies.numpy().std() > 20 * before.std()
    assert layer.get_config()["frequency_scale"] == 10.0


def test_large_rates_are_trained_in_full_precision():
    graph = GraphCache(precision="mixed_bfloat16").graph(recipe_of("realmlp"), SHAPE)
    assert graph.precision == "float32"
    assert {layer.compute_dtype for layer in graph.network.layers} == {"float32"}


# two classes are memorised in test_families_in_training.py
@pytest.mark.parametrize(("name", "task"), [("realmlp", "regression"), ("realmlp_s", "multiclass")])
def test_thirty_two_rows_are_memorised(name, task):
    data = small_data(task)
    few = data.fold(0).train[:32]
    fold = dataclasses.replace(data.fold(0), train=few, validation=few)
    data = dataclasses.replace(data, split=dataclasses.replace(data.split, folds=(fold,)))
    recipe = recipe_of(name, task, epochs=60, patience=0, batch_size=32, dropout=0.0, weight_decay=0.0)
    graph, rows, _ = small_trainer(data).prepare(recipe, 0)
    done = train(graph, recipe, rows, rows, should_stop=lambda: False)
    assert done.history.validation_loss[-1] < 0.02


@each
def test_a_fit_can_be_built_again_and_saved(name, tmp_path):
    recipe = recipe_of(name)
    fit = TRAINER.fit(recipe, 0)
    assert fit.status == "ok", fit.cause
    network = TRAINER.network(recipe, fit.key)
    x = TRAINER.data.take(TRAINER.data.fold(0).validation)
    said = np.asarray(network(x, training=False))[:, 0]
    predicted = TRAINER.memory.load_predictions(fit.key)["validation"][:, 1]
    np.testing.assert_allclose(1 / (1 + np.exp(-said)), predicted, atol=1e-5)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(np.asarray(loaded(x))[:, 0], said)


def test_the_same_seed_repeats_a_training_after_another_one():
    first = TRAINER.fit(recipe_of("realmlp"), 0)
    assert TRAINER.fit(recipe_of("realmlp", seed=4), 0).history != first.history
    TRAINER.memory.fits.clear()
    again = TRAINER.fit(recipe_of("realmlp"), 0)
    assert again is not first
    assert again.history == first.history
