"""Worlds in which the machine becomes several times slower during a run, on a clock that nobody waits for."""

from __future__ import annotations

import time

import pytest

from autorecipe.budget import LEAST_SEARCH_S, STAGE_SHARES, WallClock, plan_budget, stage_deadline_s
from autorecipe.pace import WINDOW_S, Pace

START_S = 12.0  # to read, to profile and to import TensorFlow
ENDING_S = 6.6  # that the end of a run is thought to take: what `ending_s` says of 20,000 rows
END_S = 4.3  # that it takes there on an idle machine, measured
STEP_S = 0.5  # a slice of training, after which the clock is asked


class World:
    """A machine whose work takes so many times as long from a second on."""

    def __init__(self, monkeypatch, *, slower_from_s: float, times: float) -> None:
        self.wall_s, self.slower_from_s, self.times = 1000.0, 1000.0 + slower_from_s, times
        monkeypatch.setattr(time, "monotonic", lambda: self.wall_s)

    def work(self, idle_s: float) -> None:
        """Work for as long as an idle machine would take so many seconds."""
        fast_s = min(idle_s, max(0.0, self.slower_from_s - self.wall_s))
        self.wall_s += fast_s + self.times * (idle_s - fast_s)

    def piece(self):
        slowness = self.times if self.wall_s >= self.slower_from_s else 1.0
        self.work(0.01)
        return 0.01 * slowness, 0.01

    def run(self, limit_s: float, *, start_s: float = START_S) -> float:
        """Work through all stages as long as the clock lets each, then to the end; return the seconds used."""
        clock = WallClock(limit_s, pace=Pace(piece=self.piece, now=lambda: self.wall_s))
        self.work(start_s)
        now_s = clock.now_s()
        budget = plan_budget(limit_s, startup_s=5.0, ending_s=ENDING_S, stages=tuple(STAGE_SHARES), now_s=now_s)
        for stage in STAGE_SHARES:
            now_s, slowness = clock.now_s(), clock.slowness()
            own = clock.until(stage_deadline_s(budget, stage, now_s=now_s, slowness=slowness), budget=budget)
            while own.left_s() > 0:
                self.work(STEP_S)
        self.searched_s = clock.now_s()
        self.work(END_S)
        return clock.now_s()


# of a minute the end of a run, eight times slower, takes more than the half that is left
@pytest.mark.parametrize(("limit_s", "most_times"), [(60.0, 6.0), (90.0, 8.0), (180.0, 8.0), (600.0, 8.0)])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_a_limit_is_kept_when_every_step_takes_so_many_times_as_long_after_its_half(
    monkeypatch, limit_s, most_times, share
):
    times = 1.0 + share * (most_times - 1.0)
    world = World(monkeypatch, slower_from_s=limit_s / 2, times=times)
    assert world.run(limit_s) <= 1.05 * limit_s + 5.0


@pytest.mark.parametrize("times", [2.0, 3.0])
def test_work_that_takes_two_to_three_times_as_long_costs_a_search_of_a_minute_little(monkeypatch, times):
    world = World(monkeypatch, slower_from_s=0.0, times=times)
    world.run(60.0, start_s=START_S / times)
    assert world.searched_s >= 60.0 - 11.0 - STEP_S


def test_a_minute_is_overrun_by_no_more_than_the_end_of_the_run_takes_there(monkeypatch):
    world = World(monkeypatch, slower_from_s=30.0, times=8.0)
    used_s = world.run(60.0)
    assert world.searched_s <= 30.0 + WINDOW_S + 8.0 * STEP_S
    assert used_s <= 60.0 + 10.0


@pytest.mark.parametrize("times", [2.0, 4.0])
def test_a_limit_is_kept_on_a_machine_that_was_slow_from_the_first_second(monkeypatch, times):
    world = World(monkeypatch, slower_from_s=0.0, times=times)
    assert world.run(180.0) <= 1.05 * 180.0 + 5.0


@pytest.mark.parametrize("limit_s", [60.0, 600.0])
def test_a_machine_that_stays_idle_searches_until_what_is_kept_back_begins(monkeypatch, limit_s):
    world = World(monkeypatch, slower_from_s=1e9, times=1.0)
    assert world.run(limit_s) <= limit_s
    budget = plan_budget(limit_s, startup_s=5.0, ending_s=ENDING_S, stages=tuple(STAGE_SHARES))
    assert world.searched_s == pytest.approx(budget.search_end_s, abs=2 * STEP_S)


def test_one_network_has_its_seconds_however_slow_the_machine(monkeypatch):
    world = World(monkeypatch, slower_from_s=0.0, times=10.0)
    world.run(60.0, start_s=2.0)
    assert world.searched_s >= 20.0 + LEAST_SEARCH_S


def test_a_machine_that_stood_still_for_a_moment_does_not_end_a_long_search(monkeypatch):
    world = World(monkeypatch, slower_from_s=1e9, times=1.0)
    clock = WallClock(600.0, pace=Pace(piece=lambda: (3600.0, 0.01), now=lambda: world.wall_s))
    budget = plan_budget(600.0, startup_s=5.0, ending_s=ENDING_S, stages=tuple(STAGE_SHARES))
    assert clock.until(600.0, budget=budget).left_s() > 300.0
