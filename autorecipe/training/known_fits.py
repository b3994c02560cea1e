"""Fits that were made before, and fits that fail: neither ends a run, nor is made twice."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import numpy as np

from autorecipe.record.trial import Fit
from autorecipe.training.fit_keys import hashed
from autorecipe.training.memory import FitMemory
from autorecipe.training.recovery import PASSING


class KnownFits:
    """Answers from memory, or makes a fit; a failure is a fit with its cause.

    Parameters
    ----------
    memory : FitMemory
    """

    def __init__(self, memory: FitMemory) -> None:
        self._memory = memory
        self._passing: dict[str, Fit] = {}  # failures that another session may not meet again

    def get(self, key: str, fold: int, make: Callable[[], Fit]) -> Fit:
        """Return the fit of a key, made now where there is none."""
        return self._memory.load_fit(key) or self._passing.get(key) or self._guarded(key, fold, make)

    def _guarded(self, key: str, fold: int, make: Callable[[], Fit]) -> Fit:
        try:
            return make()
        except Exception as error:  # one trial never ends a run: its cause is recorded and shown
            own = hashed(key, "passing") if isinstance(error, PASSING) else key
            failed = Fit(key=own, fold=fold, status="failed", cause=cause_of(error))
            text = np.frombuffer(traceback.format_exc().encode(), dtype="uint8")
            self._memory.save_fit(own, failed, predictions={"traceback": text}, weights=None)
            if own != key:
                self._passing[key] = failed
            return failed


def cause_of(error: Exception) -> str:
    """Return an error's name and the first line of what it says."""
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
