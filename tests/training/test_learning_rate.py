from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autorecipe.training.learning_rate import (
    HIGHEST,
    LOWEST,
    N_SWEEP_STEPS,
    PRIOR_RANGE,
    choose_rate,
    sweep_rates,
)

RATES = sweep_rates()
DEFAULT = 1e-3


def valley(*, lowest_at: float, floor: float = 0.2) -> np.ndarray:
    """A loss that is flat, falls from a hundredth of a rate on, is lowest there and then explodes."""
    way = np.clip(np.log10(RATES / (lowest_at / 100)) / 2, 0.0, 1.0)
    after = np.maximum(np.log10(RATES / lowest_at), 0.0)
    return (1.0 - (1.0 - floor) * way + 20 * after).astype("float32")


def test_the_sweep_rises_by_the_same_factor():
    assert len(RATES) == N_SWEEP_STEPS
    assert (RATES[0], RATES[-1]) == (pytest.approx(LOWEST), pytest.approx(HIGHEST))
    factors = RATES[1:] / RATES[:-1]
    assert factors == pytest.approx(factors[0], rel=1e-3)


def test_the_rate_lies_where_the_loss_falls():
    rate, _ = choose_rate(RATES, valley(lowest_at=2e-2), default=DEFAULT)
    assert 2e-4 < rate < 2e-2


def test_a_valley_at_higher_rates_speaks_for_a_higher_rate():
    low, high = (choose_rate(RATES, valley(lowest_at=at), default=DEFAULT)[0] for at in (3e-3, 3e-1))
    assert low < high


def test_the_default_stands_when_the_loss_hardly_falls():
    losses = np.linspace(1.0, 0.97, N_SWEEP_STEPS).astype("float32")
    assert choose_rate(RATES, losses, default=DEFAULT)[0] == DEFAULT
    assert choose_rate(RATES, losses[::-1].copy(), default=DEFAULT)[0] == DEFAULT


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_never_finite_leaves_the_default(bad):
    rate, smooth = choose_rate(RATES, np.full(N_SWEEP_STEPS, bad, "float32"), default=DEFAULT)
    assert rate == DEFAULT
    assert len(smooth) == 0


def test_what_comes_after_the_explosion_is_not_read():
    losses = valley(lowest_at=2e-2)
    spoilt = losses.copy()
    spoilt[-20:] = np.nan
    rate, smooth = choose_rate(RATES, spoilt, default=DEFAULT)
    assert rate == choose_rate(RATES, losses, default=DEFAULT)[0]
    assert len(smooth) < N_SWEEP_STEPS


@settings(max_examples=50, deadline=None)
@given(losses=arrays("float32", N_SWEEP_STEPS, elements=st.floats(0, 1e3, width=32)))
def test_whatever_the_losses_the_rate_stays_near_the_default(losses):
    rate, _ = choose_rate(RATES, losses, default=DEFAULT)
    assert PRIOR_RANGE[0] * DEFAULT <= rate <= PRIOR_RANGE[1] * DEFAULT
