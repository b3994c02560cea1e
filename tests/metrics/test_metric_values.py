"""The metrics' values: equal to scikit-learn's, bounded, and blind to the order of the rows."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.metrics import METRICS, Metric
from autorecipe.metrics.metric import Array

NAMED = {m.name: m for m in METRICS}
CLASSIFICATION = [m for m in METRICS if "regression" not in m.tasks]
Reference = dict[str, Callable[[Array, Array, Array], float]]
TIED_LEVELS = 5  # probabilities drawn from few levels make ties


@st.composite
def rows_of(draw: st.DrawFn, n_classes: int) -> tuple[Array, Array, Array]:
    """Codes with at least two classes, probabilities (often tied), and positive weights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_rows = draw(st.integers(n_classes + 2, 60))
    y = np.r_[np.arange(n_classes), rng.integers(0, n_classes, n_rows - n_classes)]
    raw = rng.integers(1, TIED_LEVELS, (n_rows, n_classes)) if draw(st.booleans()) else rng.random((n_rows, n_classes))
    raw = raw + 0.01
    weight = rng.random(n_rows) + 0.1 if draw(st.booleans()) else np.ones(n_rows)
    return rng.permutation(y), raw / raw.sum(axis=1, keepdims=True), weight


@st.composite
def values_of(draw: st.DrawFn) -> tuple[Array, Array, Array]:
    """True values without zeros, predictions, and positive weights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_rows = draw(st.integers(3, 60))
    y = rng.lognormal(size=n_rows) * 10.0 ** draw(st.integers(-3, 6))
    weight = rng.random(n_rows) + 0.1 if draw(st.booleans()) else np.ones(n_rows)
    return y, y * rng.normal(1, 0.3, n_rows), weight


def prediction_for(metric: Metric, probabilities: Array) -> Array:
    return probabilities.argmax(axis=1) if metric.needs == "labels" else probabilities


BINARY_REFERENCE: Reference = {
    "roc_auc": lambda y, p, w: sk.roc_auc_score(y, p[:, 1], sample_weight=w),
    "pr_auc": lambda y, p, w: sk.average_precision_score(y, p[:, 1], sample_weight=w),
    "log_loss": lambda y, p, w: sk.log_loss(y, p, sample_weight=w, labels=[0, 1]),
    "brier": lambda y, p, w: sk.brier_score_loss(y, p[:, 1], sample_weight=w),
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p, sample_weight=w),
    "balanced_accuracy": lambda y, p, w: sk.balanced_accuracy_score(y, p, sample_weight=w),
    "precision": lambda y, p, w: sk.precision_score(y, p, sample_weight=w, zero_division=0),
    "recall": lambda y, p, w: sk.recall_score(y, p, sample_weight=w),
    "f1": lambda y, p, w: sk.f1_score(y, p, sample_weight=w),
    "mcc": lambda y, p, w: sk.matthews_corrcoef(y, p, sample_weight=w),
}
MULTICLASS_REFERENCE: Reference = {
    "log_loss": lambda y, p, w: sk.log_loss(y, p, sample_weight=w, labels=[0, 1, 2, 3]),
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p, sample_weight=w),
    "balanced_accuracy": lambda y, p, w: sk.balanced_accuracy_score(y, p, sample_weight=w),
    "macro_f1": lambda y, p, w: sk.f1_score(y, p, sample_weight=w, average="macro"),
    "weighted_f1": lambda y, p, w: sk.f1_score(y, p, sample_weight=w, average="weighted"),
    "ovr_auc": lambda y, p, w: np.mean([sk.roc_auc_score(y == c, p[:, c], sample_weight=w) for c in range(4)]),
}
REGRESSION_REFERENCE: Reference = {
    "r2": lambda y, p, w: sk.r2_score(y, p, sample_weight=w),
    "rmse": lambda y, p, w: sk.root_mean_squared_error(y, p, sample_weight=w),
    "mae": lambda y, p, w: sk.mean_absolute_error(y, p, sample_weight=w),
    "mape": lambda y, p, w: sk.mean_absolute_percentage_error(y, p, sample_weight=w),
}


def assert_equal_values(reference: Reference, y: Array, prediction: Array, weight: Array) -> None:
    for name, expected in reference.items():
        metric = NAMED[name]
        guess = prediction_for(metric, prediction)
        value = metric.compute(y, guess, weight)
        assert value == pytest.approx(expected(y, guess, weight), rel=1e-9, abs=1e-12), name


@given(rows=rows_of(2))
@settings(max_examples=30, deadline=None)
def test_binary_metrics_equal_scikit_learn(rows: tuple[Array, Array, Array]) -> None:
    assert_equal_values(BINARY_REFERENCE, *rows)


@given(rows=rows_of(4))
@settings(max_examples=30, deadline=None)
def test_multiclass_metrics_equal_scikit_learn(rows: tuple[Array, Array, Array]) -> None:
    assert_equal_values(MULTICLASS_REFERENCE, *rows)


@given(rows=values_of())
@settings(max_examples=30, deadline=None)
def test_regression_metrics_equal_scikit_learn(rows: tuple[Array, Array, Array]) -> None:
    assert_equal_values(REGRESSION_REFERENCE, *rows)


@given(rows=values_of(), repeats=st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_an_integer_weight_equals_repeating_the_row(rows: tuple[Array, Array, Array], repeats: int) -> None:
    y, prediction, _ = rows
    weight = np.arange(len(y)) % (repeats + 1)
    weight[0] = 1
    metric = NAMED["median_absolute_error"]

    assert metric.compute(y, prediction) == pytest.approx(sk.median_absolute_error(y, prediction))
    expected = np.median(np.repeat(np.abs(y - prediction), weight))
    assert metric.compute(y, prediction, weight) == pytest.approx(expected)


@given(rows=rows_of(2), seed=st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_rows_does_not_matter(rows: tuple[Array, Array, Array], seed: int) -> None:
    y, probabilities, weight = rows
    order = np.random.default_rng(seed).permutation(len(y))

    for metric in CLASSIFICATION:
        guess = prediction_for(metric, probabilities)
        shuffled = metric.compute(y[order], guess[order], weight[order])
        assert shuffled == pytest.approx(metric.compute(y, guess, weight), abs=1e-12), metric.name


@given(rows=rows_of(2))
@settings(max_examples=30, deadline=None)
def test_classification_metrics_stay_in_their_bounds(rows: tuple[Array, Array, Array]) -> None:
    y, probabilities, weight = rows

    for metric in CLASSIFICATION:
        low = -1.0 if metric.name == "mcc" else 0.0
        high = math.inf if metric.name == "log_loss" else 1.0
        value = metric.compute(y, prediction_for(metric, probabilities), weight)
        assert low - 1e-12 <= value <= high + 1e-12, metric.name


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_a_perfect_prediction_has_the_best_value(metric: Metric) -> None:
    y = np.array([0, 1, 2, 1, 0, 2]) if "multiclass" in metric.tasks else np.array([0, 1, 1, 0])
    prediction = {"probabilities": np.eye(3)[y] if y.max() == 2 else np.eye(2)[y], "labels": y}
    if metric.needs == "values":
        y = y + 1.0
    best = 1.0 if metric.direction == "max" else 0.0

    assert metric.compute(y, prediction.get(metric.needs, y)) == pytest.approx(best, abs=1e-12)


def test_being_sure_and_wrong_costs_a_finite_log_loss() -> None:
    assert NAMED["log_loss"].compute([1], [[1.0, 0.0]]) == pytest.approx(-math.log(1e-7))


def test_log_loss_covers_columns_of_classes_that_do_not_occur() -> None:
    assert NAMED["log_loss"].compute([0, 2], [[0.5, 0.3, 0.2], [0.25, 0.25, 0.5]]) == pytest.approx(math.log(2))


def test_one_vs_rest_auc_averages_over_the_classes_that_occur() -> None:
    rng = np.random.default_rng(0)
    y, probabilities = rng.choice([0, 2], 40), rng.dirichlet(np.ones(3), 40)
    areas = [sk.roc_auc_score(y == c, probabilities[:, c]) for c in (0, 2)]

    assert NAMED["ovr_auc"].compute(y, probabilities) == pytest.approx(np.mean(areas))


def test_macro_f1_averages_over_the_classes_that_occur() -> None:
    y, labels = [0, 0, 1, 1], [0, 2, 1, 1]

    expected = sk.f1_score(y, labels, average="macro", labels=[0, 1])

    assert NAMED["macro_f1"].compute(y, labels) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["roc_auc", "recall", "f1", "pr_auc", "mcc"])
def test_binary_metrics_without_a_positive_row_are_undefined(name: str) -> None:
    metric = NAMED[name]
    prediction = [0, 1, 1] if metric.needs == "labels" else [[0.5, 0.5]] * 3

    assert not metric.is_defined(np.zeros(3))
    assert math.isnan(metric.compute([0, 0, 0], prediction))


def test_mape_is_undefined_where_a_true_value_is_zero() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(NAMED["mape"].compute([0.0, 1.0], [1.0, 1.0]))


def test_r2_is_undefined_for_a_constant_target() -> None:
    assert math.isnan(NAMED["r2"].compute([0.1, 0.1, 0.1], [1.0, 2.0, 3.0]))


def test_r2_is_exact_far_from_zero() -> None:
    y = 1e9 + np.arange(50.0)

    assert NAMED["r2"].compute(y, y + np.tile([0.5, -0.5], 25)) == pytest.approx(1 - 0.25 / (2499 / 12), rel=1e-9)


def test_precision_is_zero_when_nothing_is_called_positive() -> None:
    assert NAMED["precision"].compute([0, 1], [0, 0]) == 0.0


def test_rows_that_do_not_match_are_an_error() -> None:
    with pytest.raises(ValueError, match="y has 2 rows, prediction 3"):
        NAMED["mae"].compute([1, 2], [1, 2, 3])


def test_probabilities_without_a_class_axis_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"roc_auc needs probabilities of 2 axes, received shape \(2,\)"):
        NAMED["roc_auc"].compute([0, 1], [0.1, 0.9])
