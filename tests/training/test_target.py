from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, softmax

from autorecipe.errors import UserError
from autorecipe.metrics.choose import metric_named
from autorecipe.training.target import (
    PRIOR_FLOOR,
    TargetScale,
    fit_scale,
    prior_bias,
    smearing_factor,
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


def test_the_scale_counts_a_row_as_often_as_its_weight_says():
    weighted = fit_scale(np.array([1.0, 4.0]), np.array([2.0, 1.0], "float32"), "regression")
    assert weighted == scale_of(np.array([1.0, 1.0, 4.0]))


def log_scale_of(y: np.ndarray) -> TargetScale:
    return fit_scale(y, np.ones(len(y), "float32"), "regression", transform="log1p")


@settings(max_examples=50, deadline=None)
@given(y=arrays("float64", st.integers(1, 50), elements=st.floats(-0.9, 1e6)))
def test_a_target_comes_back_from_its_logarithm(y):
    scale = log_scale_of(y)
    back = to_prediction(to_learn(y, scale, "regression").reshape(-1, 1), scale, "regression")
    assert back == pytest.approx(y, rel=2e-5, abs=2e-5)
    assert ((y.min() <= back) & (back <= y.max())).all()


def test_a_logarithm_is_learned_with_mean_0_and_deviation_1():
    y = np.exp(np.random.default_rng(0).normal(3, 1, 1000))
    learned = to_learn(y, log_scale_of(y), "regression")
    assert (learned.mean(), learned.std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))


def test_a_target_without_a_logarithm_is_refused():
    with pytest.raises(UserError, match="needs targets above -1, and there is -1"):
        log_scale_of(np.array([-1.0, 3.0]))


def test_a_held_out_target_below_the_training_range_counts_as_its_lowest():
    scale = log_scale_of(np.array([0.0, 3.0, 8.0]))
    below, lowest = to_learn(np.array([-5.0, 0.0]), scale, "regression")
    assert below == lowest


def test_predictions_of_a_logarithm_stay_within_the_range_of_the_training_rows():
    scale = log_scale_of(np.array([0.0, 3.0, 8.0]))
    assert to_prediction(np.array([[-1e4], [1e4]], "float32"), scale, "regression").tolist() == [0.0, 8.0]


def lognormal_outputs(*, spread: float = 0.8) -> tuple[TargetScale, np.ndarray, np.ndarray]:
    """The outputs of a network that knows the mean logarithm of each row, and the rows' targets."""
    rng = np.random.default_rng(1)
    middle = rng.normal(4, 0.5, 40_000)
    y = np.exp(middle + spread * rng.normal(size=len(middle))) - 1
    scale = log_scale_of(y)
    return scale, ((middle - scale.mean) / scale.std).astype("float32").reshape(-1, 1), y


def factor_for(metric: str, **options) -> float:
    scale, outputs, y = lognormal_outputs(**options)
    weight = np.ones(len(y), "float32")
    return smearing_factor(outputs, y, weight, scale=scale, metric=metric_named(metric, "regression"))


def test_smearing_makes_the_mean_of_lognormal_rows_unbiased():
    scale, outputs, y = lognormal_outputs()
    factor = factor_for("rmse")
    assert factor == pytest.approx(np.exp(0.8**2 / 2), rel=0.02)
    smeared = to_prediction(outputs, dataclasses.replace(scale, smearing=factor), "regression")
    error = (y - smeared).std() / np.sqrt(len(y))
    assert abs(y.mean() - smeared.mean()) < 4 * error
    assert y.mean() - to_prediction(outputs, scale, "regression").mean() > 20 * error


@pytest.mark.parametrize("metric", ["mae", "mape", "median_absolute_error"])
def test_a_metric_of_the_median_is_not_smeared(metric):
    assert factor_for(metric) == 1.0
    assert factor_for("r2") == factor_for("rmse") > 1.3


def test_a_plain_target_and_a_network_that_diverged_are_not_smeared():
    y = np.array([1.0, 2.0, 9.0])
    rmse = metric_named("rmse", "regression")
    lost = np.full((3, 1), np.nan, "float32")
    for scale, outputs in ((scale_of(y), np.zeros((3, 1), "float32")), (log_scale_of(y), lost)):
        assert smearing_factor(outputs, y, EVEN[:3], scale=scale, metric=rmse) == 1.0
