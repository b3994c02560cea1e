from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from autorecipe.metrics.class_curves import MOST_CLASSES, MOST_POINTS, class_curves

RANDOM = np.random.default_rng(0)
TWO = ("no", "yes")


def two(positive: np.ndarray) -> np.ndarray:
    return np.stack([1 - positive, positive], axis=1)


def drawn(n: int, *, skill: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    y = RANDOM.integers(0, 2, n)
    return y, 1 / (1 + np.exp(-skill * (2 * y - 1) - RANDOM.normal(size=n)))


def test_few_rows_give_the_points_of_scikit_learn():
    y, score = drawn(30)
    (found,) = class_curves(y, two(score), TWO)
    false, true, _ = roc_curve(y, score, drop_intermediate=False)
    assert np.allclose(found.roc, np.stack([false, true], axis=1), atol=1e-4)
    precision, recall, _ = precision_recall_curve(y, score)
    n = len(found.precision_recall)  # scikit-learn adds precision 1 at recall 0, and goes on where all are found
    assert np.allclose(found.precision_recall, np.stack([recall, precision], axis=1)[-2 : -2 - n : -1], atol=1e-4)
    assert recall[-1 - n] == 1.0


def test_many_rows_are_thinned_and_keep_their_area_and_ends():
    y, score = drawn(20_000)
    (found,) = class_curves(y, two(score), TWO)
    assert len(found.roc) <= MOST_POINTS
    assert len(found.precision_recall) <= MOST_POINTS
    assert (found.roc[0], found.roc[-1]) == ((0.0, 0.0), (1.0, 1.0))
    x, height = np.array(found.roc).T
    assert np.trapezoid(height, x) == pytest.approx(roc_auc_score(y, score), abs=2e-3)
    assert found.area == pytest.approx(roc_auc_score(y, score))
    assert found.mean_precision == pytest.approx(average_precision_score(y, score))
    assert found.precision_recall[-1][0] == 1.0
    assert found.share == pytest.approx(y.mean())


def test_weights_count_as_repeated_rows():
    y, score = drawn(40)
    weight = RANDOM.integers(0, 4, 40)
    repeated = np.repeat(np.arange(40), weight)
    (weighted,) = class_curves(y, two(score), TWO, weight=weight)
    (plain,) = class_curves(y[repeated], two(score[repeated]), TWO)
    assert weighted.precision_recall == plain.precision_recall
    assert weighted.share == pytest.approx(plain.share)
    assert weighted.roc == plain.roc


def test_of_many_classes_the_most_frequent_have_curves():
    n_classes = MOST_CLASSES + 3
    y = np.repeat(np.arange(n_classes), np.arange(1, n_classes + 1))
    found = class_curves(y, RANDOM.dirichlet(np.ones(n_classes), len(y)), [f"c{i}" for i in range(n_classes)])
    assert [curves.label for curves in found] == [
        f"c{i}" for i in range(n_classes - 1, n_classes - 1 - MOST_CLASSES, -1)
    ]


def test_a_class_that_does_not_occur_has_no_curves():
    assert class_curves([0, 0], two(np.array([0.2, 0.3])), TWO) == ()
    found = class_curves([0, 1, 1], [[1, 0, 0], [0, 1, 0], [0.5, 0.5, 0]], ("a", "b", "c"))
    assert [curves.label for curves in found] == ["b", "a"]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=60))
def test_a_roc_curve_rises_from_corner_to_corner(rows):
    y, score = np.array([r[0] for r in rows]).astype(int), np.array([r[1] for r in rows]) / 5
    for found in class_curves(y, two(score), TWO):
        x, height = np.array(found.roc).T
        assert (np.diff(x) >= 0).all()
        assert (np.diff(height) >= 0).all()
        assert (found.roc[0], found.roc[-1]) == ((0.0, 0.0), (1.0, 1.0))
        assert all(0 <= part <= 1 for point in found.precision_recall for part in point)
