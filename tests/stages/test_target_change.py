from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from autorecipe.checks.spread import skewness
from autorecipe.recipe import Recipe
from autorecipe.record.profile import ColumnProfile, Profile
from autorecipe.record.run import Run
from autorecipe.stages.target_change import target_changes
from autorecipe.testing import make_run

RNG = np.random.default_rng(3)
LOGNORMAL = np.exp(RNG.normal(3, 1, 2000))
NET = Recipe(loss="mse")


def run_of(y: np.ndarray, *, task: str = "regression") -> Run:
    column = ColumnProfile(
        name="bought",
        kind="numeric",
        missing_share=0.0,
        n_distinct=len(np.unique(y)),
        minimum=float(y.min()),
        median=float(np.median(y)),
        maximum=float(y.max()),
        skew=skewness(y),
    )
    found = Profile(n_rows=len(y), columns=(column,), outcomes=(), findings=())
    return dataclasses.replace(make_run(task=task), profile=found)


def test_a_positive_target_with_a_long_tail_is_offered_its_logarithm():
    (change,) = target_changes(NET, run_of(LOGNORMAL))
    assert change.apply(NET) == dataclasses.replace(NET, target_transform="log1p")
    assert "skew" in change.reason
    assert not change.source  # it must win


def test_a_target_far_above_its_median_is_offered_its_logarithm_even_with_little_skew():
    y = np.concatenate([np.ones(60), np.full(50, 100.0)])
    assert skewness(y) < 1
    (change,) = target_changes(NET, run_of(y))
    assert "100 times its median" in change.reason


@pytest.mark.parametrize(
    "y",
    [
        RNG.normal(100, 5, 500),
        -LOGNORMAL,
        LOGNORMAL - 1000,
        np.append(LOGNORMAL, -0.5),
        LOGNORMAL / LOGNORMAL.max() / 2,
    ],
    ids=["no tail", "tail below", "negative", "one negative value", "too small for log(1 + y) to bend"],
)
def test_other_targets_are_left_alone(y):
    assert target_changes(NET, run_of(y)) == ()


def test_it_is_offered_once_and_to_regressions_alone():
    learned = dataclasses.replace(NET, target_transform="log1p")
    assert target_changes(learned, run_of(LOGNORMAL)) == ()
    assert target_changes(NET, run_of(LOGNORMAL, task="binary")) == ()
    assert target_changes(NET, make_run(task="regression")) == ()
