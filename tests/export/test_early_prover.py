from __future__ import annotations

import math
import threading

import pytest

from autorecipe.export import parity
from autorecipe.export.early_prover import EarlyProver


class Process:
    """Stands in for a prover: may be killed, and notes when it is closed."""

    def __init__(self) -> None:
        self.ended, self.killed = False, False

    def __enter__(self):
        return self

    def is_alive(self):
        return not self.killed and not self.ended

    def __exit__(self, kind, error, trace):
        self.ended = True


@pytest.fixture
def started(monkeypatch):
    """The processes that were started, and an event that is set at the first."""
    processes, has_one = [], threading.Event()

    def start():
        processes.append(Process())
        has_one.set()
        return processes[-1]

    monkeypatch.setattr(parity, "start_prover", start)
    return processes, has_one


def test_it_is_started_while_the_search_goes_on_and_taken_later(started):
    processes, has_one = started
    with EarlyProver(in_s=0.0) as early:
        assert has_one.wait(10.0)
        assert early.take() is processes[0]
    assert len(processes) == 1
    assert processes[0].ended


@pytest.mark.parametrize("in_s", [3600.0, math.inf])
def test_a_search_that_ends_early_starts_it_then(started, in_s):
    processes, _ = started
    with EarlyProver(in_s=in_s) as early:
        assert early.take() is early.take() is processes[0]
    assert len(processes) == 1


def test_a_late_start_begins_it_at_once(started):
    processes, _ = started
    with EarlyProver(in_s=3600.0) as early:
        early.begin()
        early.begin()
        assert early.take() is processes[0]
    assert len(processes) == 1


def test_a_process_that_died_while_it_waited_is_closed_and_another_one_taken(started):
    processes, has_one = started
    with EarlyProver(in_s=0.0) as early:
        assert has_one.wait(10.0)
        processes[0].killed = True
        assert early.take() is early.take() is processes[1]
        assert [one.ended for one in processes] == [True, False]
    assert len(processes) == 2
    assert processes[1].ended


def test_a_later_begin_replaces_a_process_that_died(started):
    processes, _ = started
    with EarlyProver(in_s=3600.0) as early:
        early.begin()
        processes[0].killed = True
        early.begin()
        assert processes[0].ended
        assert early.take() is processes[1]


def test_where_a_dead_process_cannot_be_replaced_at_once_it_is_never_handed_out(started, monkeypatch):
    processes, _ = started
    with EarlyProver(in_s=3600.0) as early:
        early.begin()
        processes[0].killed = True
        with monkeypatch.context() as patch:
            patch.setattr(parity, "start_prover", no_memory)
            early.begin()
            with pytest.raises(OSError, match="no memory"):
                early.take()
        assert early.take() is processes[1]


def no_memory():
    raise OSError("no memory")


def test_a_search_that_fails_before_leaves_no_process(started):
    processes, _ = started
    with pytest.raises(ValueError, match="failed"), EarlyProver(in_s=3600.0):
        raise ValueError("failed")
    assert processes == []


def test_where_it_cannot_be_started_early_it_is_tried_again_and_said(monkeypatch):
    asked = threading.Event()

    def start():
        asked.set()
        raise OSError("no memory")

    monkeypatch.setattr(parity, "start_prover", start)
    with EarlyProver(in_s=0.0) as early:
        assert asked.wait(10.0)
        with pytest.raises(OSError, match="no memory"):
            early.take()
