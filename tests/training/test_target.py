from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, softmax
from sklearn.metrics import log_loss

from autorecipe.training.target import (
    PRIOR_FLOOR,
    TargetScale,
    fit_scale,
    prior_bias,
    prior_entropy,
    to_learn,
    to_prediction,
)

Y = np.array([0, 1, 1, 2, 2, 2, 2, 1])
WEIGHT = np.array([1, 1, 2, 1, 1, 1, 1, 0], "float32")
EVEN = np.ones(len(Y), "float32")


def scale_of(y: np.ndarray) -> TargetScale:
    return fit_scale(y, np.ones(len(y), "float32"), "regression")


@settings(max_examples=50, deadline=None)
@given(y=arrays("float64", st.integers(1, 50), elements=st.floats(-1e6, 1e6)))
def test_a_target_comes_back_from_what_is_learned(y):
    scale = scale_of(y)
    learned = to_learn(y, scale, "regression")
    assert learned.dtype == np.float32
    back = to_prediction(learned.reshape(-1, 1), scale, "regression")
    assert back == pytest.approx(y, rel=1e-5, abs=1e-5 * max(np.abs(y).max(), 1.0))


def test_what_is_learned_has_mean_0_and_deviation_1():
    y = np.random.default_rng(0).normal(500, 30, 1000)
    learned = to_learn(y, scale_of(y), "regression")
    assert (learned.mean(), learned.std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))


def test_a_constant_target_is_learned_as_zero():
    assert to_learn(np.full(5, 7.0), scale_of(np.full(5, 7.0)), "regression").tolist() == [0.0] * 5


def test_predictions_stay_within_the_range_of_the_training_rows():
    scale = scale_of(np.array([1.0, 2.0, 6.0]))
    outputs = np.array([[-99.0], [99.0]], "float32")
    assert to_prediction(outputs, scale, "regression").tolist() == [1.0, 6.0]


def test_classes_are_learned_as_their_codes():
    assert fit_scale(Y, np.ones(len(Y), "float32"), "multiclass") == TargetScale()
    codes = to_learn(Y, TargetScale(), "multiclass")
    assert codes.dtype == np.int32
    assert codes.tolist() == Y.tolist()


def test_logits_become_probabilities():
    one, many = np.array([[2.0], [-1.0]], "float32"), np.array([[1.0, 2.0, 3.0]], "float32")
    two = to_prediction(one, TargetScale(), "binary")
    assert two[:, 1] == pytest.approx(expit(one[:, 0]))
    assert two.sum(axis=1) == pytest.approx(1.0)
    assert to_prediction(many, TargetScale(), "multiclass") == pytest.approx(softmax(many, axis=1))


@pytest.mark.parametrize("weight", [EVEN, WEIGHT])
def test_the_prior_bias_predicts_the_shares_of_the_classes(weight):
    share = np.bincount(Y, weights=weight) / weight.sum()
    bias = prior_bias(Y, weight, "multiclass", 3)
    assert to_prediction(bias[None], TargetScale(), "multiclass")[0] == pytest.approx(share, abs=1e-6)
    binary = (Y == 2).astype(int)
    logit = prior_bias(binary, weight, "binary", 2)
    assert expit(logit[0]) == pytest.approx(share[2], abs=1e-6)


def test_a_standardized_target_needs_no_bias():
    assert prior_bias(np.array([3.0, 4.0]), EVEN[:2], "regression", 1).tolist() == [0.0]


def test_a_class_that_training_lacks_gets_a_finite_bias():
    bias = prior_bias(np.array([0, 0, 1]), EVEN[:3], "multiclass", 3)
    assert bias[2] == pytest.approx(math.log(PRIOR_FLOOR))
    assert np.isfinite(prior_bias(np.array([0, 0]), EVEN[:2], "binary", 2)).all()


@pytest.mark.parametrize("weight", [EVEN, WEIGHT])
def test_the_prior_entropy_is_the_log_loss_of_the_prior(weight):
    share = np.bincount(Y, weights=weight) / weight.sum()
    expected = log_loss(Y, np.tile(share, (len(Y), 1)), sample_weight=weight)
    assert prior_entropy(Y, weight, 3) == pytest.approx(expected)


def test_one_class_has_no_entropy():
    assert prior_entropy(np.zeros(4, int), EVEN[:4], 3) == 0.0


def test_the_scale_counts_a_row_as_often_as_its_weight_says():
    weighted = fit_scale(np.array([1.0, 4.0]), np.array([2.0, 1.0], "float32"), "regression")
    assert weighted == scale_of(np.array([1.0, 1.0, 4.0]))
