"""Start the process that proves the export before the search has ended."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from autorecipe.export import parity


class EarlyProver:
    """Starts a prover after a while, in which TensorFlow is imported there while the search still goes on.

    Use it as a context manager around the search, the export and the proof: leaving it ends the process.

    Parameters
    ----------
    in_s : float
        Seconds from entering until the process is started; it holds the memory of an imported TensorFlow from then on.
        Infinity waits for `take`.
    """

    def __init__(self, *, in_s: float) -> None:
        self._timer = threading.Timer(min(max(0.0, in_s), threading.TIMEOUT_MAX), self.begin)
        self._timer.daemon = True
        self._lock, self._processes = threading.Lock(), ExitStack()
        self._prover: parity.Prover | None = None
        self._is_over = False

    def __enter__(self) -> Self:
        """Begin to wait."""
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, if it was started."""
        self._timer.cancel()
        with self._lock:
            self._is_over = True
            self._processes.close()

    def begin(self) -> None:
        """Start the process now, unless it was started before or there is no memory for it yet."""
        with self._lock:
            if self._prover is None and not self._is_over:
                try:
                    self._prover = self._processes.enter_context(parity.start_prover())
                except OSError:  # no memory for it now: `take` tries again, and what it raises is told
                    return

    def take(self) -> parity.Prover:
        """Return the prover, started now unless it was before."""
        self._timer.cancel()
        with self._lock:
            if self._prover is None:
                self._prover = self._processes.enter_context(parity.start_prover())
            return self._prover
