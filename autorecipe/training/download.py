"""Downloads one file: whole and checked, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

from autorecipe.training.call_size import OutOfTime

SILENCE_S = 30.0  # seconds without a byte after which a download has failed; choice
BLOCK_BYTES = 2**18  # at most, between two looks at the clock; choice
MD5_DIGITS = 32  # hexadecimal: a longer digest is a SHA-256


def download(url: str, path: Path, *, digest: str, should_stop: Callable[[], bool]) -> None:
    """Bring a file to its place, under a name of its own until it is whole.

    Parameters
    ----------
    digest : str
        Hexadecimal MD5 or SHA-256 of the file.
    should_stop : callable
        Asked before each block.

    Raises
    ------
    OutOfTime
        When it should stop before the end.
    OSError
        When the network or the disk fails, or the file is not the one that was meant.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    found = hashlib.md5(usedforsecurity=False) if len(digest) == MD5_DIGITS else hashlib.sha256()
    n_bytes = 0
    try:
        with urlopen(url, timeout=SILENCE_S) as answer, open(part, "wb") as file:
            while not should_stop():
                block = answer.read1(BLOCK_BYTES)  # what has come so far: a slow answer shall not hide the clock
                if not block:
                    break
                file.write(block)
                found.update(block)
                n_bytes += len(block)
            else:
                raise OutOfTime(f"there was time for {n_bytes / 1e6:.1f} MB of them")
        if found.hexdigest() != digest:
            raise OSError(f"what came is not the file that was meant: {url}")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
