"""How many times as long as on a machine that does nothing else does work take now?"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

PIECE_S = 0.01  # seconds of a core that a measurement costs: some turns of a scheduler that gives 3 ms each (Linux)
EVERY_S = 1.0  # seconds between two measurements: one hundredth of the work, at most; choice
WINDOW_S = 5.0  # seconds after which a measurement no longer counts; choice
COARSEST_S = 0.001  # a clock of the core's seconds that ticks no finer cannot tell: Windows ticks each 16 ms
BLOCK = bytes(2**18)  # some 0.2 ms to hash, in which Python's lock is let go

Piece = tuple[float, float]  # seconds by the clock on the wall, and seconds of a core


def timed_piece() -> Piece:
    """Work for a hundredth of a second of one core, and return how long that took by the wall and by the core.

    The core's seconds leave out the time in which others had it, so no other machine and no earlier time is needed to
    compare with.
    """
    began_s, own_s = time.perf_counter(), time.thread_time()
    while time.thread_time() - own_s < PIECE_S:
        hashlib.sha256(BLOCK).digest()
    return time.perf_counter() - began_s, time.thread_time() - own_s


def can_tell() -> bool:
    """Return whether this machine counts a thread's seconds finely enough."""
    try:
        return time.get_clock_info("thread_time").resolution <= COARSEST_S
    except ValueError:  # there is no such clock
        return False


class Pace:
    """Measures the machine's slowness now and then, when it is asked.

    Parameters
    ----------
    piece : callable
        Works for a moment and returns the seconds by the wall and those of a core.
    now : callable
        Seconds by the clock on the wall.
    """

    def __init__(self, *, piece: Callable[[], Piece] = timed_piece, now: Callable[[], float] = time.monotonic) -> None:
        self._piece, self._now = piece, now
        self._seen: tuple[tuple[float, Piece], ...] = ()  # replaced whole: another thread may be reading
        self._can_tell = piece is not timed_piece or can_tell()

    def slowness(self) -> float:
        """Return how many times as long work takes now as on a machine that does nothing else; at least 1.

        The mean of the last five seconds, in which it measured at most once a second.
        """
        if not self._can_tell:
            return 1.0
        now_s = self._now()
        if not self._seen or now_s - self._seen[-1][0] >= EVERY_S:
            recent = tuple(one for one in self._seen if now_s - one[0] <= WINDOW_S)
            self._seen = (*recent, (now_s, self._piece()))
        seen = self._seen
        return max(1.0, sum(wall for _, (wall, _) in seen) / max(sum(own for _, (_, own) in seen), 1e-9))
