from __future__ import annotations

import numpy as np
import pytest

from autorecipe.record.trial import Fit
from autorecipe.training.scores import Predicted, mean_error, with_chance
from autorecipe.training.target import TargetScale

SCALE = TargetScale(mean=0.0, std=1.0)
RNG = np.random.default_rng(7)
Y = RNG.normal(size=200)
NOTHING = Fit(key="k", fold=0)


def gained(said, weight=None):
    rows = Predicted(y=Y, weight=np.ones(len(Y)) if weight is None else weight, said=said)
    return with_chance(NOTHING, rows, prior=np.zeros(len(Y)), scale=SCALE)


def test_a_gain_is_as_sure_as_the_rows_differences_are_alike():
    # every loss is a little lower than the prior's, though the losses themselves lie far apart
    found = gained(0.05 * Y)
    losses = mean_error((Y - 0.05 * Y) ** 2, np.ones(len(Y)))
    assert found.gain_over_chance > 2 * found.gain_error
    assert found.gain_over_chance < 2 * losses


def test_predicting_the_prior_gains_nothing_with_no_error():
    found = gained(np.zeros(len(Y)))
    assert (found.gain_over_chance, found.gain_error) == (0.0, 0.0)


def test_a_row_counts_as_often_as_it_weighs():
    said = 0.3 * Y + 0.1
    weight = np.where(np.arange(len(Y)) < 50, 3.0, 1.0)
    gains = Y**2 - (Y - said) ** 2
    assert gained(said, weight).gain_over_chance == pytest.approx(np.average(gains, weights=weight))
    assert gained(said, weight).gain_error == pytest.approx(mean_error(gains, weight))
    assert gained(said, weight).gain_over_chance != pytest.approx(gained(said).gain_over_chance)
