"""Arrays in files that are larger than memory should hold: their room on the disk is taken before they are written."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np

NOT_OFFERED = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)  # what file systems answer that cannot reserve


def new_array_file(path: Path, dtype: str, shape: tuple[int, ...]) -> np.memmap[Any, Any]:
    """Return a new array in a file (.npy) as a memory map that can be written.

    Raises
    ------
    OSError
        When the disk has no room for all of it.
    """
    found = np.lib.format.open_memmap(path, "w+", dtype, shape)
    with open(path, "r+b") as file:
        reserve(file.fileno(), path.stat().st_size)
    return found


def reserve(descriptor: int, n_bytes: int) -> None:
    """Take an open file's room on the disk, where the system can: writing to a map beyond it ends the process.

    Raises
    ------
    OSError
        When there is not enough.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(descriptor, 0, n_bytes)
    except OSError as error:
        if error.errno not in NOT_OFFERED:
            raise
