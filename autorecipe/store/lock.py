"""One process at a time in a run directory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from autorecipe.errors import UserError
from autorecipe.store.atomic import cannot_write

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_NAME = ".lock"


class RunLock:
    """Holds a run directory until `release` or the death of the process.

    The operating system keeps the lock, so that a dead process never holds one; the file names the process
    for people to read.

    Parameters
    ----------
    path : Path
        The run directory; it must exist.

    Raises
    ------
    UserError
        When another process (or another run in this one) holds the directory, or it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            handle = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise cannot_write(path / LOCK_NAME, error) from error
        if not _lock(handle):
            os.lseek(handle, 0, os.SEEK_SET)
            pid = os.read(handle, 32).decode(errors="replace").strip()
            os.close(handle)
            raise UserError(
                f"another process is working on '{path}'" + (f": process {pid}" if pid else ""),
                where=str(path),
                fix="wait for it to end, or start another run with --new or another --out",
            )
        self._handle: int | None = handle
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let the directory go; a second call does nothing."""
        if self._handle is not None:
            os.truncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None


def is_held(path: Path) -> bool:
    """Return whether a living process holds the run directory."""
    try:
        handle = os.open(path / LOCK_NAME, os.O_RDWR)
    except OSError:  # no lock file, or not ours to open: whoever wants to write there will be told
        return False
    try:
        return not _lock(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":

    def _lock(handle: int) -> bool:
        try:
            os.lseek(handle, 1 << 20, os.SEEK_SET)  # a locked byte cannot be read: lock one behind the text
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        except OSError:
            return False
        return True

else:

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
