from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autorecipe.budget import (
    STAGE_SHARES,
    Start,
    WallClock,
    format_duration,
    parse_duration,
    plan_budget,
    stage_deadline_s,
)
from autorecipe.errors import UserError
from autorecipe.pace import Pace

LAW = settings(max_examples=50, deadline=None)
ALL_STAGES = tuple(STAGE_SHARES)


def budget_of(limit_s=600.0, *, startup_s=5.0, ending_s=7.0, stages=ALL_STAGES, now_s=0.0):
    return plan_budget(limit_s, startup_s=startup_s, ending_s=ending_s, stages=stages, now_s=now_s)


@LAW
@given(st.floats(30.1, 10_000), st.floats(0, 60), st.floats(0, 60), st.floats(0, 10_000))
def test_half_of_the_time_that_is_left_after_the_start_can_always_be_searched(left_s, startup_s, ending_s, now_s):
    budget = budget_of(now_s + left_s, startup_s=startup_s, ending_s=ending_s, now_s=now_s)
    assert budget.search_end_s - now_s >= left_s / 2 - 1e-6
    assert budget.reserve_s >= 0


@LAW
@given(st.floats(0, 30), st.floats(0, 30), st.floats(0, 30))
def test_a_short_limit_keeps_back_all_that_the_end_needs_but_a_little_for_the_search(limit_s, startup_s, ending_s):
    budget = budget_of(limit_s, startup_s=startup_s, ending_s=ending_s, now_s=startup_s)
    left_s = max(0.0, limit_s - startup_s)
    wanted_s = 1.1 * ending_s
    wanted_s += max(0.0, 1.1 * startup_s - max(0.0, left_s - wanted_s))
    search_s = max(0.0, budget.search_end_s - startup_s)
    assert search_s >= min(left_s, 5.0) / 2 - 1e-6
    assert budget.reserve_s == pytest.approx(wanted_s) or search_s <= max(5.0, left_s / 2) + 1e-6


def test_twenty_seconds_are_not_overrun_by_their_own_export():
    budget = budget_of(20.0, startup_s=4.0, ending_s=5.0, now_s=4.0)
    assert budget.reserve_s >= 5.0
    assert budget.search_end_s - 4.0 >= 4.0  # the proof's process imports meanwhile


def test_what_earlier_sessions_spent_is_no_time_to_search_or_to_import_in():
    later, first = (budget_of(s + 39.0, now_s=s, startup_s=40.0, ending_s=10.0) for s in (3606.0, 0.0))
    assert later.reserve_s == pytest.approx(first.reserve_s)
    assert later.search_end_s - 3606.0 == pytest.approx(first.search_end_s) == pytest.approx(39.0 / 2)


@LAW
@given(st.floats(60, 10_000), st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_stages_that_keep_their_deadlines_end_before_the_reserve(limit_s, use):
    budget = budget_of(limit_s)
    now_s = 5.0
    for stage, share_used in zip(ALL_STAGES, use, strict=True):
        deadline_s = stage_deadline_s(budget, stage, now_s=now_s)
        assert now_s <= deadline_s <= budget.search_end_s + 1e-6
        now_s += share_used * (deadline_s - now_s)


def test_stages_that_use_all_their_time_get_their_shares():
    budget = budget_of()
    deadlines, now_s = [], 0.0
    for stage in ALL_STAGES:
        now_s = stage_deadline_s(budget, stage, now_s=now_s)
        deadlines.append(now_s / budget.search_end_s)
    assert deadlines == pytest.approx([0.10, 0.45, 0.65, 0.85, 1.0])


def test_time_that_a_stage_did_not_use_flows_on():
    budget = budget_of()
    early = stage_deadline_s(budget, "tune", now_s=50.0) - 50.0
    late = stage_deadline_s(budget, "tune", now_s=300.0) - 300.0
    assert early > late


def test_what_the_last_stage_is_known_to_need_is_kept_for_it():
    budget = budget_of()
    tune_end_s = stage_deadline_s(budget, "tune", now_s=30.0, last_s=20.0)
    assert tune_end_s == pytest.approx(budget.search_end_s - 20.0)


@pytest.mark.parametrize(("stage", "share", "kept"), [("overfit", 0.35 / 0.75, 0.4), ("tune", 1.0, 0.9)])
def test_of_what_is_left_a_part_alone_is_kept_for_the_last_stage(stage, share, kept):
    budget = budget_of()
    left_s = budget.search_end_s - 30.0
    end_s = stage_deadline_s(budget, stage, now_s=30.0, last_s=1e6)
    assert end_s == pytest.approx(30.0 + share * (1 - kept) * left_s)


def test_a_stage_has_time_for_its_first_trials_at_the_cost_of_later_ones():
    budget = budget_of(60.0)
    share_s = stage_deadline_s(budget, "overfit", now_s=20.0) - 20.0
    assert stage_deadline_s(budget, "overfit", now_s=20.0, least_s=share_s + 3.0) == pytest.approx(23.0 + share_s)
    assert stage_deadline_s(budget, "overfit", now_s=20.0, least_s=share_s - 3.0) == pytest.approx(20.0 + share_s)
    assert stage_deadline_s(budget, "overfit", now_s=20.0, least_s=1e6) == pytest.approx(budget.search_end_s)


def test_the_last_stage_gets_all_that_is_left():
    budget = budget_of(stages=("profile", "baseline", "overfit"))
    assert stage_deadline_s(budget, "overfit", now_s=30.0) == budget.search_end_s


def test_a_stage_that_starts_too_late_ends_at_once():
    assert stage_deadline_s(budget_of(60.0), "squeeze", now_s=59.5) == 59.5


def test_a_stage_without_a_share_is_an_error():
    with pytest.raises(ValueError, match="no share for stage 'tune': the budget has baseline"):
        stage_deadline_s(budget_of(stages=("baseline",)), "tune", now_s=0.0)


def test_what_the_proof_still_has_to_import_when_the_search_ends_is_kept_back():
    assert budget_of(startup_s=20.0).reserve_s == budget_of(startup_s=5.0).reserve_s
    assert budget_of(ending_s=107.0).reserve_s == pytest.approx(1.1 * 107.0 + 1.1 * 5.0 - (120.0 - 1.1 * 107.0))


@LAW
@given(st.floats(10, 10_000), st.floats(0, 60), st.floats(0, 60), st.floats(1, 100), st.floats(1, 100))
def test_the_slower_the_machine_the_earlier_the_search_ends(limit_s, startup_s, ending_s, slowness, more):
    budget = budget_of(limit_s, startup_s=startup_s, ending_s=ending_s)
    assert budget.end_at(1.0) == pytest.approx(budget.search_end_s)
    assert budget.end_at(slowness + more) <= budget.end_at(slowness) <= budget.search_end_s + 1e-9
    assert budget.end_at(slowness) >= min(budget.least_end_s, budget.search_end_s)


@pytest.mark.parametrize(("slowness", "times"), [(1.0, 1.0), (2.0, 1.0), (3.0, 1.5), (6.0, 3.0)])
def test_a_stage_of_a_slow_machine_ends_early_by_what_the_reserve_does_not_cover(slowness, times):
    budget = budget_of(60.0)
    kept_s = budget.limit_s - stage_deadline_s(budget, "squeeze", now_s=20.0, slowness=slowness)
    assert kept_s == pytest.approx(times * budget.reserve_s)


def test_a_clock_of_a_stage_has_less_left_when_the_machine_becomes_slower(wall):
    slowness = [1.0]
    pace = Pace(piece=lambda: (slowness[0], 1.0), now=lambda: wall[0])
    clock, budget = WallClock(60.0, pace=pace), budget_of(60.0)
    stage = clock.until(40.0, budget=budget)
    assert stage.left_s() == pytest.approx(40.0)
    wall[0] += 10.0
    slowness[0] = 8.0
    assert stage.left_s() == pytest.approx(budget.end_at(8.0) - 10.0)
    assert clock.left_s() == pytest.approx(50.0)


def test_a_stage_that_a_slow_moment_has_ended_stays_ended_and_the_next_one_goes_on(wall):
    slowness = [16.0]
    clock = WallClock(60.0, pace=Pace(piece=lambda: (slowness[0], 1.0), now=lambda: wall[0]))
    wall[0] += 30.0
    stage = clock.until(50.0, budget=budget_of(60.0))
    assert stage.left_s() == 0
    wall[0], slowness[0] = wall[0] + 10.0, 1.0
    assert stage.left_s() == 0
    assert stage.until(50.0).left_s() == pytest.approx(10.0)


def test_a_clock_with_time_enough_does_not_ask_how_slow_the_machine_is(wall):
    def ask():
        raise AssertionError("asked")

    clock = WallClock(3600.0, pace=Pace(piece=ask, now=lambda: wall[0]))
    assert clock.until(600.0, budget=budget_of(3600.0)).left_s() == pytest.approx(600.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("2m", 120), ("1h", 3600), ("1h30m", 5400), ("45", 45), (" 1.5H ", 5400), ("1m30s", 90)],
)
def test_durations_are_read_in_seconds(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "30m1h", "1h30", "-5", "1e3", "٣", "2 days", "nan", "inf"])
def test_what_is_no_duration_is_named_with_what_is_accepted(text):
    with pytest.raises(UserError, match=f"not a duration: '{text}'(.|\n)*1h30m"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0", "0s", "9" * 400])
def test_a_duration_of_nothing_or_forever_is_refused(text):
    with pytest.raises(UserError, match="more than 0 seconds"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(118, "1m58s"), (0.93, "0.9s"), (9.97, "10s"), (59.7, "1m00s"), (120, "2m00s"), (3599.6, "1h00m")],
)
def test_seconds_are_written_for_people(seconds, text):
    assert format_duration(seconds) == text


@LAW
@given(st.floats(0.1, 100_000))
def test_a_written_duration_reads_back_to_its_last_digit(seconds):
    error_s = abs(parse_duration(format_duration(seconds)) - seconds)
    assert error_s <= (30.01 if seconds >= 3599 else 0.51)


@pytest.fixture
def wall(monkeypatch):
    """A monotonic clock that stands still at 1,000 s until it is set."""
    seconds = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    return seconds


def test_a_clock_counts_from_the_call_and_earlier_sessions(wall):
    clock = WallClock(100.0, already_spent_s=30.0)
    wall[0] += 20
    assert clock.now_s() == 50
    assert clock.left_s() == 50


def test_a_clock_never_has_less_than_nothing_left(wall):
    clock = WallClock(10.0)
    wall[0] += 20
    assert clock.left_s() == 0


def test_a_clock_of_the_process_counts_what_went_before_the_call():
    process = Start.of("process")
    assert process.is_process
    assert process.at_s < Start.of("call").at_s
    assert WallClock(100.0, start=process).now_s() > WallClock(100.0).now_s()


def test_what_a_call_did_before_its_clock_was_made_counts(wall):
    start = Start.of("call")
    wall[0] += 7
    assert WallClock(100.0, start=start).left_s() == 93


def test_a_narrower_clock_ends_earlier_but_counts_the_same(wall):
    clock = WallClock(100.0)
    narrow = clock.until(40.0)
    wall[0] += 10
    assert (narrow.now_s(), narrow.left_s(), clock.left_s()) == (10, 30, 90)


def test_a_narrower_clock_never_ends_later(wall):
    assert WallClock(100.0).until(200.0).left_s() == 100


def test_a_stop_is_heard_by_every_narrower_clock():
    stop = threading.Event()
    clock = WallClock(100.0, stop=stop)
    narrow = clock.until(40.0)
    assert not narrow.interrupted()
    stop.set()
    assert narrow.interrupted()
    assert clock.interrupted()
