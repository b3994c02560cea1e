"""Write a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from autorecipe.errors import UserError


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, force it to the disk and rename it into place.

    Whoever reads `path` sees the old bytes or the new ones, even when the process dies in between.

    Raises
    ------
    UserError
        When the directory cannot be written, or the disk is full.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(beside, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        _sync_directory(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def write_text_atomic(path: Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all (see `write_bytes_atomic`)."""
    write_bytes_atomic(path, text.encode())


def write_json_atomic(path: Path, value: object) -> None:
    """Write a value as indented JSON, whole or not at all; numbers that are not finite become null."""
    write_bytes_atomic(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def cannot_write(path: Path, error: OSError) -> UserError:
    """Return the error to raise when `path` cannot be written."""
    return UserError(
        f"cannot write '{path}': {error.strerror or error}",
        where=str(path.parent),
        fix="give a directory that you may write to, with room on its disk, with --out DIR",
    )


def _sync_directory(path: Path) -> None:
    if os.name != "posix":  # a directory cannot be opened elsewhere
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
