"""Which variables have a rate and a decay of their own, and that a step gives them exactly that."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
import keras  # noqa: E402  TensorFlow may be absent
from small_data import SMALL, small_data, small_trainer  # noqa: E402

from autorecipe.recipe import Recipe  # noqa: E402
from autorecipe.training import graph as graphs  # noqa: E402
from autorecipe.training.graph import TrainingGraph, strengths  # noqa: E402
from autorecipe.training.loop import epoch_strengths  # noqa: E402
from autorecipe.training.rate_groups import RATE_FIELDS, RateGroup, decayed, rate_groups, scaled_moves  # noqa: E402

TRAINER = small_trainer(small_data())
RATES = {
    "scale_rate": 6.0,
    "bias_rate": 0.1,
    "embedding_rate": 0.2,
    "first_layer_rate": 0.5,
    "activation_rate": 0.3,
}
FULL = dataclasses.replace(
    SMALL,
    family="realmlp",
    activation="selu",
    numeric_embedding="pbld",
    n_frequencies=3,
    embedding_dim=3,
    learnable_scale=True,
    weight_decay=0.5,
    **RATES,
)
FACTORS = {
    "learnable_scale/scale": 6.0,
    "hidden_1/kernel": 0.5,
    "hidden_1/bias": 0.1,
    "activation_1/alpha": 0.3,
    "periodic/frequencies": 0.2,
    "periodic/bias": 0.2,
    "code_embeddings/table": 1.0,
    "head/kernel": 1.0,
    "head/bias": 0.1,
}


def graph_of(recipe: Recipe) -> TrainingGraph:
    return TRAINER.prepare(recipe, 0)[0]


def named(network: keras.Model) -> dict[str, np.ndarray]:
    return {"/".join(v.path.split("/")[-2:]): v.numpy() for v in network.trainable_variables}


def moves(recipe: Recipe, *, rate: float = 1e-3) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Take one step at a small rate; return the weights before it, and how they moved."""
    graph, rows, _ = TRAINER.prepare(recipe, 0)
    before = named(graph.network)
    batches, rates = np.arange(64, dtype="int32")[None], np.full(1, rate, "float32")
    graph.steps.take(rows.x, rows.y, rows.weight, batches=batches, rates=rates, strengths=strengths(recipe))
    return before, {name: value - before[name] for name, value in named(graph.network).items()}


def test_each_variable_moves_its_factor_times_as_far():
    without = dataclasses.replace(FULL, weight_decay=0.0)
    _, scaled = moves(without)
    _, plain = moves(dataclasses.replace(without, **dict.fromkeys(RATES, 1.0)))
    for name, factor in FACTORS.items():
        assert np.abs(plain[name]).max() > 5e-4, name
        np.testing.assert_allclose(scaled[name], factor * plain[name], rtol=2e-3, atol=2e-6, err_msg=name)


def test_decay_takes_the_square_of_the_factor_and_spares_biases():
    before, bare = moves(dataclasses.replace(FULL, weight_decay=0.0))
    _, found = moves(FULL)
    for name, factor in FACTORS.items():
        is_spared = name in ("hidden_1/bias", "head/bias")
        shrunk = (before[name] + bare[name]) * (1 if is_spared else 1 - 1e-3 * 0.5 * factor**2) - before[name]
        np.testing.assert_allclose(found[name], shrunk, rtol=1e-3, atol=1e-6, err_msg=name)
    scale = before["learnable_scale/scale"] + bare["learnable_scale/scale"]
    assert 0.5 * 1e-3 * 36 * scale.mean() == pytest.approx(
        (bare["learnable_scale/scale"] - found["learnable_scale/scale"]).mean(), rel=1e-3
    )


def names_decayed(recipe: Recipe) -> set[str]:
    graph = graph_of(recipe)
    found = decayed(graph.network, recipe, kernels=graph.kernels)
    return {"/".join(own.variable.path.split("/")[-2:]) for own in found}


def test_plain_networks_decay_their_kernels_alone():
    recipe = dataclasses.replace(SMALL, numeric_embedding="piecewise_linear", learnable_scale=True)
    assert names_decayed(recipe) == {"hidden_1/kernel", "head/kernel"}


@pytest.mark.parametrize("family", ["realmlp", "realmlp_s", "tabm_mini"])
def test_published_families_decay_all_but_the_biases_of_their_layers(family):
    recipe = dataclasses.replace(FULL, family=family, n_members=2 if family == "tabm_mini" else 1)
    every = set(named(graph_of(recipe).network))
    spared = {name for name in every if name.endswith("/bias") and not name.startswith("periodic")}
    assert spared
    assert names_decayed(recipe) == every - spared


def test_a_plain_recipe_compiles_no_factor():
    graph = graph_of(SMALL)
    assert graph.steps.settings.rate_groups == ()
    assert not set(strengths(SMALL)) & {*RATE_FIELDS, "dropout"}
    assert not set(epoch_strengths(SMALL, epoch=0, steps_per_epoch=4)) & {*RATE_FIELDS, "dropout"}
    assert rate_groups(graph.network, SMALL, kernels=graph.kernels) == ()


def test_only_factors_other_than_one_are_compiled_in():
    recipe = dataclasses.replace(SMALL, bias_rate=0.1)
    graph = graph_of(recipe)
    (group,) = graph.steps.settings.rate_groups
    assert group.name == "bias_rate"
    assert [v.path.split("/")[-2] for v in group.variables] == ["hidden_1", "head"]
    assert strengths(recipe)["bias_rate"] == 0.1


def test_recipes_that_differ_in_a_factor_share_a_graph_but_not_with_a_factor_of_one():
    for name in RATE_FIELDS:
        one, other, plain = (dataclasses.replace(SMALL, **{name: value}) for value in (0.5, 2.0, 1.0))
        assert graphs.topology(one) == graphs.topology(other) != graphs.topology(plain)


def test_a_step_without_the_strength_of_its_group_is_refused():
    graph, rows, _ = TRAINER.prepare(dataclasses.replace(SMALL, bias_rate=0.1), 0)
    with pytest.raises(ValueError, match="Expected the strength 'bias_rate'"):
        graph.steps.take(
            rows.x,
            rows.y,
            rows.weight,
            batches=np.zeros((0, 64), "int32"),
            rates=np.zeros(0, "float32"),
            strengths=strengths(SMALL),
        )


def test_a_move_is_scaled_for_any_change_made_meanwhile():
    variable, other = keras.Variable([1.0, 2.0]), keras.Variable([1.0, 2.0])
    with scaled_moves((RateGroup(name="scale_rate", variables=(variable,)),), {"scale_rate": tf.constant(3.0)}):
        variable.assign_add([0.5, -0.5])
        other.assign_add([0.5, -0.5])
    assert variable.numpy().tolist() == [2.5, 0.5]
    assert other.numpy().tolist() == [1.5, 1.5]


def test_dropout_and_decay_fall_with_their_schedules():
    recipe = Recipe(
        dropout=0.2, weight_decay=0.04, dropout_schedule="flat_cosine", decay_schedule="flat_cosine", epochs=4
    )
    asked = [epoch_strengths(recipe, epoch=i, steps_per_epoch=10) for i in range(4)]
    dropout, decay = (np.concatenate([a[name] for a in asked]) for name in ("dropout", "weight_decay"))
    np.testing.assert_allclose(decay, 0.2 * dropout, rtol=1e-6)
    assert dropout[:20] == pytest.approx(np.full(20, 0.2))
    assert (np.diff(dropout[20:]) < 0).all()
    assert dropout[-1] < 0.002


def test_a_scheduled_dropout_is_what_the_layers_drop_in_that_step():
    recipe = dataclasses.replace(FULL, dropout=0.2, dropout_schedule="flat_cosine")
    graph, rows, _ = TRAINER.prepare(recipe, 0)
    rate = graph.network.get_layer("dropout_1").rate
    assert float(rate) == pytest.approx(0.2)
    batches, rates = np.arange(64, dtype="int32")[None], np.full(1, 1e-3, "float32")
    own = {**strengths(recipe), "dropout": 0.05}
    graph.steps.take(rows.x, rows.y, rows.weight, batches=batches, rates=rates, strengths=own)
    assert float(rate) == pytest.approx(0.05)
