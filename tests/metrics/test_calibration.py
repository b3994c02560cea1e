"""The reliability curve and the expected calibration error."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autorecipe.metrics.calibration
from autorecipe.metrics import ece
from autorecipe.metrics.calibration import calibration, wilson_interval
from autorecipe.metrics.choose import deciding_metric
from autorecipe.metrics.intervals import bootstrap_interval
from autorecipe.metrics.metric import Array
from autorecipe.metrics.summary import all_scores

seeds = st.integers(0, 10_000)


def calibrated(n_rows: int, seed: int, n_classes: int = 2) -> tuple[Array, Array]:
    """Classes drawn by the very probabilities that come with them."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(n_classes), n_rows)
    return (p.cumsum(axis=1) < rng.random((n_rows, 1))).sum(axis=1), p


@given(seed=seeds, n_classes=st.sampled_from([2, 4]))
@settings(max_examples=50, deadline=None)
def test_probabilities_that_are_right_have_the_error_of_chance(seed: int, n_classes: int) -> None:
    y, p = calibrated(6000, seed, n_classes)

    found = calibration(y, p)

    assert found is not None
    assert found.ece < 0.04
    assert found.ece == pytest.approx(found.chance, rel=1.0)


@given(seed=seeds, n_classes=st.sampled_from([2, 3]), n_rows=st.integers(1, 300))
@settings(max_examples=50, deadline=None)
def test_the_error_lies_between_zero_and_one(seed: int, n_classes: int, n_rows: int) -> None:
    rng = np.random.default_rng(seed)
    y, p = rng.integers(0, n_classes, n_rows), rng.dirichlet(np.full(n_classes, 0.1), n_rows)

    found = calibration(y, p)

    assert (found is None) == (len(set(y)) == 1)
    assert found is None or 0 <= found.ece <= 1


@given(seed=seeds, levels=st.sampled_from([3, 20, 1000]))
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_rows_does_not_matter(seed: int, levels: int) -> None:
    y, p = calibrated(400, seed)
    positive = np.round(p[:, 1] * levels) / levels
    p, weight = np.c_[1 - positive, positive], np.random.default_rng(seed).random(400) + 0.1
    order = np.random.default_rng(seed + 1).permutation(400)

    one = calibration(y, p, weight=weight)
    other = calibration(y[order], p[order], weight=weight[order])

    assert one is not None
    assert other is not None
    assert one.ece == pytest.approx(other.ece)
    assert [b.n_rows for b in one.bins] == [b.n_rows for b in other.bins]
    assert [b.observed for b in one.bins] == pytest.approx([b.observed for b in other.bins])


def test_bins_hold_equally_many_rows_and_rise() -> None:
    y, p = calibrated(3000, 0)

    found = calibration(y, p)

    assert found is not None
    assert [b.n_rows for b in found.bins] == [200] * 15
    predicted = [b.predicted for b in found.bins]
    assert predicted == sorted(predicted)
    assert all(b.low <= b.observed <= b.high for b in found.bins)


def test_few_rows_have_fewer_bins() -> None:
    y, p = calibrated(45, 0)

    found = calibration(y, p)

    assert found is not None
    assert len(found.bins) == 4
    assert calibration([], np.zeros((0, 2))) is None


def test_the_error_of_two_groups_is_the_mean_of_their_gaps() -> None:
    y = np.r_[np.repeat([1, 0], [30, 70]), np.repeat([1, 0], [60, 40])]
    positive = np.repeat([0.2, 0.9], 100)

    found = calibration(y, np.c_[1 - positive, positive])

    assert found is not None
    assert found.ece == pytest.approx(0.5 * 0.1 + 0.5 * 0.3)
    assert [(round(b.predicted, 6), b.observed) for b in found.bins] == [(0.2, 0.3), (0.9, 0.6)]
    assert (found.low, found.high) == (None, None)


def test_the_interval_is_that_of_the_score() -> None:
    y, p = calibrated(300, 5)
    scores = all_scores("binary", y, p)

    found = calibration(y, p, scores=scores)

    assert found is not None
    score = next(s for s in scores if s.metric == "ece")
    assert (found.ece, found.low, found.high) == (score.value, score.low, score.high)
    assert score.low is not None


def test_a_weight_counts_like_repeated_rows() -> None:
    rng = np.random.default_rng(4)
    positive = np.repeat([0.2, 0.7], 50)
    p, y, weight = np.c_[1 - positive, positive], rng.integers(0, 2, 100), rng.integers(1, 4, 100)

    weighted = ece.METRIC.compute(y, p, weight)

    assert weighted == pytest.approx(ece.METRIC.compute(np.repeat(y, weight), np.repeat(p, weight, axis=0)))


def test_several_classes_are_judged_by_the_likeliest() -> None:
    p = np.tile([0.2, 0.5, 0.3], (20, 1))
    y = np.repeat([1, 0], [5, 15])

    assert ece.METRIC.compute(y, p) == pytest.approx(0.25)


def test_the_calibration_error_decides_nothing() -> None:
    assert deciding_metric(ece.METRIC).name == "log_loss"


def test_intervals_of_right_probabilities_reach_to_zero() -> None:
    lows = [bootstrap_interval(ece.METRIC, *calibrated(400, seed), n_resamples=200)[0] for seed in range(30)]

    assert lows.count(0.0) >= 27


def test_intervals_of_wrong_probabilities_hold_how_wrong_they_are() -> None:
    n_held = 0
    for seed in range(40):
        y = (np.random.default_rng(seed).random(600) < 0.6).astype(int)
        positive = np.repeat([0.5, 0.75], 300)
        low, high = bootstrap_interval(ece.METRIC, y, np.c_[1 - positive, positive], seed=seed, n_resamples=200)
        n_held += low is not None and high is not None and low <= 0.125 <= high

    assert n_held >= 35


@given(share=st.floats(0, 1), n=st.integers(1, 10_000))
@settings(max_examples=50, deadline=None)
def test_wilson_intervals_hold_the_share_and_stay_shares(share: float, n: int) -> None:
    low, high = wilson_interval(share, n)

    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


def test_the_examples_of_calibration_hold() -> None:
    assert doctest.testmod(autorecipe.metrics.calibration).failed == 0
