from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.choices import ScheduleName
from autorecipe.recipe import Recipe
from autorecipe.schedules import (
    HIGH_MOMENTUM,
    LOW_MOMENTUM,
    MAX_WARM_UP_STEPS,
    SCHEDULES,
    USUAL_MOMENTUM,
    cycles_momentum,
    momenta,
    rate_factors,
    schedule_named,
    strength_factors,
)

NAMES = get_args(ScheduleName)
each_schedule = pytest.mark.parametrize("name", NAMES)


def factors(name: ScheduleName, *, n_epochs: int = 30, per_epoch: int = 10, warm_up: float = 0.0) -> np.ndarray:
    n_total = n_epochs * per_epoch
    recipe = Recipe(schedule=name, warm_up_share=warm_up)
    return rate_factors(recipe, first_step=0, n_steps=n_total, n_total=n_total, steps_per_epoch=per_epoch)


def test_every_schedule_of_a_recipe_has_a_record():
    assert tuple(s.name for s in SCHEDULES) == NAMES
    assert all(s.source and s.title for s in SCHEDULES)


@settings(max_examples=50, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    n_epochs=st.integers(1, 40),
    per_epoch=st.integers(1, 30),
    warm_up=st.sampled_from([0.0, 0.05, 0.3, 0.99]),
)
def test_factors_only_ever_lower_the_rate(name, n_epochs, per_epoch, warm_up):
    found = factors(name, n_epochs=n_epochs, per_epoch=per_epoch, warm_up=warm_up)
    assert found.dtype == np.float32
    assert found.shape == (n_epochs * per_epoch,)
    assert found.max() <= 1.0
    assert found.min() >= 0.0


@settings(max_examples=50, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    n_total=st.integers(2, 400),
    per_epoch=st.integers(1, 50),
    warm_up=st.sampled_from([0.0, 0.1]),
    data=st.data(),
)
def test_two_slices_equal_one(name, n_total, per_epoch, warm_up, data):
    cut = data.draw(st.integers(1, n_total - 1))
    recipe = Recipe(schedule=name, warm_up_share=warm_up)
    for function in (rate_factors, momenta):
        whole, first, rest = (
            function(recipe, first_step=a, n_steps=b - a, n_total=n_total, steps_per_epoch=per_epoch)
            for a, b in ((0, n_total), (0, cut), (cut, n_total))
        )
        np.testing.assert_array_equal(np.concatenate([first, rest]), whole)


@each_schedule
def test_only_schedules_that_say_so_depend_on_the_number_of_epochs(name):
    short, long = factors(name, n_epochs=12), factors(name, n_epochs=24)
    assert np.array_equal(short, long[: len(short)]) is not schedule_named(name).needs_end


@pytest.mark.parametrize("name", [s.name for s in SCHEDULES if not s.starts_at_zero])
def test_a_warm_up_rises_in_a_straight_line_to_where_the_schedule_begins(name):
    found, start = factors(name, warm_up=0.1), factors(name)[0]
    rising = found[:30]
    np.testing.assert_allclose(np.diff(rising), rising[1] - rising[0], rtol=1e-3)
    assert rising[0] == pytest.approx(start / 60, rel=0.05)
    assert rising[-1] == pytest.approx(start, rel=0.05)
    assert found[30] == pytest.approx(start, rel=0.05)


@pytest.mark.parametrize("name", [s.name for s in SCHEDULES if s.starts_at_zero])
def test_a_schedule_that_starts_at_zero_is_its_own_warm_up(name):
    assert factors(name, n_epochs=300)[0] < 0.01
    np.testing.assert_array_equal(factors(name, warm_up=0.1), factors(name))


def test_a_warm_up_ends_after_5000_steps():
    found = factors("constant", n_epochs=100, per_epoch=2000, warm_up=0.5)
    assert (found[:MAX_WARM_UP_STEPS] < 1).all()
    assert (found[MAX_WARM_UP_STEPS:] == 1).all()


def test_constant_is_constant():
    assert set(factors("constant").tolist()) == {1.0}


def test_step_takes_a_tenth_at_a_third_two_thirds_and_nine_tenths():
    found = factors("step")
    assert found[[0, 99]].tolist() == [1.0, 1.0]
    assert found[[100, 199, 200, 269, 270, 299]] == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_exponential_loses_two_percent_an_epoch():
    found = factors("exponential")
    assert found[10:] / found[:-10] == pytest.approx(0.98, rel=1e-5)


def test_linear_and_cosine_fall_from_one_to_nothing_and_meet_in_the_middle():
    linear, cosine = factors("linear"), factors("cosine")
    for found in (linear, cosine):
        assert found[0] > 0.99
        assert found[-1] < 0.01
        assert (np.diff(found) < 0).all()
    assert linear[149:151].mean() == cosine[149:151].mean() == pytest.approx(0.5)
    assert (cosine[:149] >= linear[:149]).all()


def test_one_cycle_rises_for_a_third_and_then_falls_to_nothing():
    found = factors("one_cycle")
    assert found[0] == pytest.approx(1 / 25, rel=0.05)
    assert 88 <= found.argmax() <= 90
    assert found.max() == pytest.approx(1.0, abs=1e-3)
    assert found[-1] < 1e-4


def test_warm_restarts_start_again_at_one_seventh_and_three_sevenths():
    found = factors("warm_restarts", n_epochs=70)
    jumps = np.flatnonzero(np.diff(found) > 0) + 1
    assert jumps.tolist() == [100, 300]
    assert found[[0, 100, 300]] == pytest.approx(1.0, abs=1e-3)
    assert found[[99, 299, 699]] == pytest.approx(0.0, abs=1e-3)


def test_coslog4_has_four_waves_each_twice_as_long_as_the_one_before():
    found = factors("coslog4", n_epochs=150)
    for share in (0, 1 / 15, 3 / 15, 7 / 15, 1):
        around = found[max(0, int(share * 1500) - 1) : int(share * 1500) + 2]
        assert around.max() < 0.005
    tops = [(2 ** (i + 0.5) - 1) / 15 for i in range(4)]
    assert [found[int(1500 * top)] for top in tops] == pytest.approx([1.0] * 4, abs=1e-3)
    t = (np.arange(1500) + 0.5) / 1500
    np.testing.assert_allclose(found, 0.5 * (1 - np.cos(2 * np.pi * np.log2(1 + 15 * t))), atol=1e-6)


def test_a_flat_cosine_is_whole_for_half_of_the_steps_and_then_falls_to_nothing():
    found = factors("flat_cosine")
    assert set(found[:150].tolist()) == {1.0}
    assert (np.diff(found[150:]) < 0).all()
    assert found[[225, 299]] == pytest.approx([0.5, 0.0], abs=0.02)


def test_strengths_fall_as_a_rate_with_a_flat_cosine_does():
    whole = strength_factors("flat_cosine", first_step=0, n_steps=300, n_total=300)
    np.testing.assert_array_equal(whole, factors("flat_cosine"))
    rest = strength_factors("flat_cosine", first_step=200, n_steps=100, n_total=300)
    np.testing.assert_array_equal(rest, whole[200:])
    assert set(strength_factors("constant", first_step=0, n_steps=9, n_total=9).tolist()) == {1.0}


def test_inverse_sqrt_halves_when_the_steps_are_four_times_the_warm_up():
    found = factors("inverse_sqrt", warm_up=0.1)
    assert found[4 * 30] == pytest.approx(0.5, rel=0.01)
    assert factors("inverse_sqrt")[10 * 3] == pytest.approx(0.5, rel=0.02)


def test_momentum_goes_against_the_rate():
    recipe = Recipe(schedule="one_cycle")
    found = momenta(recipe, first_step=0, n_steps=300, n_total=300, steps_per_epoch=10)
    assert cycles_momentum(recipe)
    assert found[0] == pytest.approx(HIGH_MOMENTUM, abs=1e-3)
    assert found.min() == pytest.approx(LOW_MOMENTUM, abs=1e-3)
    assert found[-1] == pytest.approx(HIGH_MOMENTUM, abs=1e-3)
    assert abs(int(found.argmin()) - int(factors("one_cycle").argmax())) <= 1


@pytest.mark.parametrize("name", [n for n in NAMES if n != "one_cycle"])
def test_other_schedules_leave_momentum_alone(name):
    found = momenta(Recipe(schedule=name), first_step=5, n_steps=7, n_total=300, steps_per_epoch=10)
    assert found.tolist() == [np.float32(USUAL_MOMENTUM)] * 7
