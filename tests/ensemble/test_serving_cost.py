from __future__ import annotations

import pytest

from autorecipe.ensemble.record import Ensemble, EnsemblePart
from autorecipe.ensemble.serving_cost import (
    MOST_NETWORKS,
    SERVE_MARGIN,
    is_too_slow,
    least_worth,
    n_networks,
    predicted_rate,
    thinned,
    with_networks,
)
from autorecipe.recipe import Recipe


def part(name: str, *, n: int, rows_per_s: float, weight: float = 0.5) -> EnsemblePart:
    """A part of n networks, all of which together serve so many rows per second."""
    keys = tuple(f"{name}{i}" for i in range(n))
    return EnsemblePart(name=name, recipe=Recipe(), keys=keys, weight=weight, score=0.8, rows_per_s=rows_per_s)


def ensemble(*parts: EnsemblePart) -> Ensemble:
    return Ensemble(parts=parts, score=0.8, best_alone=0.8, gain=0.0, gain_error=0.0, n_rows=10)


def test_the_seconds_of_a_row_add_up():
    parts = (part("a", n=1, rows_per_s=1000), part("b", n=1, rows_per_s=1000))
    assert predicted_rate(parts, n_columns=0) == pytest.approx(500)
    assert predicted_rate(parts, n_columns=100) < 500


def test_what_was_not_measured_is_too_slow_where_a_limit_is_set():
    parts = (part("a", n=1, rows_per_s=1000), part("b", n=1, rows_per_s=0))
    assert predicted_rate(parts, n_columns=0) == 0
    assert is_too_slow(parts, limit=1, n_columns=0)
    assert not is_too_slow(parts, limit=0, n_columns=0)


def test_no_limit_is_never_broken():
    assert not is_too_slow((part("a", n=1, rows_per_s=1),), limit=0, n_columns=5)
    assert is_too_slow((part("a", n=1, rows_per_s=1),), limit=2, n_columns=5)


def test_fewer_networks_serve_faster():
    fewer = with_networks(part("a", n=4, rows_per_s=1000), ("a0",))
    assert fewer.rows_per_s == pytest.approx(4000)


def test_a_bag_loses_networks_until_it_is_fast_enough_and_says_so():
    lean = thinned(ensemble(part("a", n=5, rows_per_s=2000 * SERVE_MARGIN)), limit=5000, n_columns=0)
    assert lean.parts[0].keys == ("a0", "a1")
    assert lean.rows_per_s == pytest.approx(5000 * SERVE_MARGIN)
    assert lean.left_out == ("3 of 5 networks of a: all serve under 5,000 rows/s",)


def test_the_largest_bag_is_thinned_first():
    parts = part("a", n=4, rows_per_s=2000 * SERVE_MARGIN), part("b", n=2, rows_per_s=4000 * SERVE_MARGIN)
    lean = thinned(ensemble(*parts), limit=2000, n_columns=0)
    assert [len(p.keys) for p in lean.parts] == [2, 2]


def test_the_network_with_the_least_weight_for_its_seconds_is_dropped_first():
    slow = part("slow", n=3, rows_per_s=2000 * SERVE_MARGIN, weight=0.7)
    light = part("light", n=3, rows_per_s=20_000 * SERVE_MARGIN, weight=0.3)
    assert least_worth((slow, light)) is slow
    lean = thinned(ensemble(slow, light), limit=2500, n_columns=0)
    assert [len(p.keys) for p in lean.parts] == [2, 3]


def test_one_network_is_left_however_slow_it_is_and_says_so():
    lean = thinned(ensemble(part("a", n=3, rows_per_s=10)), limit=5000, n_columns=0)
    assert lean.parts[0].keys == ("a0",)
    assert lean.left_out[-1] == "the 5,000 rows/s wanted: a alone serves 30"


def test_networks_that_were_not_measured_stay_and_say_so():
    lean = thinned(ensemble(part("a", n=3, rows_per_s=0)), limit=5000, n_columns=0)
    assert len(lean.parts[0].keys) == 3
    assert lean.left_out == ("measuring whether a serves the 5,000 rows/s wanted",)


def test_there_are_no_more_networks_than_one_row_can_wait_for():
    heavy, light = part("a", n=10, rows_per_s=1e6, weight=0.8), part("b", n=10, rows_per_s=1e6, weight=0.2)
    lean = thinned(ensemble(heavy, light), limit=0, n_columns=0)
    assert n_networks(lean.parts) == MOST_NETWORKS
    assert len(lean.parts[0].keys) > len(lean.parts[1].keys) >= 1
    assert any("15 in all answer within 10 ms" in text for text in lean.left_out)


def test_what_is_fast_enough_stays_whole():
    whole = ensemble(part("a", n=5, rows_per_s=50_000))
    assert thinned(whole, limit=5000, n_columns=0).parts == whole.parts
