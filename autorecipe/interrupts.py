"""Ctrl-C while a run is worked through: once it stops the search, twice it leaves."""

from __future__ import annotations

import _thread
import math
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, Self

FINISH_S = 20.0  # seconds to evaluate, export and prove what there is; measured on 2 cores with five members
LEAVE_S = 1.0  # seconds that the main thread has to leave by itself; choice: with LAST_WORDS_S well below 2 s
AGAIN_S = 0.1  # seconds until the main thread is told again; choice
LAST_WORDS_S = 0.5  # seconds for what is to be kept before the process ends; choice
EXIT_CODE = 128 + signal.SIGINT  # what shells call a process that Ctrl-C has ended
STOPPING = (
    f"stopping the search: what there is is evaluated and exported, in about {FINISH_S:.0f} s "
    "(Ctrl-C again leaves at once)"
)
LEFT = "interrupted; the same command goes on where it stopped"


class Interrupts:
    """Answers Ctrl-C at once, even while the main thread is in a call that takes long to return.

    Python's own handlers wait for the main thread to come back from compiled code, which can take minutes. So the
    byte that the operating system's handler writes is read by a thread of its own.

    The first Ctrl-C sets `stop`. Every later one raises KeyboardInterrupt in the main thread; a process that is there
    for this alone then ends with exit code 130: when the main thread leaves the block, or after `LEAVE_S` seconds when
    it does not.

    Outside the main thread, where Python hears no signals, and where SIGINT was ignored before, nothing is done.

    Parameters
    ----------
    stop : threading.Event
        Shared with the clocks. When it is set already, the first Ctrl-C leaves.
    tell : callable
        Called after `stop` was set, in a thread of its own.
    leave : callable or None
        Called, in a thread of its own, before the process ends, and given `LAST_WORDS_S` seconds. None when the process
        belongs to the caller: it is never ended.

    Examples
    --------
    >>> stop = threading.Event()
    >>> with Interrupts(stop, tell=lambda: print("stopping"), leave=None):
    ...     stop.is_set()
    False
    """

    def __init__(self, stop: threading.Event, *, tell: Callable[[], None], leave: Callable[[], None] | None) -> None:
        self._stop, self._tell, self._leave = stop, tell, leave
        self._ended = threading.Event()
        self._is_due = False  # a KeyboardInterrupt in the main thread
        self._n_echoes = 0  # signals of our own that will be heard like the user's
        self._is_leaving = False
        self._end = threading.Lock()  # held by whoever ends the process
        self._sending = threading.Lock()  # held while the main thread is told: it must not have gone meanwhile
        self._wakeup_before = -1  # nobody's
        self._watcher: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Listen."""
        before = signal.getsignal(signal.SIGINT)
        is_main = threading.current_thread() is threading.main_thread()
        if not is_main or before is None or before is signal.SIG_IGN:
            return self
        self._inbox, self._outbox = socket.socketpair()
        self._outbox.setblocking(False)  # a signal never waits for its reader
        self._watcher = threading.Thread(target=self._watch, name="watch for Ctrl-C", daemon=True)
        self._watcher.start()
        self._before: Any = signal.signal(signal.SIGINT, self._in_main_thread)
        self._wakeup_before = signal.set_wakeup_fd(self._outbox.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give Ctrl-C back to whoever had it before."""
        if self._watcher is None:
            return
        with self._sending:
            self._ended.set()
            self._is_due = False
        signal.set_wakeup_fd(self._wakeup_before)
        signal.signal(signal.SIGINT, self._before)
        self._outbox.close()
        self._watcher.join()
        self._inbox.close()
        if self._is_leaving:  # taking TensorFlow down would take seconds
            self._end_process()

    def _in_main_thread(self, number: int, frame: FrameType | None) -> None:
        if self._is_due:
            self._is_due = False
            raise KeyboardInterrupt

    def _watch(self) -> None:
        while numbers := self._inbox.recv(64):
            for number in numbers:
                if number != signal.SIGINT:
                    self._pass_on(number)
                elif self._n_echoes:
                    self._n_echoes -= 1
                else:
                    self._answer()

    def _answer(self) -> None:
        if not self._stop.is_set():
            self._stop.set()
            _start_aside(self._tell)
            return
        self._is_leaving = self._is_due = True
        end_s = time.monotonic() + (LEAVE_S if self._leave is not None else math.inf)
        # a signal that comes just before a call begins to wait wakes nobody: it is sent until it was heard
        while self._tells_main_thread() and time.monotonic() < end_s:
            self._ended.wait(AGAIN_S)
        if self._leave is not None and not self._ended.wait(max(0.0, end_s - time.monotonic())):
            self._end_process()

    def _tells_main_thread(self) -> bool:
        with self._sending:
            if self._ended.is_set() or not self._is_due:
                return False
            self._n_echoes += 1
            _interrupt_main_thread()
            return True

    def _end_process(self) -> None:
        if self._leave is not None and self._end.acquire(blocking=False):
            _start_aside(self._leave).join(LAST_WORDS_S)
            os._exit(EXIT_CODE)

    def _pass_on(self, number: int) -> None:
        """Let an event loop of the caller hear of the signals that are its own."""
        if self._wakeup_before >= 0 and os.name == "posix":  # elsewhere it is no file to write to
            with suppress(OSError):  # it is full, as it would have been without us, or closed
                os.write(self._wakeup_before, bytes((number,)))


def _interrupt_main_thread() -> None:
    """Run the handler of SIGINT in the main thread, where it can be also out of a call that waits."""
    ident = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and ident is not None:
        signal.pthread_kill(ident, signal.SIGINT)
    else:
        _thread.interrupt_main(signal.SIGINT)


def _start_aside(say: Callable[[], None]) -> threading.Thread:
    """Start what may have to wait for a console that nobody reads: nobody waits for it in turn."""

    def aside() -> None:
        with suppress(OSError, ValueError):  # the console is gone or closed: the wish to stop holds all the same
            say()

    thread = threading.Thread(target=aside, name="say what Ctrl-C does", daemon=True)
    thread.start()
    return thread
