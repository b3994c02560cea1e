"""What a path leads to: images in one form or another, or a table."""

from __future__ import annotations

import zipfile
from os import PathLike
from pathlib import Path
from typing import Final, Literal

from autorecipe.data.image_formats import IMAGE_SUFFIXES, head_of, sniff

Origin = Literal["folder", "archive", "arrays", "image", "table"]

ARRAY_SUFFIXES: Final = (".npz", ".npy")
TAR_SUFFIXES: Final = (".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
ZIP_MAGIC: Final = b"PK\x03\x04"
SHEETS: Final = "xl/"  # where the .zip archive that an Excel file is has its sheets


def origin_of(path: str | PathLike[str]) -> Origin:
    """Return what a path leads to, by its content where a file is there; "table" for whatever is none of the rest."""
    file = Path(path).expanduser()
    if file.is_dir():
        return "folder"
    name, head = file.name.lower(), head_of(file)
    if not head:  # the readers say what is wrong: nothing is there, or nothing in it
        return "image" if file.is_file() and file.suffix.lower() in IMAGE_SUFFIXES else "table"
    if name.endswith(ARRAY_SUFFIXES):
        return "arrays"
    if name.endswith(TAR_SUFFIXES):
        return "archive"
    if sniff(head) or file.suffix.lower() in IMAGE_SUFFIXES:
        return "image"
    return "archive" if head.startswith(ZIP_MAGIC) and _is_archive(file) else "table"


def _is_archive(file: Path) -> bool:
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return not any(name.startswith(SHEETS) for name in archive.namelist())
