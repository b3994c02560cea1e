from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.pace import EVERY_S, WINDOW_S, Pace, timed_piece

LAW = settings(max_examples=50, deadline=None)


class Machine:
    """Seconds that go by when told to, and pieces of work that take so many times as long as on an idle machine."""

    def __init__(self) -> None:
        self.now_s, self.slowness, self.n_pieces = 0.0, 1.0, 0

    def piece(self):
        self.n_pieces += 1
        return 0.01 * self.slowness, 0.01

    def pace(self):
        return Pace(piece=self.piece, now=lambda: self.now_s)

    def work(self, pace, seconds):
        """Let seconds go by in steps of a tenth, asking at each; return the last answer."""
        for _ in range(round(10 * seconds)):
            self.now_s += 0.1
            said = pace.slowness()
        return said


def test_an_idle_machine_is_not_slow():
    assert Machine().pace().slowness() == pytest.approx(1.0)


def test_a_machine_that_becomes_slower_is_known_to_be_after_the_window():
    machine = Machine()
    asked = machine.pace()
    machine.work(asked, 60)
    machine.slowness = 4.0
    assert machine.work(asked, 2) > 1.5
    assert machine.work(asked, WINDOW_S) == pytest.approx(4.0)


def test_a_machine_that_recovers_is_trusted_again():
    machine = Machine()
    asked = machine.pace()
    machine.slowness = 4.0
    machine.work(asked, 20)
    machine.slowness = 1.0
    assert machine.work(asked, WINDOW_S + 2 * EVERY_S) == pytest.approx(1.0)


def test_an_old_measurement_does_not_count_after_a_long_silence():
    machine = Machine()
    asked = machine.pace()
    machine.work(asked, 10)
    machine.now_s, machine.slowness = machine.now_s + 100.0, 3.0
    assert asked.slowness() == pytest.approx(3.0)


def test_it_measures_no_more_than_once_a_second():
    machine = Machine()
    machine.work(machine.pace(), 30)
    assert machine.n_pieces <= 31


@LAW
@given(st.lists(st.tuples(st.floats(1e-4, 10), st.floats(1e-4, 10)), min_size=1, max_size=20))
def test_work_never_takes_less_than_on_an_idle_machine(pieces):
    seconds, left = [0.0], iter(pieces)
    asked = Pace(piece=lambda: next(left), now=lambda: seconds[0])
    for _ in pieces:
        assert asked.slowness() >= 1.0
        seconds[0] += EVERY_S


def test_where_the_clock_of_a_core_is_coarse_nothing_is_said(monkeypatch):
    ticks = type("Info", (), {"resolution": 1 / 64})
    monkeypatch.setattr(time, "get_clock_info", lambda name: ticks)
    assert Pace().slowness() == 1.0


def test_where_there_is_no_clock_of_a_core_nothing_is_said(monkeypatch):
    def no_such_clock(name):
        raise ValueError(name)

    monkeypatch.setattr(time, "get_clock_info", no_such_clock)
    assert Pace().slowness() == 1.0


def test_a_piece_takes_at_least_what_the_core_worked():
    wall_s, own_s = timed_piece()
    assert 0 < own_s <= 1.01 * wall_s
