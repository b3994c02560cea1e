from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_builder import chance

from autorecipe.checks.unit_slips import find_slip, gap_chance

TAILS = {
    "normal": lambda random, n: np.abs(random.normal(50, 10, n)),
    "lognormal": lambda random, n: random.lognormal(0, 2, n),
    "exponential": lambda random, n: random.exponential(5, n),
    "from zero": lambda random, n: random.uniform(0, 1, n),
    "Pareto": lambda random, n: 1 + random.pareto(1, n),
    "counts": lambda random, n: random.poisson(3, n).astype(float),
}


@settings(max_examples=60, deadline=None)
@given(tail=st.sampled_from(sorted(TAILS)), n=st.integers(100, 3000), seed=st.integers(0, 2_000))
def test_an_honest_tail_is_in_one_unit(tail, n, seed):
    assert find_slip(TAILS[tail](chance(seed), n)) is None


@pytest.mark.parametrize("n_above", [1, 2, 3])
@pytest.mark.parametrize(("n", "power"), [(100, 0.3), (100, 2.0), (300, 0.5)])
def test_the_chance_of_a_gap_in_a_power_law_is_what_it_is_said_to_be(n, power, n_above):
    tails = np.sort(np.log(chance(n_above).random((4_000, n))) / -power)[:, ::-1]
    chances = np.array([gap_chance(tail, n_above) for tail in tails])
    for limit in (0.5, 0.1, 0.01):  # within four standard errors
        assert np.mean(chances < limit) == pytest.approx(limit, abs=4 * np.sqrt(limit * (1 - limit) / len(tails)))


def test_a_gap_above_a_tail_of_one_value_has_no_chance():
    assert gap_chance(np.array([9.0, *[1.0] * 99]), 1) == 0.0


@pytest.mark.parametrize(("n", "power"), [(100, 0.3), (100, 1.0), (300, 0.3)])
def test_of_exact_power_laws_next_to_none_is_taken_for_two_units(n, power):
    random = chance(1)
    assert sum(find_slip(random.random(n) ** (-1 / power)) is not None for _ in range(3_000)) <= 2


@settings(max_examples=30, deadline=None)
@given(n_rows=st.integers(1, 5), power=st.sampled_from([-6, -3, 3, 6]), seed=st.integers(0, 2_000))
def test_numbers_near_the_middle_in_another_unit_are_found_whatever_their_number(n_rows, power, seed):
    numbers = chance(seed).lognormal(3, 0.3, 1000)
    places = np.argsort(np.abs(numbers - np.median(numbers)))[:n_rows]
    numbers[places] *= 10.0**power
    found = find_slip(numbers)
    assert found is not None
    assert (sorted(np.flatnonzero(found.marked)), found.power) == (sorted(places), power)


def test_a_column_with_negative_numbers_is_not_judged():
    numbers = chance().normal(50, 3, 1000)
    numbers[0], numbers[1] = 50_000, -1
    assert find_slip(numbers) is None


def test_missing_cells_and_zeros_are_not_looked_at():
    numbers = chance().normal(50, 3, 1000)
    numbers[:5], numbers[5:200], numbers[200:300] = 50_000, 0, np.nan
    found = find_slip(numbers)
    assert found is not None
    assert list(np.flatnonzero(found.marked)) == [0, 1, 2, 3, 4]


def test_numbers_near_zero_are_of_the_same_unit_as_zeros():
    numbers = chance().uniform(5, 50, 1000)
    numbers[:4] = 0.001
    assert find_slip(numbers) is not None
    numbers[4] = 0
    assert find_slip(numbers) is None


@pytest.mark.parametrize("value", [1e30, 7_000.0], ids=["no power brings it back", "seven times a thousand"])
def test_what_no_power_of_ten_brings_back_is_not_another_unit(value):
    numbers = chance().uniform(150, 200, 1000)
    numbers[0] = value
    found = find_slip(numbers)
    assert found is None
