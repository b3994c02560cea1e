"""Import TensorFlow while the data is read: it takes seconds, and most of them are spent waiting for the disk."""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

THREAD = "import keras"


class WarmUp:
    """A thread that imports Keras; `join` before the first use of it.

    The interpreter waits for it at its end: one that tears down what is being imported aborts. `leave` does not wait.
    """

    def __init__(self) -> None:
        self._thread = threading.Thread(target=import_keras, name=THREAD)
        self._thread.start()

    def join(self) -> None:
        """Wait until the import has ended; an import that failed is tried again, and shown, where Keras is used."""
        self._thread.join()


def leave(code: int) -> None:
    """End the process at once if Keras is imported, or still being imported, now that nobody needs it.

    Else do nothing. An interpreter that takes TensorFlow apart at its end needs seconds for it (measured: 2 s of two
    idle cores, 10 s of busy ones), which the user waits for and no time limit knows of.
    """
    is_importing = any(thread.name == THREAD for thread in threading.enumerate())
    if not is_importing and "tensorflow" not in sys.modules:
        return
    if not is_importing:
        atexit._run_exitfuncs()  # of temporary folders and logs: `os._exit` leaves them out
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def import_keras() -> None:
    """Import Keras and TensorFlow without what native code says on the way; does nothing when they are there."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if "tensorflow" in sys.modules:
        return
    with _silent_stderr():
        import keras  # noqa: F401  imported for its effect: the modules are loaded
        import tensorflow as tf

        tf.constant(0)  # looks for devices, and says on standard error that a machine has no GPU


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Keep what native code writes to standard error away; show it when something fails.

    Python's own standard error stays where it was: another thread may have an error to tell at this very moment.
    """
    try:
        original = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    with tempfile.TemporaryFile() as kept, _python_stderr_on(original):
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(original, 2)
            kept.seek(0)
            sys.stderr.write(kept.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(original, 2)


@contextmanager
def _python_stderr_on(descriptor: int) -> Iterator[None]:
    """Let `sys.stderr` write to a descriptor for a while, if it writes to 2; whoever took it meanwhile may keep it."""
    before = sys.stderr
    if not _writes_to_2(before):
        try:
            yield
        finally:
            os.close(descriptor)
        return
    beside = open(  # noqa: SIM115  loggers that are made meanwhile hold it as long as they live
        descriptor, "w", buffering=1, encoding=before.encoding, errors=before.errors
    )
    sys.stderr = beside
    try:
        yield
    finally:
        if sys.stderr is beside:
            sys.stderr = before


def _writes_to_2(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.fileno() == 2
    except (OSError, ValueError):  # a stream in memory, or a closed one
        return False
