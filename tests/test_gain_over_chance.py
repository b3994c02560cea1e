from __future__ import annotations

import dataclasses
import math

import pytest

from autorecipe.recipe import Recipe
from autorecipe.record.stage import StageResult
from autorecipe.record.trial import Fit, Trial
from autorecipe.stages.soundness import evidence_of
from autorecipe.testing import make_run


def fold(number, gain, error):
    return Fit(key=f"k{number}", fold=number, gain_over_chance=gain, gain_error=error)


NETWORK = Trial(name="net", recipe=Recipe(), fits=(fold(0, 0.01, 0.03), fold(1, 0.05, 0.04)))
LINEAR = Trial(name="linear", recipe=None, fits=(fold(0, 0.04, 0.06), fold(1, 0.06, 0.08)))


def test_the_folds_of_a_trial_share_one_gain_with_a_smaller_error():
    assert NETWORK.gain_over_chance == pytest.approx(0.03)
    assert NETWORK.gain_error == pytest.approx(math.hypot(0.03, 0.04) / 2)


def test_a_gain_that_one_fold_did_not_measure_is_not_known():
    unknown = dataclasses.replace(NETWORK, fits=(*NETWORK.fits, Fit(key="old", fold=2)))
    assert unknown.gain_over_chance is None


def test_the_evidence_pools_the_folds_of_the_network_and_of_its_rivals():
    baseline = StageResult(stage="baseline", question="", ladder=(LINEAR, NETWORK))
    run = dataclasses.replace(make_run(), stages=(baseline,))
    training = evidence_of(NETWORK, run).training
    assert (training.gain, training.gain_error) == pytest.approx((0.03, 0.025))
    assert [(rival.name, rival.gain, rival.gain_error) for rival in training.rivals] == [
        ("linear", pytest.approx(0.05), pytest.approx(0.05))
    ]
