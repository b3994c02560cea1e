from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.metrics import log_loss, mean_absolute_error, mean_squared_error

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")
from autorecipe.training.losses import FOCAL_GAMMA, HUBER_DELTA, row_loss  # noqa: E402  TensorFlow may be absent

RANDOM = np.random.default_rng(0)
LOGITS = 3 * RANDOM.normal(size=(50, 3)).astype("float32")
ONE_LOGIT = LOGITS[:, :1]
CLASSES = RANDOM.integers(0, 3, 50).astype("int32")
SIDES = (CLASSES > 0).astype("int32")
TARGET = RANDOM.normal(size=50).astype("float32")


def rows(loss: str, task: str, y, outputs, smoothing: float = 0.0) -> np.ndarray:
    return keras.ops.convert_to_numpy(row_loss(loss, task)(y, outputs, smoothing))


def both_sides(logits: np.ndarray) -> np.ndarray:
    return np.concatenate([1 - expit(logits), expit(logits)], axis=1)


def test_cross_entropy_is_the_log_loss():
    two, three = both_sides(ONE_LOGIT), softmax(LOGITS, axis=1)
    assert rows("cross_entropy", "binary", SIDES, ONE_LOGIT).mean() == pytest.approx(log_loss(SIDES, two), rel=1e-5)
    found = rows("cross_entropy", "multiclass", CLASSES, LOGITS).mean()
    assert found == pytest.approx(log_loss(CLASSES, three), rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.05, 0.3])
def test_label_smoothing_is_that_of_keras(smoothing):
    binary = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing, reduction=None)
    found = rows("cross_entropy", "binary", SIDES, ONE_LOGIT, smoothing)
    np.testing.assert_allclose(found, binary(SIDES[:, None].astype("float32"), ONE_LOGIT), rtol=1e-4, atol=1e-5)
    many = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing, reduction=None)
    found = rows("cross_entropy", "multiclass", CLASSES, LOGITS, smoothing)
    np.testing.assert_allclose(found, many(np.eye(3, dtype="float32")[CLASSES], LOGITS), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("task", "y", "outputs", "probabilities"),
    [("binary", SIDES, ONE_LOGIT, both_sides(ONE_LOGIT)), ("multiclass", CLASSES, LOGITS, softmax(LOGITS, axis=1))],
)
def test_the_focal_loss_is_the_published_formula(task, y, outputs, probabilities):
    p = probabilities[np.arange(len(y)), y]
    expected = -((1 - p) ** FOCAL_GAMMA) * np.log(p)
    np.testing.assert_allclose(rows("focal", task, y, outputs), expected, rtol=1e-4, atol=1e-6)


def test_the_binary_hinge_is_that_of_keras():
    found = rows("hinge", "binary", SIDES, ONE_LOGIT)
    expected = keras.losses.Hinge(reduction=None)(2.0 * SIDES[:, None] - 1.0, ONE_LOGIT)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_the_hinge_of_several_classes_is_that_of_crammer_and_singer():
    found = rows("hinge", "multiclass", CLASSES, LOGITS)
    lifted = LOGITS + 1.0 - np.eye(3)[CLASSES]
    np.testing.assert_allclose(found, lifted.max(axis=1) - LOGITS[np.arange(50), CLASSES], rtol=1e-5, atol=1e-5)
    assert rows("hinge", "multiclass", np.array([1], "int32"), np.array([[2.0, 3.5, 0.0]], "float32")).tolist() == [0.0]


@pytest.mark.parametrize(("task", "y", "outputs"), [("binary", SIDES, ONE_LOGIT), ("multiclass", CLASSES, LOGITS)])
def test_a_smoothed_hinge_lies_between_that_of_the_truth_and_the_mean_of_all_classes(task, y, outputs):
    n_classes = 2 if task == "binary" else 3
    each = [rows("hinge", task, np.full(50, code, "int32"), outputs) for code in range(n_classes)]
    expected = 0.8 * rows("hinge", task, y, outputs) + 0.2 * np.mean(each, axis=0)
    np.testing.assert_allclose(rows("hinge", task, y, outputs, 0.2), expected, rtol=1e-4, atol=1e-5)


def test_losses_of_numbers_are_the_usual_ones():
    guess = ONE_LOGIT[:, 0]
    squared, absolute = (rows(name, "regression", TARGET, ONE_LOGIT) for name in ("mse", "mae"))
    assert squared.mean() == pytest.approx(mean_squared_error(TARGET, guess), rel=1e-5)
    assert absolute.mean() == pytest.approx(mean_absolute_error(TARGET, guess), rel=1e-5)
    huber = keras.losses.Huber(delta=HUBER_DELTA, reduction=None)(TARGET[:, None], ONE_LOGIT)
    np.testing.assert_allclose(rows("huber", "regression", TARGET, ONE_LOGIT), huber, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("loss", ["cross_entropy", "focal"])
def test_certainty_stays_finite(loss):
    wrong = np.array([[200.0, -200.0, 0.0], [-200.0, 200.0, 0.0]], "float32")
    for task, y, outputs in (("binary", [0, 1], wrong[:, :1]), ("multiclass", [1, 0], wrong)):
        found = rows(loss, task, np.array(y, "int32"), outputs)
        assert np.isfinite(found).all()
        assert (found > 100).all()
