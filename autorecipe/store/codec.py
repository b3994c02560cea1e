"""Values to JSON and back, exactly; `run.json` with its schema version."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from autorecipe.errors import UserError
from autorecipe.record.run import SCHEMA_VERSION, Run

T = TypeVar("T")

_MARK = "float"  # JSON has no nan or infinity: they are written as {"float": "nan"}


def encode(value: object) -> bytes:
    """Write a frozen value as JSON; numbers that are not finite survive the way back."""
    return msgspec.json.encode(_mark(msgspec.to_builtins(value, enc_hook=_plain)))


def decode(data: bytes, kind: type[T]) -> T:
    """Read what `encode` wrote.

    Raises
    ------
    msgspec.DecodeError
        When the bytes are not JSON, or (msgspec.ValidationError) not a `kind`.
    """
    return msgspec.convert(_unmark(msgspec.json.decode(data)), kind)


def read_run(path: Path) -> Run:
    """Read a `run.json`.

    Raises
    ------
    UserError
        When it is missing, damaged, or written by another schema version.
    """
    try:
        raw = _unmark(msgspec.json.decode(path.read_bytes()))
        version = raw.get("schema_version") if isinstance(raw, dict) else None
        if isinstance(version, int) and version != SCHEMA_VERSION:
            raise _other_version(path, version)
        return msgspec.convert(raw, Run)
    except OSError as error:
        raise UserError(
            f"cannot read '{path}': {error.strerror or error}",
            where=str(path.parent),
            fix="give the directory of a run: the one that holds run.json",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"'{path.name}' is damaged: {error}",
            where=str(path),
            fix="fit it again, with --new or into another --out",
        ) from error


def _other_version(path: Path, version: int) -> UserError:
    writer = "a newer AutoRecipe" if version > SCHEMA_VERSION else "another AutoRecipe"
    return UserError(
        f"'{path.name}' was written by {writer}: schema version {version}, this one reads {SCHEMA_VERSION}",
        where=str(path),
        fix="upgrade autorecipe" if version > SCHEMA_VERSION else "fit it again, with --new or into another --out",
    )


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a run holds plain values, not {type(value).__name__}")


def _mark(value: object) -> object:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {_MARK: repr(float(value))}
    if isinstance(value, dict):
        return {name: _mark(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mark(item) for item in value]
    return value


def _unmark(value: object) -> object:
    if isinstance(value, dict):
        if value.keys() == {_MARK}:
            return float(value[_MARK])
        return {name: _unmark(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_unmark(item) for item in value]
    return value
