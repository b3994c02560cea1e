"""What convolutional networks begin and are looked into with: whitened patches, momentum, few places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autorecipe.change import with_edits
from autorecipe.families import family_named
from autorecipe.families.family import DataSize
from autorecipe.recipe import Recipe

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
from small_images import SIDE, bars, small_trainer  # noqa: E402  TensorFlow may be absent

from autorecipe.training.bench import BenchRows  # noqa: E402
from autorecipe.training.build import build_network  # noqa: E402
from autorecipe.training.data_start import start_from_data  # noqa: E402
from autorecipe.training.dataset import shape_of  # noqa: E402
from autorecipe.training.inspect_network import N_IMAGES, rows_to_look_at  # noqa: E402
from autorecipe.training.optimizers import build_optimizer  # noqa: E402
from autorecipe.training.prefix import set_prefix  # noqa: E402

SIZE = DataSize(n_train=80, n_features=1, n_numbers=0, task="binary", n_classes=2, image=(SIDE, SIDE, 3))
FAST = replace(with_edits(Recipe(), family_named("fast_convnet").defaults(SIZE)), width=8, depth=2)


def started(pixels: np.ndarray) -> keras.Model:
    data = replace(bars(n_channels=pixels.shape[-1]), x={"pixels": pixels})
    network = build_network(FAST, shape_of(data))
    set_prefix(network, FAST, {"pixels": pixels}, idf=())
    start_from_data(network, FAST, {"pixels": pixels})
    return network


def whitened(network: keras.Model, pixels: np.ndarray) -> np.ndarray:
    """What the first layer gives inside the image, where no padding is."""
    layer = network.get_layer("whiten")
    seen = keras.Function(network.inputs, layer.output)([pixels])
    return np.asarray(seen)[:, :-1, :-1].reshape(-1, 2 * layer.n_directions)


def test_the_first_layer_gives_training_patches_unit_spread():
    pixels = bars(n_channels=3).x["pixels"]
    seen = whitened(started(pixels), pixels)
    n = seen.shape[1] // 2
    np.testing.assert_allclose(np.square(seen).mean(axis=0), 1.0, atol=0.05)
    shared = seen[:, :n].T @ seen[:, :n] / len(seen)
    assert np.abs(shared - np.eye(n)).max() < 0.05


def test_images_of_one_colour_leave_random_directions():
    network = started(np.full((20, SIDE, SIDE, 3), 7, "uint8"))
    kernel = network.get_layer("whiten").kernel.numpy()
    assert np.isfinite(kernel).all()
    assert kernel.std() > 0


def test_images_smaller_than_a_patch_leave_random_directions():
    network = started(np.random.default_rng(0).integers(0, 255, (20, 1, 5, 1)).astype("uint8"))
    assert network.get_layer("whiten").kernel.numpy().std() > 0


def test_training_moves_the_bias_of_the_first_layer_and_not_its_directions():
    data = bars(n_channels=3)
    trainer = small_trainer(data)
    fit = trainer.fit(replace(FAST, epochs=1, patience=0, batch_size=40), 0)
    assert fit.status == "ok"
    network = trainer.network(FAST, fit.key)
    before = started(data.x["pixels"][data.split.folds[0].train])
    np.testing.assert_allclose(network.get_layer("whiten").kernel, before.get_layer("whiten").kernel, rtol=1e-4)
    assert np.abs(network.get_layer("whiten").bias.numpy()).max() > 0


def test_momentum_that_looks_ahead_is_keras_own():
    start = np.array([1.0, -2.0], "float32")
    own, theirs = keras.Variable(start), keras.Variable(start)
    ours = build_optimizer("sgd", 0.1, nesterov=True)
    reference = keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)
    for optimizer, variable in ((ours, own), (reference, theirs)):
        optimizer.build([variable])
        for step in range(4):
            optimizer.apply([tf.constant([0.3 * step, 1.0])], [variable])
    np.testing.assert_allclose(own.numpy(), theirs.numpy(), rtol=1e-6)
    assert not build_optimizer("sgd", 0.1).nesterov


def test_fewer_images_than_rows_of_a_table_are_looked_at():
    n = 1_000
    labels, weight = tf.zeros(n), tf.ones(n)
    images = BenchRows(x={"pixels": tf.zeros((n, 4, 4, 1), "uint8")}, y=labels, weight=weight)
    table = BenchRows(x={"numbers": tf.zeros((n, 16))}, y=labels, weight=weight)
    assert rows_to_look_at(images).n_rows == N_IMAGES
    assert rows_to_look_at(table).n_rows == 512
