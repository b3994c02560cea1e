"""Import TensorFlow while the data is read: it takes seconds, and most of them are spent waiting for the disk."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class WarmUp:
    """A thread that imports Keras; `join` before the first use of it."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=_import_keras, name="import keras", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until the import has ended; an import that failed is tried again, and shown, where Keras is used."""
        self._thread.join()


def _import_keras() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if "tensorflow" in sys.modules:
        return
    with _silent_stderr():
        import keras  # noqa: F401  imported for its effect: the modules are loaded
        import tensorflow as tf

        tf.constant(0)  # looks for devices, and says on standard error that a machine has no GPU


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Keep what native code writes to standard error away; show it when something fails."""
    try:
        original = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    with tempfile.TemporaryFile() as kept:
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
            os.close(original)
