"""Bootstrap intervals and paired differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.metrics import METRICS, Metric
from autorecipe.metrics.intervals import (
    Difference,
    Rows,
    bootstrap_difference,
    bootstrap_interval,
    difference_with_error,
    resampled_scores,
)
from autorecipe.metrics.metric import Array

NAMED = {m.name: m for m in METRICS}
OF_ROWS = [
    m for m in METRICS if m.name != "ece"
]  # its bins are those of all rows, and a sharper model may be worse by it


def truth_and_two_predictions(metric: Metric, n_rows: int, seed: int) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(seed)
    if metric.needs == "values":
        y = rng.lognormal(size=n_rows)
        return y, y + rng.normal(0, 0.5, n_rows), y + rng.normal(0, 1.0, n_rows)
    n_classes = 3 if "multiclass" in metric.tasks else 2
    y = rng.integers(0, n_classes, n_rows)
    good, poor = ((np.eye(n_classes)[y] * pull + rng.random((n_rows, n_classes))) for pull in (0.6, 0.2))
    if metric.needs == "labels":
        return y, good.argmax(axis=1), poor.argmax(axis=1)
    return y, good / good.sum(axis=1, keepdims=True), poor / poor.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("metric", OF_ROWS, ids=lambda m: m.name)
def test_resampling_by_weights_equals_resampling_rows(metric: Metric) -> None:
    y, prediction, _ = truth_and_two_predictions(metric, 30, seed=1)
    rows = np.random.default_rng(0).integers(0, 30, (5, 30))
    counts = np.array([np.bincount(r, minlength=30) for r in rows], dtype=float)

    by_weights = metric.score_many(*metric.as_arrays(y, prediction), counts)

    assert by_weights == pytest.approx([metric.compute(y[r], prediction[r]) for r in rows])


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_the_interval_holds_the_value(metric: Metric) -> None:
    y, prediction, _ = truth_and_two_predictions(metric, 200, seed=2)

    low, high = bootstrap_interval(metric, y, prediction, n_resamples=200)

    assert low is not None
    assert high is not None
    assert low < metric.compute(y, prediction) < high


def test_the_error_of_a_mean_is_its_textbook_error() -> None:
    y = np.zeros(400)
    misses = np.random.default_rng(0).normal(size=(2, 400))

    found = bootstrap_difference(NAMED["mae"], y, misses[0], misses[1])

    textbook = np.std(np.abs(misses[1]) - np.abs(misses[0]), ddof=1) / math.sqrt(400)
    assert found.error == pytest.approx(textbook, rel=0.1)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for seed in range(200):
        y = (rng.random(100) < 0.5).astype(int)
        scores = rng.normal(y, 1.0)
        low, high = bootstrap_interval(NAMED["roc_auc"], y, np.c_[-scores, scores], seed=seed, n_resamples=200)
        truth = 0.7602  # normal distribution function at 1 / sqrt(2)
        covered += low is not None and high is not None and low <= truth <= high

    assert 0.90 <= covered / 200 <= 0.98


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_identical_predictions_differ_by_nothing(metric: Metric) -> None:
    y, prediction, _ = truth_and_two_predictions(metric, 50, seed=4)

    assert bootstrap_difference(metric, y, prediction, prediction.copy())[:4] == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("metric", OF_ROWS, ids=lambda m: m.name)
def test_the_better_prediction_has_a_positive_difference(metric: Metric) -> None:
    y, good, poor = truth_and_two_predictions(metric, 300, seed=5)

    assert bootstrap_difference(metric, y, poor, good).value > 0


@given(seed=st.integers(0, 1000), name=st.sampled_from(["roc_auc", "log_loss", "rmse", "f1"]))
@settings(max_examples=30, deadline=None)
def test_a_difference_changes_its_sign_with_the_order(seed: int, name: str) -> None:
    y, a, b = truth_and_two_predictions(NAMED[name], 40, seed=seed)

    there, back = bootstrap_difference(NAMED[name], y, a, b), bootstrap_difference(NAMED[name], y, b, a)

    assert there.value == -back.value
    assert there.error == pytest.approx(back.error)
    assert (there.low, there.high) == pytest.approx((-(back.high or 0), -(back.low or 0)))


def test_the_same_seed_repeats_the_interval() -> None:
    y, prediction, _ = truth_and_two_predictions(NAMED["roc_auc"], 60, seed=6)
    first, again, other = (bootstrap_interval(NAMED["roc_auc"], y, prediction, seed=s) for s in (1, 1, 2))

    assert first == again
    assert first != other


def test_rows_that_repeat_in_groups_widen_the_interval() -> None:
    rng = np.random.default_rng(7)
    y, prediction = np.repeat(rng.normal(size=30), 20), np.repeat(rng.normal(size=30), 20)
    rows = Rows(groups=np.repeat([f"g{i}" for i in range(30)], 20))

    alone = bootstrap_interval(NAMED["mae"], y, prediction)
    together = bootstrap_interval(NAMED["mae"], y, prediction, rows=rows)
    once = bootstrap_interval(NAMED["mae"], y[::20], prediction[::20])

    assert None not in (*alone, *together)
    assert np.diff(together) > 3 * np.diff(alone)
    assert np.diff(together) == pytest.approx(np.diff(once), rel=0.15)


def test_rows_of_weight_zero_do_not_count() -> None:
    y, prediction, _ = truth_and_two_predictions(NAMED["mae"], 60, seed=8)
    weight = np.r_[np.ones(30), np.zeros(30)]
    spoiled = np.r_[prediction[:30], np.full(30, 1e6)]

    _low, high = bootstrap_interval(NAMED["mae"], y, spoiled, rows=Rows(weight=weight))

    assert high is not None
    assert high < 10


@pytest.mark.parametrize("groups", [None, np.arange(40) % 9])
def test_under_ten_rows_or_groups_there_is_no_interval(groups: Array | None) -> None:
    n_rows = 9 if groups is None else 40
    y, prediction, other = truth_and_two_predictions(NAMED["mae"], n_rows, seed=9)

    assert bootstrap_interval(NAMED["mae"], y, prediction, rows=Rows(groups=groups)) == (None, None)
    found = bootstrap_difference(NAMED["mae"], y, prediction, other, rows=Rows(groups=groups))
    assert (found.low, found.high, found.error) == (None, None, None)
    assert not math.isnan(found.value)


def test_single_rows_give_the_error_where_groups_are_too_few_and_it_is_told() -> None:
    y, good, poor = truth_and_two_predictions(NAMED["mae"], 300, seed=9)

    def gain(n_groups: int) -> Difference:
        return difference_with_error(NAMED["mae"], y, poor, good, rows=Rows(groups=np.arange(300) % n_groups))

    assert gain(9)[:4] == bootstrap_difference(NAMED["mae"], y, poor, good)[:4]
    assert (gain(9).n_too_few, gain(60).n_too_few) == (9, 0)


def test_resamples_without_a_positive_row_are_skipped() -> None:
    y = np.r_[np.ones(1), np.zeros(19)].astype(int)
    p = np.linspace(0.9, 0.1, 20)

    scores = resampled_scores([(NAMED["roc_auc"], np.c_[1 - p, p])], y)[0]

    assert 0.3 < np.isnan(scores).mean() < 0.42  # (1 - 1/20)^20 = 0.36
    assert bootstrap_interval(NAMED["roc_auc"], y, np.c_[1 - p, p]) == (1.0, 1.0)


def test_when_most_resamples_are_undefined_there_is_no_interval() -> None:
    y = np.r_[np.ones(1), np.zeros(29)].astype(int)
    weight = np.r_[np.zeros(1), np.ones(29)]
    p = np.linspace(0.9, 0.1, 30)

    assert bootstrap_interval(NAMED["roc_auc"], y, np.c_[1 - p, p], rows=Rows(weight=weight)) == (None, None)


def test_an_undefined_metric_has_no_interval() -> None:
    assert bootstrap_interval(NAMED["mape"], np.zeros(20), np.ones(20)) == (None, None)


def test_many_rows_get_fewer_resamples_but_never_under_two_hundred() -> None:
    def n_drawn(n_rows: int) -> int:
        return len(resampled_scores([(NAMED["mae"], np.ones(n_rows))], np.zeros(n_rows))[0])

    assert n_drawn(1_000) == 1000
    assert n_drawn(20_000) == 500
    assert n_drawn(60_000) == 200
