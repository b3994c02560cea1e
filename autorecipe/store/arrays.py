"""Arrays by name in one npz file; nothing is ever pickled or unpickled."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autorecipe.errors import UserError
from autorecipe.store.atomic import write_bytes_atomic

Array = npt.NDArray[Any]  # any dtype but object


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write arrays of any shape and dtype but object, whole or not at all.

    Raises
    ------
    ValueError
        When an array holds Python objects.
    UserError
        When the file cannot be written.
    """
    buffer = io.BytesIO()
    # not numpy.savez: it takes names as keywords, so an array cannot be called "file", and it pickles objects
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
    write_bytes_atomic(path, buffer.getvalue())


def read_arrays(path: Path) -> dict[str, Array]:
    """Read what `write_arrays` wrote.

    Raises
    ------
    UserError
        When the file is missing, damaged, or holds Python objects.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy"): _read_member(archive, name) for name in archive.namelist()}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            f"cannot read arrays from '{path}': {error}",
            where=str(path),
            fix="the file is missing or damaged: start the run afresh with --new",
        ) from error


def _read_member(archive: zipfile.ZipFile, name: str) -> Array:
    with archive.open(name) as member:
        array: Array = np.lib.format.read_array(member, allow_pickle=False)
        return array
