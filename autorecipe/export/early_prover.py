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
        """Start the process now, unless one is alive or there is no memory for it yet."""
        with self._lock:
            if not self._is_over:
                try:
                    self._living()
                except OSError:  # no memory for it now: `take` tries again, and what it raises is told
                    return

    def take(self) -> parity.Prover:
        """Return the prover, started now unless one is alive.

        Raises
        ------
        OSError
            When there is no memory for its process.
        """
        self._timer.cancel()
        with self._lock:
            return self._living()

    def _living(self) -> parity.Prover:
        if self._prover is None or not self._prover.is_alive():  # it waits for long, and memory may run out meanwhile
            self._prover = None
            self._processes.close()
            self._prover = self._processes.enter_context(parity.start_prover())
        return self._prover
