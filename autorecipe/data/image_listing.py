"""Which of the files below a folder are images."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from autorecipe.data.file_names import listed, shown
from autorecipe.data.image_formats import IMAGE_SUFFIXES, head_of, sniff
from autorecipe.errors import UserError

# What systems and tools leave behind; names that begin with a dot are hidden as well.
LEFT_BEHIND: Final = frozenset(
    ("__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "Thumbs.db", "ehthumbs.db", "desktop.ini")
)
RUN_FILE: Final = "run.json"  # a folder that holds one is a run, and its pictures are no data
TABLE_SUFFIXES: Final = (".csv", ".tsv", ".parquet", ".xlsx", ".npz", ".zip", ".tar", ".gz", ".tgz")
CLASS_PER_FOLDER: Final = "put the images of each class into a folder of its own: FOLDER/CLASS/IMAGE"
OR_A_TABLE: Final = "or give a CSV with a column of paths and a column to predict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The files of a place.

    Attributes
    ----------
    images : tuple of str
        Paths below the root with "/", in order of name.
    folders : tuple of str
        All folders that are not hidden, likewise.
    others : tuple of str
        Files that are no images by name and content.
    """

    images: tuple[str, ...]
    folders: tuple[str, ...]
    others: tuple[str, ...]


def list_folder(root: Path) -> Listing:
    """List a folder and all below it, links to folders followed once.

    Raises
    ------
    UserError
        When the folder cannot be read.
    """
    names: list[str] = []
    folders: list[str] = []
    seen: set[str] = set()

    def refused(error: OSError) -> None:
        where = shown(str(error.filename))
        raise UserError(f"cannot read the folder: {error.strerror or error}", where=where) from error

    for at, below, files in os.walk(root, followlinks=True, onerror=refused):
        here = os.path.realpath(at)
        if here in seen or (RUN_FILE in files and Path(at) != root):
            below.clear()
            continue
        seen.add(here)
        below[:] = sorted(name for name in below if not is_hidden(name))
        inside = Path(at).relative_to(root)
        folders += [(inside / name).as_posix() for name in below]
        names += [(inside / name).as_posix() for name in files if not is_hidden(name)]
    return listing(names, folders, head=lambda name: head_of(root / name))


def listing(names: Sequence[str], folders: Sequence[str], *, head: Callable[[str], bytes]) -> Listing:
    """Tell images from other files: by their suffix, else by their first bytes.

    Parameters
    ----------
    names, folders : sequences of str
        Paths with "/", none hidden.
    head : callable
        Name -> first bytes.
    """
    images: list[str] = []
    others: list[str] = []
    for name in sorted(names):
        is_image = PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES or sniff(head(name))
        (images if is_image else others).append(name)
    return Listing(images=tuple(images), folders=tuple(sorted(folders)), others=tuple(others))


def is_hidden(name: str) -> bool:
    """Return whether a file or folder of this name is never data."""
    return name.startswith(".") or name in LEFT_BEHIND


def check_has_images(found: Listing, *, where: str, fix: str = f"{CLASS_PER_FOLDER}; {OR_A_TABLE}") -> None:
    """Raise UserError when there is no image, naming what there is instead."""
    if found.images:
        return
    tables = [name for name in found.others if name.lower().endswith(TABLE_SUFFIXES)]
    if tables:
        is_folder = Path(where).is_dir()
        first = shown(tables[0])
        name_one = f"name one file: {Path(where) / first}" if is_folder else f"unpack it, and name {first}"
        raise UserError(f"there are no images here, but {listed(tables)}", where=where, fix=name_one)
    what = f", only {len(found.others):,} other files" if found.others else ", and no other files"
    raise UserError(f"there are no images here{what}", where=where, fix=fix)


def other_notes(found: Listing) -> tuple[str, ...]:
    """Say which files are no images."""
    if not found.others:
        return ()
    n = len(found.others)
    return (f"{n:,} file{'s are no images' if n > 1 else ' is no image'}: {listed(found.others)}",)
