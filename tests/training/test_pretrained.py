"""Heads on pretrained backbones: what is frozen, what is kept, what trains, and what the whole gives."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, replace

import numpy as np
import pytest

from autorecipe.backbones import choose_file
from autorecipe.families.pretrained import takes_features

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
from small_data import small_trainer  # noqa: E402  TensorFlow may be absent
from tiny_backbone import ArrayMemory, frozen, image_data, saved, tiny_backbone  # noqa: E402

from autorecipe.export.serving import WeightedMean  # noqa: E402
from autorecipe.export.shared_backbone import Member, on_shared_backbones  # noqa: E402
from autorecipe.layers import PretrainedBackbone  # noqa: E402
from autorecipe.testing import FakeClock  # noqa: E402
from autorecipe.topology import topology  # noqa: E402
from autorecipe.training import backbone_features  # noqa: E402
from autorecipe.training.backbone_features import KeptFeatures, extractor, pixels_digest  # noqa: E402
from autorecipe.training.call_size import OutOfTime, PartsPredictor  # noqa: E402
from autorecipe.training.graph import TrainingGraph  # noqa: E402
from autorecipe.training.head_start import start_head  # noqa: E402
from autorecipe.training.loop import train  # noqa: E402
from autorecipe.training.members import build_member  # noqa: E402

FLIPPED = {"flip_horizontal": 0.5, "epochs": 1}
UNFROZEN = {"n_unfrozen": 1, "epochs": 2, "embedding_rate": 0.1}
N_WEIGHTS = 15  # of the tiny backbone: three kernels, and four of each batch normalization
each_way = pytest.mark.parametrize("edits", [{}, UNFROZEN, FLIPPED], ids=["frozen", "unfrozen", "augmented"])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """A graph after a training, and its backbone's weights before and after."""

    graph: TrainingGraph
    before: list[np.ndarray]
    after: list[np.ndarray]

    @property
    def moved(self) -> set[str]:
        """The names of the backbone's layers that changed."""
        weights = self.graph.network.get_layer("backbone").weights
        pairs = zip(weights, self.before, self.after, strict=True)
        return {w.path.split("/")[-2] for w, before, after in pairs if (before != after).any()}


@pytest.fixture(scope="module")
def backbone(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("weights") / "tiny.keras"
    return str(choose_file(saved(tiny_backbone(), path)))


@pytest.fixture(scope="module")
def trainer(tmp_path_factory):
    """One trainer for all tests that do not count: what was fitted before is remembered."""
    return small_trainer(image_data(), memory=ArrayMemory(arrays_path=tmp_path_factory.mktemp("run") / "arrays"))


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    """The passes of all images through a backbone, by the name of their file."""
    passes, compute = [], backbone_features._compute

    def count(pixels, recipe, path, *, should_stop):
        passes.append(path.name)
        compute(pixels, recipe, path, should_stop=should_stop)

    monkeypatch.setattr(backbone_features, "_compute", count)
    return passes


def values(layer) -> list[np.ndarray]:
    return [w.numpy() for w in layer.weights]


def trained(trainer, recipe) -> Trained:
    graph, rows, held_out = trainer.prepare(recipe, 0)
    before = values(graph.network.get_layer("backbone"))
    train(graph, recipe, rows, held_out, should_stop=lambda: False)
    return Trained(graph=graph, before=before, after=values(graph.network.get_layer("backbone")))


def test_a_head_learns_from_frozen_features(trainer, backbone):
    fit = trainer.fit(frozen(backbone), 0)
    assert (fit.status, fit.cause) == ("ok", "")
    assert fit.validation_loss < 0.6 * fit.chance_loss


def test_features_are_computed_once_for_all_trials_folds_and_sessions(backbone, counted, tmp_path):
    data, memory = image_data(), ArrayMemory(arrays_path=tmp_path / "arrays")
    trainer = small_trainer(data, memory=memory)
    for rate, fold in ((1e-2, 0), (3e-3, 0), (1e-2, 1)):
        assert trainer.fit(frozen(backbone, learning_rate=rate, epochs=1), fold).status == "ok"
    later = small_trainer(data, memory=memory)
    kept = later._seen.features(frozen(backbone, n_unfrozen=1, dropout=0.5), should_stop=lambda: False)
    assert kept.shape == (300, 16)
    assert len(counted) == 1
    assert [p.name for p in (tmp_path / "arrays").iterdir()] == counted


def test_other_backbones_and_other_images_have_features_of_their_own(monkeypatch, tmp_path):
    made = []

    def note(pixels, recipe, path, *, should_stop):
        made.append(path.name)
        np.save(path, np.zeros((300, 2), "float32"))

    monkeypatch.setattr(backbone_features, "_compute", note)
    pixels = image_data().x["pixels"]
    others = pixels.copy()
    others[-1, -1, -1, -1] ^= 1
    for images, name in ((pixels, "a.keras"), (pixels, "b.keras"), (others, "b.keras")):
        for rate in (1e-2, 1e-3):
            KeptFeatures(images, tmp_path).of(frozen(name, learning_rate=rate))
    assert len(made) == len(set(made)) == 3


def test_another_split_and_a_training_on_all_rows_find_the_features_that_are_there(backbone, counted, tmp_path):
    data, memory = image_data(), ArrayMemory(arrays_path=tmp_path / "arrays")
    for fingerprint in (data.fingerprint, "another split", f"{data.fingerprint} all rows"):
        trainer = small_trainer(replace(data, fingerprint=fingerprint), memory=memory)
        trainer._seen.features(frozen(backbone), should_stop=lambda: False)
    assert len(counted) == 1


def test_pixels_are_named_alike_in_memory_and_in_a_file_however_they_are_read(monkeypatch, tmp_path):
    pixels = image_data().x["pixels"]
    np.save(tmp_path / "pixels.npy", pixels)
    whole = pixels_digest(pixels)
    monkeypatch.setattr(backbone_features, "HASHED_BYTES", 5_000)
    assert pixels_digest(np.load(tmp_path / "pixels.npy", mmap_mode="r")) == whole
    assert pixels_digest(pixels[1:]) != whole


def test_the_kept_features_are_those_of_the_backbone_in_inference(backbone, tmp_path):
    data = image_data()
    kept = KeptFeatures(data.x["pixels"], tmp_path).of(frozen(backbone))
    network = extractor(frozen(backbone), (20, 24, 3))
    own = np.asarray(network(data.x["pixels"][:50], training=True))
    assert isinstance(kept, np.memmap)
    np.testing.assert_allclose(kept[:50], own, rtol=1e-4, atol=1e-5)


def test_features_that_time_did_not_suffice_for_are_not_taken_for_whole(backbone, tmp_path):
    data, memory = image_data(), ArrayMemory(arrays_path=tmp_path)
    fit = small_trainer(data, clock=FakeClock(limit_s=0.0), memory=memory).fit(frozen(backbone), 0)
    assert fit.status == "failed"
    assert "there was time for the features of 0 of 300 images" in fit.cause
    assert not list(tmp_path.iterdir())
    assert np.any(KeptFeatures(data.x["pixels"], tmp_path).of(frozen(backbone)))


def test_a_disk_without_room_fails_the_trial_and_leaves_nothing(monkeypatch, backbone, tmp_path):
    def is_full(descriptor, start, n_bytes):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", is_full, raising=False)
    fit = small_trainer(image_data(), memory=ArrayMemory(arrays_path=tmp_path)).fit(frozen(backbone), 0)
    assert fit.status == "failed"
    assert "No space left on device" in fit.cause
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("edits", "n_trained"), [(FLIPPED, 0), (UNFROZEN, 1)], ids=["frozen", "unfrozen"])
def test_weights_of_a_backbone_that_never_train_are_not_kept_with_a_fit(trainer, backbone, edits, n_trained):
    plain = frozen(backbone, **edits)
    for recipe in (plain, replace(plain, test_time="mirror")):
        key = trainer.fit(recipe, 0).key
        n_kept, network = len(trainer.memory.load_weights(key)), trainer.network(recipe, key)
        assert n_kept == len(network.weights) - N_WEIGHTS + n_trained


def test_views_end_with_the_time(backbone, tmp_path):
    clock, recipe = FakeClock(limit_s=100.0), frozen(backbone, test_time="mirror")
    trainer = small_trainer(image_data(), clock=clock, memory=ArrayMemory(arrays_path=tmp_path))
    plain = trainer.fit(frozen(backbone), 0)
    later = trainer.with_clock(FakeClock(limit_s=100.0), heard=lambda title, fit: None)
    clock.spend(200.0)
    assert trainer.fit(recipe, 0) == replace(plain, is_cut=True)
    assert not trainer.knows(recipe, 0)
    seen = later.fit(recipe, 0)
    assert (seen.status, seen.is_cut) == ("ok", False)
    assert seen.key != plain.key


def test_a_prediction_of_many_images_looks_at_the_clock(trainer, backbone):
    recipe = frozen(backbone)
    network = trainer.network(recipe, trainer.fit(recipe, 0).key)
    predict = PartsPredictor(network)
    predict._size = 10
    left = iter([False, False, True])
    with pytest.raises(OutOfTime, match="there was time to predict 20 of 50 images"):
        predict({"pixels": trainer.data.x["pixels"][:50]}, should_stop=lambda: next(left))


def test_views_are_of_validation_rows_alone(monkeypatch, trainer, backbone):
    plain = trainer.fit(frozen(backbone), 0)
    asked, predict = [], PartsPredictor.__call__

    def note(own, x, *, should_stop):
        asked.append(len(x["pixels"]))
        return predict(own, x, should_stop=should_stop)

    monkeypatch.setattr(PartsPredictor, "__call__", note)
    seen = trainer.fit(frozen(backbone, test_time="mirror_and_shifts"), 0)
    assert asked == [len(trainer.data.fold(0).validation)]
    assert (seen.train_loss, seen.train_score) == (plain.train_loss, plain.train_score)
    assert seen.validation_loss != plain.validation_loss


def test_a_head_that_trains_leaves_the_backbone_and_its_statistics_as_they_were(trainer, backbone):
    recipe = frozen(backbone, **FLIPPED)
    assert not takes_features(recipe)
    found = trained(trainer, recipe)
    assert found.moved == set()
    assert {v.path.split("/")[-2] for v in found.graph.network.trainable_variables} == {"head"}


def test_unfrozen_blocks_move_and_the_lower_ones_and_all_statistics_stay(trainer, backbone):
    found = trained(trainer, frozen(backbone, **UNFROZEN))
    assert found.moved == {"conv_2"}
    assert found.graph.network.get_layer("backbone").n_blocks == 3
    found.graph.reset(frozen(backbone, **UNFROZEN, seed=7))  # the next trial of the graph begins where this one did
    for was, now in zip(found.before, values(found.graph.network.get_layer("backbone")), strict=True):
        np.testing.assert_array_equal(was, now)


def test_the_backbone_takes_a_small_share_of_each_step(trainer, backbone):
    recipe = frozen(backbone, n_unfrozen=1, embedding_rate=0.1, optimizer="sgd", epochs=1, batch_size=200)
    graph, rows, held_out = trainer.prepare(recipe, 0)
    kernels = [graph.network.get_layer("backbone").trainable_variables[0], graph.network.get_layer("head").kernel]
    before = [kernel.numpy() for kernel in kernels]
    with tf.GradientTape() as tape:
        outputs = graph.network(rows.x, training=True)
        loss = tf.reduce_mean(graph.row_loss(rows.y, outputs, 0.0))
    slopes = tape.gradient(loss, [kernel.value for kernel in kernels])
    train(graph, recipe, rows, held_out, should_stop=lambda: False)
    for kernel, was, slope, share in zip(kernels, before, slopes, (0.1, 1.0), strict=True):
        np.testing.assert_allclose(kernel.numpy() - was, -share * 1e-2 * slope, rtol=1e-2, atol=1e-6)


def test_before_blocks_train_the_head_is_fitted_on_their_features(trainer, backbone):
    graph, _, held_out = trainer.prepare(frozen(backbone, **UNFROZEN), 0)
    assert graph.mean_loss(graph.predict(held_out.x), held_out.y, held_out.weight) < 0.6 * np.log(2)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_a_head_is_fitted_for_every_task(task):
    rng = np.random.default_rng(0)
    features, n_outputs = rng.normal(3.0, 0.01, size=(200, 4)).astype("float32"), 3 if task == "multiclass" else 1
    network = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.BatchNormalization(center=False, scale=False, epsilon=1e-9, name="normalize_features"),
            keras.layers.Dense(n_outputs, kernel_initializer="zeros", name="head"),
        ]
    )
    line = (features[:, 0] - 3.0) / 0.01
    y = 2 * (line > 0).astype("int64") if task == "multiclass" else line
    start_head(network, features, y, np.ones(200, "float32"), task=task)
    said = np.asarray(network(features, training=False))
    if task == "regression":
        assert np.mean((said[:, 0] - line) ** 2) < 0.2
        return
    assert np.mean(said[:, [0, 2]].argmax(axis=1) * 2 == y) > 0.9
    assert not said[:, 1].any()  # a class that no row has keeps its first weights


@each_way
def test_the_whole_network_says_of_pixels_what_the_trial_said(trainer, backbone, edits):
    recipe = frozen(backbone, **edits)
    fit = trainer.fit(recipe, 0)
    network = trainer.network(recipe, fit.key)
    rows = trainer.data.fold(0).validation
    logits = np.asarray(network({"pixels": trainer.data.x["pixels"][rows]}, training=False))
    said = trainer.memory.load_predictions(fit.key)["validation"]
    np.testing.assert_allclose(1 / (1 + np.exp(-logits[:, 0])), said[:, 1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("edits", [{}, UNFROZEN], ids=["frozen", "unfrozen"])
def test_backbone_and_head_are_one_model_in_a_file(trainer, backbone, edits, tmp_path):
    recipe = frozen(backbone, **edits)
    network = trainer.network(recipe, trainer.fit(recipe, 0).key)
    network.save(tmp_path / "whole.keras")
    loaded = keras.models.load_model(tmp_path / "whole.keras")
    pixels = {"pixels": trainer.data.x["pixels"][:20]}
    np.testing.assert_allclose(loaded(pixels), network(pixels, training=False), rtol=1e-5, atol=1e-6)
    assert len(loaded.get_layer("backbone").weights) == N_WEIGHTS


def test_the_exported_graph_holds_the_backbone(trainer, backbone, tmp_path):
    recipe = frozen(backbone)
    network = trainer.network(recipe, trainer.fit(recipe, 0).key)
    network.export(tmp_path / "saved", format="tf_saved_model", verbose=False)
    pixels, loaded = trainer.data.x["pixels"][:20], tf.saved_model.load(str(tmp_path / "saved"))
    served = loaded.serve({"pixels": tf.constant(pixels)})
    np.testing.assert_allclose(served, network({"pixels": pixels}, training=False), rtol=1e-4, atol=1e-5)


def test_a_file_that_changed_is_not_taken_for_the_recipes(trainer, tmp_path):
    path = tmp_path / "own.keras"
    recipe = frozen(str(choose_file(saved(tiny_backbone(), path))))
    path.write_bytes(b"another")
    fit = trainer.fit(recipe, 0)
    assert fit.status == "failed"
    assert "is not the file that the recipe was made with" in fit.cause


def test_weights_that_are_gone_fail_the_trial_and_nothing_else(trainer, tmp_path):
    fit = trainer.fit(frozen(str(tmp_path / "gone.keras")), 0)
    assert fit.status == "failed"
    assert "are not there" in fit.cause


def test_graphs_are_not_shared_between_backbones(trainer, backbone):
    recipes = [frozen(backbone, n_unfrozen=n) for n in (0, 1, 2)]
    recipes += [frozen("mobilenet_v3_small"), frozen(backbone, n_unfrozen=1, learning_rate=1.0)]
    assert len({topology(recipe) for recipe in recipes}) == 4


def test_a_network_with_a_backbone_is_never_compiled_by_xla(trainer, backbone):
    graph = TrainingGraph(frozen(backbone, **UNFROZEN), trainer.shape, with_xla=True)
    assert not graph.steps.settings.with_xla


def test_networks_learn_from_features_where_the_backbone_is_frozen(trainer, backbone):
    seen = trainer._seen_by(frozen(backbone))
    graph, rows, _ = seen.prepare(frozen(backbone), 0)
    assert set(rows.x) == {"features"}
    assert [layer.name for layer in graph.network.layers] == ["features", "normalize_features", "head"]


def test_heads_on_one_backbone_are_served_by_one_backbone(trainer, backbone, tmp_path):
    frozen_recipe, tuned = frozen(backbone), frozen(backbone, **UNFROZEN)
    places = ((frozen_recipe, 0, 0.5), (tuned, 0, 0.2), (frozen_recipe, 1, 0.3))
    members = [
        Member(network=build_member(trainer, recipe, trainer.fit(recipe, fold)), recipe=recipe, share=share)
        for recipe, fold, share in places
    ]
    pixels = {"pixels": trainer.data.x["pixels"][:20]}
    alone = sum(m.share * np.asarray(m.network(pixels, training=False)) for m in members)
    networks, shares = on_shared_backbones(members)
    assert shares == pytest.approx([0.8, 0.2])
    model = keras.Model(networks[0].input, WeightedMean(networks, shares, name="members")(networks[0].input))
    np.testing.assert_allclose(model(pixels, training=False), alone, rtol=1e-5, atol=1e-6)
    model.save(tmp_path / "joined.keras")
    loaded = keras.models.load_model(tmp_path / "joined.keras")
    layers = loaded._flatten_layers(include_self=False)
    assert sum(isinstance(layer, PretrainedBackbone) for layer in layers) == 2
    np.testing.assert_allclose(loaded(pixels, training=False), alone, rtol=1e-5, atol=1e-6)
