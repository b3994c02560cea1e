from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
from autorecipe.training.devices import (  # noqa: E402  TensorFlow may be absent
    free_memory_bytes,
    precision_for,
    training_precision,
)

# devices are divided before TensorFlow starts, so this needs a process of its own
TWO_DEVICES = """
import warnings
import keras, numpy as np, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from autorecipe import TrainingPlan, train

random = np.random.default_rng(0)
x = random.normal(size=(100, 4)).astype("float32")
y = (x[:, 0] > 0).astype("int32")

def network():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy")
    return model

strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    shared = network()
alone = network()
plan = TrainingPlan(epochs=3, batch_size=32, schedule="cosine", clip_norm=1.0, ema_decay=0.9)
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    of_two = train(shared, x, y, plan=plan, validation_data=(x, y)).history
of_one = train(alone, x, y, plan=plan, validation_data=(x, y)).history
assert any("the model was built for 2 devices" in str(w.message) for w in said), [str(w.message) for w in said]
for name in ("loss", "val_loss"):
    np.testing.assert_allclose(of_two[name], of_one[name], rtol=1e-3)
for a, b in zip(shared.get_weights(), alone.get_weights()):
    np.testing.assert_allclose(a, b, rtol=1e-2, atol=1e-4)
print("two devices agree with one")
"""


@pytest.mark.parametrize(
    ("device", "precision"),
    [
        ({}, "float32"),
        ({"device_name": "a CPU"}, "float32"),
        ({"compute_capability": (6, 1)}, "float32"),
        ({"compute_capability": (7, 0)}, "mixed_float16"),
        ({"compute_capability": (7, 5)}, "mixed_float16"),
        ({"compute_capability": (8, 0)}, "mixed_bfloat16"),
        ({"compute_capability": (12, 0)}, "mixed_bfloat16"),
    ],
)
def test_the_precision_follows_from_the_compute_capability(device, precision):
    assert precision_for(device) == precision


AMPERE, TURING, CPU = {"compute_capability": (8, 0)}, {"compute_capability": (7, 5)}, {"device_name": "a CPU"}


@pytest.mark.parametrize(
    ("devices", "precision"),
    [
        ((), "float32"),
        ((CPU,), "float32"),
        ((TURING,), "float32"),
        ((AMPERE,), "mixed_bfloat16"),
        ((AMPERE, AMPERE), "mixed_bfloat16"),
        ((AMPERE, TURING), "float32"),
    ],
)
def test_networks_train_in_bfloat16_where_every_gpu_gains_from_it(devices, precision):
    assert training_precision(devices) == precision


def test_free_memory_is_a_number_of_bytes():
    free = free_memory_bytes()
    assert free is not None
    assert free > 2**20


def test_two_devices_train_as_one_does():
    command = [sys.executable, "-c", TWO_DEVICES]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "two devices agree with one" in done.stdout
