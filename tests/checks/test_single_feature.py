from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from autorecipe.checks.single_feature import (
    Feature,
    auc_lower_bound,
    chance_z,
    number_feature,
    score_classes,
    score_number,
)

laws = settings(max_examples=50, deadline=None)


def folds_of(n):
    return np.arange(n) % 5


@laws
@given(auc=st.floats(0.5, 1.0), n_positive=st.integers(2, 500), n_negative=st.integers(2, 500))
def test_the_lower_bound_lies_between_zero_and_the_auc(auc, n_positive, n_negative):
    assert 0 <= auc_lower_bound(auc, n_positive, n_negative) <= auc


@laws
@given(auc=st.floats(0.6, 1.0), n=st.integers(5, 200))
def test_more_rows_raise_the_lower_bound(auc, n):
    assert auc_lower_bound(auc, 4 * n, 4 * n) > auc_lower_bound(auc, n, n)


def test_a_perfect_auc_of_few_rows_is_not_certain():
    assert auc_lower_bound(1.0, 20, 20) < 0.95 < auc_lower_bound(1.0, 100, 100)


@laws
@given(seed=st.integers(0, 10_000))
def test_the_auc_of_levels_equals_that_of_scikit_learn(seed):
    random = np.random.default_rng(seed)
    codes, target = random.integers(0, 4, 400), random.integers(0, 2, 400)
    folds = folds_of(400)
    expected = []
    for fold in range(5):
        held = folds == fold
        prior = target[~held].mean()
        rows = np.bincount(codes[~held], minlength=4)
        rates = (np.bincount(codes[~held], weights=target[~held], minlength=4) + 2 * prior) / (rows + 2)
        expected.append(roc_auc_score(target[held], rates[codes[held]]))
    assert score_classes(Feature(codes=codes), target, folds).value == pytest.approx(np.mean(expected))


def test_noise_scores_chance_out_of_fold():
    random = np.random.default_rng(0)
    levels = Feature(codes=random.integers(0, 300, 1000))
    classes, numbers = random.integers(0, 2, 1000), random.normal(size=1000)
    assert score_classes(levels, classes, folds_of(1000)).value == pytest.approx(0.5, abs=0.05)
    assert score_number(levels, numbers, folds_of(1000)).value < 0.05


def test_a_feature_that_separates_one_class_of_three_is_averaged_over_all():
    target = np.repeat([0, 1, 2], 200)
    random = np.random.default_rng(0)
    feature = number_feature(np.where(target == 2, 10.0, 0.0) + random.normal(size=600))
    score = score_classes(feature, target, folds_of(600))
    assert 0.75 < score.value < 0.9


def test_too_few_rows_give_no_score():
    assert score_classes(Feature(codes=np.zeros(30, int)), np.repeat([0, 1], [25, 5]), folds_of(30)) is None
    assert score_number(Feature(codes=np.zeros(30, int)), np.arange(30.0), folds_of(30)) is None


def test_the_target_itself_scores_one():
    numbers = np.random.default_rng(0).lognormal(size=500)
    assert score_number(number_feature(numbers), numbers, folds_of(500)).lower > 0.999


def test_a_curved_relation_is_seen():
    x = np.random.default_rng(0).uniform(-3, 3, 2000)
    score = score_number(number_feature(x), x**2, folds_of(2000))
    assert score.lower > 0.98


def test_missing_cells_and_frequent_values_get_bins_of_their_own():
    numbers = np.r_[np.full(100, np.nan), np.zeros(300), np.random.default_rng(0).normal(size=600)]
    codes = number_feature(numbers).codes
    assert len(set(codes[:100])) == 1
    assert len(set(codes[100:400])) == 1
    assert not set(codes[:100]) & set(codes[100:])
    assert not set(codes[100:400]) & set(codes[400:])


def test_more_columns_push_the_band_of_chance_out():
    assert chance_z(1) < chance_z(10) < chance_z(1000)
