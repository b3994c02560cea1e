from __future__ import annotations

import pytest

from autorecipe.testing.fake_world import FakeClock
from autorecipe.training.time_share import LEAST_S, TimeShare


@pytest.mark.parametrize(("n_more", "share_s"), [(1, 10.0), (4, 4.0)])
def test_a_share_ends_when_an_equal_part_of_what_was_left_is_used_up(n_more, share_s):
    clock = FakeClock(limit_s=30.0)
    clock.spend(10.0)
    share = TimeShare(clock, n_more=n_more)
    clock.spend(share_s - 0.6)
    assert not share.is_over()
    clock.spend(0.5)
    assert not share.is_over()
    clock.spend(0.2)
    assert share.is_over()


def test_a_network_that_need_not_be_trained_ends_with_its_clock():
    clock = FakeClock(limit_s=30.0)
    share = TimeShare(clock)
    clock.spend(29.0)
    assert not share.is_over()
    clock.spend(1.0)
    assert share.is_over()


def test_time_that_a_network_did_not_use_flows_on_to_the_next_ones():
    clock = FakeClock(limit_s=30.0)
    TimeShare(clock, n_more=2)
    clock.spend(2.0)
    second = TimeShare(clock, n_more=1)
    clock.spend(13.0)
    assert not second.is_over()


def test_one_that_must_be_trained_has_a_moment_when_no_time_is_left():
    clock = FakeClock(limit_s=10.0)
    clock.spend(11.0)
    share = TimeShare(clock, n_more=0)
    clock.spend(4.0)  # compiling
    assert not share.is_over()
    clock.spend(LEAST_S)
    assert share.is_over()
