from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytestmark = pytest.mark.slow

tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")
from small_images import SMALL_NET, Memory, bars, net_for, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.stages.soundness import LOOKS, TRIALS  # noqa: E402
from autorecipe.training import ensembling, fold_rows, stored_rows  # noqa: E402
from autorecipe.training.members import build_member  # noqa: E402

DATA = bars()
TRAINER = small_trainer(DATA)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_small_net_learns_which_way_bars_lie(task):
    trainer = small_trainer(bars(task))
    fit = trainer.fit(net_for(task, epochs=8), 0)
    assert fit.status == "ok", fit.cause
    assert fit.gain_over_chance > 2 * fit.gain_error
    assert fit.epochs == 8


def test_images_that_stay_in_a_file_train_the_same_network(monkeypatch, tmp_path):
    whole = TRAINER.fit(SMALL_NET, 0)
    monkeypatch.setattr(stored_rows.as_tensor, "__kwdefaults__", {"most_bytes": 0})
    np.save(tmp_path / "pixels.npy", DATA.x["pixels"])
    mapped = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    trainer = small_trainer(dataclasses.replace(DATA, x={"pixels": mapped}))
    _, train, validation = trainer.prepare(SMALL_NET, 0)
    assert stored_rows.is_stored(train.x)
    assert stored_rows.is_stored(validation.x)
    fit = trainer.fit(SMALL_NET, 0)
    assert fit.history.train_loss == pytest.approx(whole.history.train_loss, rel=1e-4)
    assert fit.history.validation_loss == pytest.approx(whole.history.validation_loss, rel=1e-4)


def test_only_the_images_of_a_slice_become_a_tensor(monkeypatch):
    seen = []
    make = stored_rows._tensor
    monkeypatch.setattr(stored_rows, "_tensor", lambda values, rows: seen.append(len(rows)) or make(values, rows))
    monkeypatch.setattr(stored_rows.as_tensor, "__kwdefaults__", {"most_bytes": 0})
    monkeypatch.setattr(stored_rows, "MOST_AT_ONCE", 2 * 16 * 64)  # two steps of 16 images of 64 bytes
    small_trainer(DATA).fit(dataclasses.replace(SMALL_NET, epochs=1), 0)
    assert max(seen) <= 2 * 16 or max(seen) <= 80  # what probes and scores look at is a sample
    assert seen.count(32) >= 2


def test_rows_of_a_slice_keep_their_places_and_those_that_count_nothing():
    values = np.arange(20, dtype="uint8").reshape(10, 2)
    x = {"pixels": stored_rows.StoredRows(values, np.arange(10)[::-1])}
    batches = np.array([[7, 2], [7, -3]], "int32")  # -3 stands for place 2
    taken, y, weight, places = stored_rows.rows_of_slice(x, tf.range(10), tf.ones(10), batches)
    assert places.tolist() == [[1, 0], [1, -1]]
    assert taken["pixels"].numpy().tolist() == [[14, 15], [4, 5]]
    assert y.numpy().tolist() == [2, 7]
    assert weight.shape == (2,)


def test_tensors_pass_through_a_slice_as_they_are():
    x, batches = {"pixels": tf.zeros((4, 2))}, np.array([[3, 1]], "int32")
    taken, _, _, places = stored_rows.rows_of_slice(x, tf.range(4), tf.ones(4), batches)
    assert taken is x
    assert places is batches


@pytest.mark.parametrize("kind", [*LOOKS, *TRIALS])
def test_every_probe_can_be_taken_of_a_network_for_images(kind):
    reading = TRAINER.probe(kind, SMALL_NET)
    assert type(reading).__name__ != "NotMeasured", reading
    if kind == "inputs":
        assert [column.name for column in reading.columns] == ["channel 1"]
        assert abs(reading.columns[0].mean) < 0.1
    if kind == "tiny_batch":
        assert reading.n_steps > 0


def test_probes_look_at_a_sample_of_the_images(monkeypatch):
    monkeypatch.setattr(fold_rows, "N_PROBED_IMAGES", 20)
    trainer = small_trainer(DATA)
    _, train, validation = trainer.prepare(SMALL_NET, 0, at_most=fold_rows.n_probed(trainer.data))
    assert train.n_rows == 20
    assert validation.n_rows == 30  # fewer than twice as many are all taken


@pytest.mark.parametrize("views", ["mirror", "mirror_and_shifts"])
def test_test_time_augmentation_takes_the_weights_that_are_there(views):
    memory = Memory()
    trainer = small_trainer(DATA, memory=memory)
    plain = trainer.fit(SMALL_NET, 0)
    recipe = dataclasses.replace(SMALL_NET, test_time=views)
    assert not trainer.knows(recipe, 0)
    fit = trainer.fit(recipe, 0)
    assert len(memory.fits) == 2
    assert fit.history == plain.history
    assert fit.seconds > plain.seconds
    assert fit.validation_loss != plain.validation_loss
    for a, b in zip(memory.weights[fit.key], memory.weights[plain.key], strict=True):
        assert np.array_equal(a, b)


def test_a_recipe_with_test_time_augmentation_trains_what_is_not_there_yet():
    memory = Memory()
    trainer = small_trainer(DATA, memory=memory)
    fit = trainer.fit(dataclasses.replace(SMALL_NET, test_time="mirror"), 0)
    assert fit.status == "ok"
    assert trainer.knows(SMALL_NET, 0)


def test_a_member_with_views_says_the_mean_over_an_image_and_its_mirror_image():
    recipe = dataclasses.replace(SMALL_NET, test_time="mirror")
    fit, plain = TRAINER.fit(recipe, 0), TRAINER.fit(SMALL_NET, 0)
    pixels = DATA.x["pixels"][:5]
    network = TRAINER.network(SMALL_NET, plain.key)
    seen = [network.predict({"pixels": p}, verbose=0) for p in (pixels, pixels[:, :, ::-1])]
    logits = (seen[0] + seen[1]) / 2
    said = build_member(TRAINER, recipe, fit).predict({"pixels": pixels}, verbose=0)
    np.testing.assert_allclose(said[:, 1], 1 / (1 + np.exp(-logits[:, 0])), rtol=1e-4, atol=1e-5)


def test_serving_counts_every_view(monkeypatch):
    monkeypatch.setattr(ensembling, "N_BESIDE", 2)  # networks, each of which is traced
    trial_of = lambda recipe: type("T", (), {"recipe": recipe, "fits": (TRAINER.fit(recipe, 0),)})  # noqa: E731
    assert TRAINER.serving_rate(trial_of(SMALL_NET)) > 0
    assert TRAINER.serving_rate(trial_of(dataclasses.replace(SMALL_NET, test_time="mirror_and_shifts"))) > 0


@pytest.mark.parametrize("name", ["constant", "linear", "gradient_boosting"])
@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_baselines_of_images_are_trained_and_scored(task, name):
    fit = small_trainer(bars(task, n_channels=3)).baseline(name, 0)
    assert fit.status == "ok", fit.cause
    if name != "constant":
        assert fit.train_loss < fit.chance_loss
