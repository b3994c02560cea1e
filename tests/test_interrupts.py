from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from autorecipe.interrupts import Interrupts

ROUNDS = 2_000_000  # of pbkdf2: a second or so in one call, without Python's lock
WAIT_S = 20.0  # until a test gives up; what it waits for takes milliseconds

# A process that hears Ctrl-C twice while its main thread is in a call; what it does then is filled in.
PROCESS = """
import hashlib, os, signal, threading, time
from autorecipe import interrupts
from autorecipe.interrupts import Interrupts

interrupts.LEAVE_S = {patience}
signal.signal(signal.SIGINT, signal.default_int_handler)
told = threading.Event()

def press():
    time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGINT)
    told.wait()
    os.kill(os.getpid(), signal.SIGINT)

def tell():
    print("stopping", flush=True)
    told.set()

with Interrupts(threading.Event(), tell=tell, leave={leave}):
    threading.Thread(target=press, daemon=True).start()
    try:
        {call}
    finally:
        print("came back", flush=True)
print("went on")
"""
LEFT = 'lambda: print("left", flush=True)'
SLEEP, STUCK = "time.sleep(60)", 'hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 2_000_000_000)'


class Told:
    """Remembers that it was told, and in which state."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop, self.times, self.stopped = stop, 0, False
        self.heard = threading.Event()

    def __call__(self) -> None:
        self.times += 1
        self.stopped = self.stop.is_set()
        self.heard.set()


@pytest.fixture(autouse=True)
def usual_ctrl_c():
    """Ctrl-C as Python has it, wherever the tests are run from: a shell may start them with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def told(stop) -> Told:
    return Told(stop)


def ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def in_a_long_call() -> None:
    """One call of compiled code, which Python's handlers cannot interrupt."""
    hashlib.pbkdf2_hmac("sha256", b"password", b"salt", ROUNDS)


def pressed_meanwhile(press) -> threading.Thread:
    thread = threading.Thread(target=press, daemon=True)
    thread.start()
    return thread


def goes_on() -> None:
    """Python code that takes its time, unless it is interrupted."""
    deadline_s = time.monotonic() + WAIT_S
    while time.monotonic() < deadline_s:
        time.sleep(0.01)


def test_the_first_ctrl_c_stops_the_search_while_the_main_thread_is_in_a_long_call(stop, told):
    seen = []

    def press():
        time.sleep(0.05)  # the call has begun
        os.kill(os.getpid(), signal.SIGINT)
        told.heard.wait(WAIT_S)
        seen.append(has_returned)

    has_returned = False
    with Interrupts(stop, tell=told, leave=None):
        thread = pressed_meanwhile(press)
        in_a_long_call()
        has_returned = True
        thread.join(WAIT_S)
    assert seen == [False]
    assert (stop.is_set(), told.times) == (True, 1)


def test_what_is_told_is_told_after_the_search_was_stopped(stop, told):
    with Interrupts(stop, tell=told, leave=None):
        ctrl_c()
        assert told.heard.wait(WAIT_S)
    assert told.stopped


def test_the_first_ctrl_c_interrupts_nothing(stop, told):
    done = []
    with Interrupts(stop, tell=told, leave=None):
        ctrl_c()
        assert stop.wait(WAIT_S)
        done.append("work")
    assert done == ["work"]


def test_the_second_ctrl_c_leaves(stop, told):
    with pytest.raises(KeyboardInterrupt, match=r"^$"), Interrupts(stop, tell=told, leave=None):  # noqa: PT012
        ctrl_c()
        assert told.heard.wait(WAIT_S)
        ctrl_c()
        goes_on()
    assert told.times == 1


def test_the_second_ctrl_c_ends_a_call_that_waits(stop, told):
    left, seen = threading.Event(), []

    def press():
        for _ in range(2):
            time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)
            stop.wait(WAIT_S)
        seen.append(left.wait(WAIT_S))

    with Interrupts(stop, tell=told, leave=None):
        thread = pressed_meanwhile(press)
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            time.sleep(3 * WAIT_S)
        left.set()
    thread.join()
    assert seen == [True]


def test_two_presses_during_one_long_call_are_two(stop, told):
    def press():
        time.sleep(0.05)
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            stop.wait(WAIT_S)

    with pytest.raises(KeyboardInterrupt, match=r"^$"), Interrupts(stop, tell=told, leave=None):  # noqa: PT012
        thread = pressed_meanwhile(press)
        in_a_long_call()
        thread.join(WAIT_S)
        goes_on()


def test_a_ctrl_c_that_was_swallowed_can_be_pressed_again(stop, told):
    caught = 0
    stop.set()
    with Interrupts(stop, tell=told, leave=None):
        for _ in range(3):
            try:
                ctrl_c()
                goes_on()
            except KeyboardInterrupt:
                caught += 1
    assert caught == 3


def test_with_nothing_to_stop_the_first_ctrl_c_leaves(stop, told):
    stop.set()
    with pytest.raises(KeyboardInterrupt, match=r"^$"), Interrupts(stop, tell=told, leave=None):  # noqa: PT012
        ctrl_c()
        goes_on()
    assert told.times == 0


def test_a_console_that_is_gone_does_not_keep_the_search_from_stopping(stop):
    def gone():
        raise BrokenPipeError

    with pytest.raises(KeyboardInterrupt, match=r"^$"), Interrupts(stop, tell=gone, leave=None):  # noqa: PT012
        ctrl_c()
        assert stop.wait(WAIT_S)
        ctrl_c()
        goes_on()


def test_a_console_that_nobody_reads_does_not_keep_from_leaving(stop):
    read = threading.Event()
    with pytest.raises(KeyboardInterrupt, match=r"^$"), Interrupts(stop, tell=read.wait, leave=None):  # noqa: PT012
        ctrl_c()
        assert stop.wait(WAIT_S)
        ctrl_c()
        goes_on()
    read.set()


@pytest.mark.slow  # in processes of its own
@pytest.mark.parametrize(
    ("call", "leave", "patience", "said"),
    [
        pytest.param(SLEEP, LEFT, 30.0, "stopping came back left", id="the main thread leaves by itself"),
        pytest.param(STUCK, LEFT, 1.0, "stopping left", id="the main thread does not come back"),
        pytest.param(STUCK, "threading.Event().wait", 1.0, "stopping", id="what was to be kept cannot be"),
    ],
)
def test_a_process_of_its_own_ends_at_the_second_ctrl_c(call, leave, patience, said):
    command = [sys.executable, "-c", PROCESS.format(call=call, leave=leave, patience=patience)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.split()) == (130, said.split()), done.stderr


def test_the_callers_handler_comes_back(stop, told):
    def own(number, frame):
        raise AssertionError

    signal.signal(signal.SIGINT, own)
    with Interrupts(stop, tell=told, leave=None):
        assert signal.getsignal(signal.SIGINT) is not own
        ctrl_c()
        assert stop.wait(WAIT_S)
    assert signal.getsignal(signal.SIGINT) is own


def test_the_callers_event_loop_is_woken_again(stop, told):
    theirs, own = socket.socketpair()
    with theirs, own:
        own.setblocking(False)
        before = signal.set_wakeup_fd(own.fileno())
        try:
            with Interrupts(stop, tell=told, leave=None):
                pass
            assert signal.set_wakeup_fd(before) == own.fileno()
        finally:
            signal.set_wakeup_fd(before)


@pytest.mark.skipif(os.name != "posix", reason="other systems have no other signals to pass on")
def test_the_callers_event_loop_hears_its_own_signals_meanwhile(stop, told):
    theirs, own = socket.socketpair()
    usual = signal.signal(signal.SIGUSR1, lambda number, frame: None)
    with theirs, own:
        theirs.settimeout(WAIT_S)
        own.setblocking(False)
        before = signal.set_wakeup_fd(own.fileno())
        try:
            with Interrupts(stop, tell=told, leave=None):
                signal.raise_signal(signal.SIGUSR1)
                assert theirs.recv(8) == bytes((signal.SIGUSR1,))
        finally:
            signal.set_wakeup_fd(before)
            signal.signal(signal.SIGUSR1, usual)
    assert not stop.is_set()


def test_one_run_inside_another_hears_ctrl_c_alone(stop, told):
    inner = threading.Event()
    with Interrupts(stop, tell=told, leave=None):
        with Interrupts(inner, tell=lambda: None, leave=None):
            ctrl_c()
            assert inner.wait(WAIT_S)
        assert not stop.is_set()
        ctrl_c()
        assert stop.wait(WAIT_S)


def test_where_ctrl_c_is_ignored_it_stays_ignored(stop, told):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interrupts(stop, tell=told, leave=None):
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_outside_the_main_thread_nothing_is_taken_over(stop, told):
    seen = []

    def work():
        with Interrupts(stop, tell=told, leave=None):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


def test_nothing_is_left_running(stop, told):
    before = set(threading.enumerate())
    with Interrupts(stop, tell=told, leave=None):
        pass
    assert set(threading.enumerate()) <= before
