"""Augmentation inside the training graph: what is built, what is a tensor, and whose losses are learned from."""

from __future__ import annotations

import dataclasses
from itertools import count

import numpy as np
import pytest

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")
from small_images import bars, net_for, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.augmentations import COLOURS, LABEL_KEEPING, MIXTURES, MOVES, switches  # noqa: E402
from autorecipe.change import with_edits  # noqa: E402
from autorecipe.families import FAMILIES, family_named  # noqa: E402
from autorecipe.recipe import Recipe  # noqa: E402
from autorecipe.topology import topology  # noqa: E402
from autorecipe.training.augmentation import augment, mix_maps  # noqa: E402
from autorecipe.training.build import build_network  # noqa: E402
from autorecipe.training.graph import GraphCache, strengths  # noqa: E402
from autorecipe.training.layer_strengths import layer_strengths  # noqa: E402
from autorecipe.training.loop import epoch_strengths, train  # noqa: E402
from autorecipe.training.mixing import PLACE, Mixing, drawn_shares, no_shares  # noqa: E402
from autorecipe.training.own_bench import own_bench  # noqa: E402

DATA = bars("multiclass", n_channels=3)
TRAINER = small_trainer(DATA)
NET = net_for("multiclass", normalization="none")
STRONG = dict.fromkeys(LABEL_KEEPING, 0.4) | {"rotation": 20.0, "rand_augment": 7.0}
MIXED = dict.fromkeys(MIXTURES, 1.0)
EVERYTHING = with_edits(NET, [*STRONG.items(), *MIXED.items()])


def net(**edits) -> Recipe:
    return dataclasses.replace(NET, **edits)


def layers_of(recipe: Recipe) -> list[str]:
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, augment(image, recipe, count()))
    return [layer.name for layer in model.layers[1:]]


def never() -> bool:
    return False


def test_a_recipe_without_augmentation_leaves_the_image_as_it_is():
    image = keras.Input((8, 8, 3))
    assert augment(image, Recipe(), count()) is image
    assert mix_maps(image, Recipe(mixup=0.2), "mix") is image


def test_each_layer_stands_in_its_order_and_only_where_it_is_on():
    order = ["affine_jitter", "colour_jitter", "rand_augment", "cutout", "cut_mix", "mix_rows"]
    assert layers_of(EVERYTHING) == order
    assert layers_of(Recipe(hue=0.1)) == ["colour_jitter"]
    assert layers_of(Recipe(crop=0.1, cutmix=0.5)) == ["affine_jitter", "cut_mix"]


@pytest.mark.parametrize("group", [MOVES, COLOURS], ids=["moves", "colours"])
def test_fields_of_one_layer_share_a_topology_however_many_are_on(group):
    found = {topology(net(**{name: 0.1})) for name in group}
    both = topology(net(**dict.fromkeys(group, 0.2)))
    assert found == {both}
    assert both != topology(NET)


def test_every_augmentation_that_is_switched_on_is_another_topology():
    fields = ["rotation", "hue", "rand_augment", "cutout", "cutmix", "manifold_mixup", "mixup"]
    found = {topology(net(**{name: 0.1})) for name in fields}
    assert len(found | {topology(NET)}) == len(fields) + 1
    assert len({switches(net(**{name: 0.1})) for name in fields}) == len(fields)  # mixup is a switch of tables too


def test_a_shared_graph_takes_the_strengths_of_each_recipe():
    cache = GraphCache()
    first = cache.graph(net(flip_horizontal=0.5, cutout=0.2), TRAINER.shape)
    second = cache.graph(net(rotation=12.0, crop=0.3, cutout=0.4), TRAINER.shape)
    assert second is first
    found = {own.field: float(own.weight) for own in layer_strengths(first.network)}
    assert found == pytest.approx(dict.fromkeys(MOVES, 0.0) | {"rotation": 12.0, "crop": 0.3, "cutout": 0.4})


def test_a_network_trains_on_changed_and_mixed_images_and_predicts_on_plain_ones():
    recipe = EVERYTHING
    graph, rows, validation = TRAINER.prepare(recipe, 0)
    done = train(graph, recipe, rows, validation, should_stop=never)
    assert np.isfinite(done.history.train_loss).all()
    assert np.isfinite(done.history.validation_loss).all()
    np.testing.assert_array_equal(graph.predict(validation.x), graph.predict(validation.x))
    twin = TRAINER.prepare(NET, 0)[0]
    trained = {v.path: v.numpy() for v in graph.network.trainable_variables}
    for variable in twin.network.trainable_variables:
        variable.assign(trained[variable.path])
    normalize = twin.network.get_layer("normalize")
    normalize.set_weights(graph.network.get_layer("normalize").get_weights())
    np.testing.assert_allclose(twin.predict(validation.x), graph.predict(validation.x), rtol=1e-4, atol=1e-5)


def test_the_same_seed_repeats_every_loss_of_changed_and_mixed_images():
    histories = []
    for _ in range(2):
        graph, rows, validation = TRAINER.prepare(EVERYTHING, 0)
        histories.append(train(graph, EVERYTHING, rows, validation, should_stop=never).history)
    assert histories[0] == histories[1]


def test_probes_that_leave_regularization_out_change_no_image():
    bench = own_bench(TRAINER.prepare(EVERYTHING, 0), EVERYTHING, task="multiclass", n_classes=3, metric=None)
    rows = bench.train.evenly(16)
    assert bench.batch_loss(rows) == pytest.approx(float(bench.row_losses(rows).mean()), rel=1e-4)
    assert bench.take_steps(rows, 2, rates=0.0, regularized=True)[0] != pytest.approx(bench.batch_loss(rows), rel=1e-3)


def test_a_row_learns_from_both_labels_by_the_share_it_kept():
    mixing = Mixing(TRAINER.prepare(net(cutmix=1.0), 0)[0].network)
    y, weight = tf.constant([0.0, 1.0, 5.0]), tf.constant([1.0, 2.0, 0.0])
    rows = mixing.losses(lambda truth: truth + 1.0, y, weight, kept=0.75)
    # own targets 0, 1, 5 and, from the batch's end, 5, 1, 0; a row's weight goes with its target
    assert rows.numpy().tolist() == pytest.approx([0.75 * 1 + 0, 0.75 * 4 + 0.25 * 4, 0 + 0.25 * 1])


def test_without_layers_that_mix_each_row_learns_from_its_own_label():
    mixing = Mixing(TRAINER.prepare(NET, 0)[0].network)
    rows = mixing.losses(lambda truth: truth, tf.constant([1.0, 2.0]), tf.constant([1.0, 0.5]), kept=0.1)
    assert rows.numpy().tolist() == [1.0, 1.0]


def test_a_step_mixes_at_one_place_and_leaves_none_mixing():
    network = TRAINER.prepare(net(**MIXED), 0)[0].network
    layers = [layer for layer in network.layers if hasattr(layer, "mixes")]
    hidden = [layer for layer in layers if layer.mixes == "manifold_mixup"]
    assert len(hidden) >= 2
    shares = {"mixup_share": 1.0, "cutmix_share": 1.0, "manifold_mixup_share": 0.3}
    chosen = set()
    for place in np.linspace(0, 1, 9):
        step = {name: tf.constant(value) for name, value in {**shares, PLACE: place}.items()}
        with Mixing(network).of_step({name: tf.cast(v, "float32") for name, v in step.items()}) as kept:
            mixed = [layer.name for layer in layers if float(layer.share) != 1.0]
            assert float(kept) == pytest.approx(0.3)
        assert len(mixed) == 1
        chosen |= set(mixed)
        assert all(float(layer.share) == 1.0 for layer in layers)
    assert chosen == {layer.name for layer in hidden}


@pytest.mark.parametrize("family", [f.name for f in FAMILIES if f.modality == "image"])
def test_every_network_for_images_can_mix_what_its_stages_give(family):
    if "manifold_mixup" in family_named(family).ignores:
        return
    network = build_network(Recipe(family=family, width=4, depth=2, manifold_mixup=1.0), TRAINER.shape)
    places = [layer.name for layer in network.layers if getattr(layer, "mixes", "") == "manifold_mixup"]
    assert places


def test_cut_mix_shares_the_loss_by_the_pixels_it_pasted():
    network = TRAINER.prepare(net(cutmix=1.0), 0)[0].network
    with Mixing(network).of_step({"cutmix_share": tf.constant(0.5)}) as kept:
        # of 8 pixels a side 0.707 x 8 are pasted, six in whole ones
        assert float(kept) == pytest.approx(1 - 36 / 64)


def test_several_ways_of_mixing_take_turns():
    recipe = net(**MIXED, seed=4)
    drawn = epoch_strengths(recipe, epoch=0, steps_per_epoch=600)
    shares = np.stack([drawn[f"{way}_share"] for way in MIXTURES])
    assert (np.sum(shares < 1, axis=0) == 1).all()
    assert (shares < 1).mean(axis=1) == pytest.approx(np.full(3, 1 / 3), abs=0.08)
    assert 0 <= drawn[PLACE].min() < drawn[PLACE].max() < 1
    assert set(no_shares(recipe)) == {*(f"{way}_share" for way in MIXTURES), PLACE} <= set(strengths(recipe))


def test_one_way_of_mixing_mixes_in_every_step():
    drawn = drawn_shares(Recipe(cutmix=1.0), np.random.default_rng(0), n_steps=500)
    assert list(drawn) == ["cutmix_share"]
    assert drawn["cutmix_share"].mean() == pytest.approx(0.5, abs=0.06)
    assert drawn["cutmix_share"].std() == pytest.approx(0.29, abs=0.03)  # evenly drawn at alpha 1


def test_no_mixing_draws_nothing():
    assert drawn_shares(Recipe(cutout=0.5), np.random.default_rng(0), n_steps=5) == {}
