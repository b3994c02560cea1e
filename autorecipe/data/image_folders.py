"""Which of the files below a folder are images, and what their folders say: class, and train, validation or test."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from autorecipe.data.cells import ALWAYS_NULL
from autorecipe.data.image_formats import HEAD_BYTES, IMAGE_SUFFIXES, sniff
from autorecipe.errors import UserError, nearest

# What systems and tools leave behind; names that begin with a dot are hidden as well.
LEFT_BEHIND: Final = frozenset(
    ("__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "Thumbs.db", "ehthumbs.db", "desktop.ini")
)
RUN_FILE: Final = "run.json"  # a folder that holds one is a run, and its pictures are no data
PART_NAMES: Final = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
}
PART_ORDER: Final = ("", "train", "validation", "test")
STRAY_SHARE: Final = 0.05  # of the images may lie outside every class; more is no accident; choice
N_LISTED: Final = 5  # names in one message
TABLE_SUFFIXES: Final = (".csv", ".tsv", ".parquet", ".xlsx", ".npz", ".zip", ".tar", ".gz", ".tgz")
CLASS_PER_FOLDER: Final = "put the images of each class into a folder of its own: FOLDER/CLASS/IMAGE"
OR_ABOVE: Final = "or name the folder above, where this one is a class"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Images with what their folders say; those of training first, then of validation, then of test.

    Attributes
    ----------
    parts : tuple of str
        "train", "validation" or "test" of each; empty where no folder says so.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    parts: tuple[str, ...]
    notes: tuple[str, ...]


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
        raise UserError(f"cannot read the folder: {error.strerror or error}", where=str(error.filename)) from error

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
    return listing(names, folders, head=lambda name: _head(root / name))


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


def sort_images(found: Listing, *, where: str) -> Sorted:
    """Read class and part off the folders.

    The class is the first folder, below folders that hold everything and below train, validation and test folders;
    deeper folders belong to it.

    Raises
    ------
    UserError
        When there are no images, no classes, only one, or folders that could be classes as well as parts.
    """
    check_has_images(found, where=where)
    paths = [PurePosixPath(name).parts for name in found.images]
    depth = _shared_depth(paths)
    firsts = list(dict.fromkeys(path[depth] for path in paths if len(path) > depth + 1))
    has_parts = _has_parts(firsts, where=where)
    at = depth + has_parts
    folders = [path[at] if len(path) > at + 1 else "" for path in paths]
    label_of = {folder: _label(folder, where) if folder else "" for folder in dict.fromkeys(folders)}
    parts = [PART_NAMES.get(path[depth].lower(), "") for path in paths] if has_parts else [""] * len(paths)
    rows, notes = _with_class([label_of[folder] for folder in folders], parts, found.images, where=where)
    _check_classes([(label_of[folders[row]], parts[row]) for row in rows], where=where)
    deeper = sum(len(paths[row]) > at + 2 for row in rows)
    if deeper:
        notes.append(f"in folders inside a class: {_images(deeper)}; the class is the first folder")
    empty = _empty_folders(found, depth=at, full={paths[row][: at + 1] for row in rows})
    if empty:
        notes.append(f"folders without images are no classes: {_listed(empty)}")
    rows = sorted(rows, key=lambda row: PART_ORDER.index(parts[row]))
    is_split = len({parts[row] for row in rows}) > 1
    return Sorted(
        names=tuple(found.images[row] for row in rows),
        labels=tuple(label_of[folders[row]] for row in rows),
        parts=tuple(parts[row] for row in rows) if is_split else (),
        notes=(*notes, *other_notes(found)),
    )


def check_has_images(found: Listing, *, where: str) -> None:
    """Raise UserError when there is no image, naming what there is instead."""
    if found.images:
        return
    tables = [name for name in found.others if name.lower().endswith(TABLE_SUFFIXES)]
    if tables:
        is_folder = Path(where).is_dir()
        fix = f"name one file: {Path(where) / tables[0]}" if is_folder else f"unpack it, and name {tables[0]}"
        raise UserError(f"there are no images here, but {_listed(tables)}", where=where, fix=fix)
    what = f", only {len(found.others):,} other files" if found.others else ", and no other files"
    raise UserError(f"there are no images here{what}", where=where, fix=f"{CLASS_PER_FOLDER}; {OR_A_TABLE}")


def other_notes(found: Listing) -> tuple[str, ...]:
    """Say which files are no images."""
    if not found.others:
        return ()
    n = len(found.others)
    return (f"{n:,} file{'s are no images' if n > 1 else ' is no image'}: {_listed(found.others)}",)


def _shared_depth(paths: Sequence[tuple[str, ...]]) -> int:
    """Return how many folders hold everything, and further folders rather than images."""
    depth = 0
    while all(len(path) > depth + 1 for path in paths):
        if len({path[depth] for path in paths}) > 1 or any(len(path) == depth + 2 for path in paths):
            return depth
        depth += 1
    return depth


def _has_parts(firsts: Sequence[str], *, where: str) -> bool:
    named = {name: PART_NAMES[name.lower()] for name in firsts if name.lower() in PART_NAMES}
    found = set(named.values())
    if "train" not in found or len(found) < 2:
        return False
    others = [name for name in firsts if name not in named]
    if others:
        raise UserError(
            f"beside {' and '.join(named)} there {'is' if len(others) == 1 else 'are'} {_listed(others)}: "
            "a class, or a part of the data?",
            where=where,
            fix="move what does not belong there, so that there are train, validation and test folders alone",
        )
    return True


def _label(folder: str, where: str) -> str:
    label = unicodedata.normalize("NFC", folder).strip()  # macOS writes é as two letters
    if label.lower() in ALWAYS_NULL:
        raise UserError(
            f"a class folder is called '{folder}', which stands for an answer that is missing",
            where=where,
            fix="give it another name",
        )
    return label


def _with_class(
    labels: Sequence[str], parts: Sequence[str], names: Sequence[str], *, where: str
) -> tuple[list[int], list[str]]:
    """Return the rows that lie in a class, and what to say of the others."""
    rows, notes = list(range(len(labels))), []
    if "test" in parts and not any(label for label, part in zip(labels, parts, strict=True) if part == "test"):
        rows = [row for row in rows if parts[row] != "test"]
        notes = [f"left out the test folder ({_images(len(labels) - len(rows))}): no folder says what they are"]
    stray = [row for row in rows if not labels[row]]
    if len(stray) > STRAY_SHARE * len(rows):
        no_class = f"{len(stray):,} images, but no folders of classes"
        beside = f"{len(stray):,} of {len(rows):,} images lie beside the folders of classes, not in one"
        raise UserError(
            f"{no_class if len(stray) == len(rows) else beside}, as '{names[stray[0]]}'",
            where=where,
            fix=f"{CLASS_PER_FOLDER}; {OR_ABOVE}; {OR_A_TABLE}",
        )
    if stray:
        notes.append(f"left out, in no class: {_images(len(stray))}, {_listed([names[row] for row in stray])}")
    return [row for row in rows if labels[row]], notes


def _check_classes(labelled: Sequence[tuple[str, str]], *, where: str) -> None:
    """Check that there are two classes to learn, and no others in the parts to validate and test on."""
    learned = [label for label, part in labelled if part in ("", "train")]
    classes = sorted(set(learned))
    if len(classes) < 2:
        of_one = f"all {len(learned):,} images are of one class" + "".join(f", '{label}'" for label in classes)
        raise UserError(of_one, where=where, fix=f"{CLASS_PER_FOLDER}, of two classes at least; {OR_A_TABLE}")
    known = frozenset(classes)
    label, part = next((pair for pair in labelled if pair[0] not in known), ("", ""))
    if part:
        near = nearest(label, classes)
        raise UserError(
            f"the {part} folder has a class '{label}' that the train folder has not",
            where=where,
            fix=f"is it '{near}'?" if near else f"the classes are {_listed(classes)}",
        )


def _empty_folders(found: Listing, *, depth: int, full: set[tuple[str, ...]]) -> list[str]:
    """Return the folders that stand where classes do and hold no image."""
    above = {path[:depth] for path in full}
    at_depth = [PurePosixPath(name).parts for name in found.folders]
    return [
        "/".join(path) for path in at_depth if len(path) == depth + 1 and path[:depth] in above and path not in full
    ]


def _images(n: int) -> str:
    return f"{n:,} image{'s' * (n != 1)}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - N_LISTED:,} more" if len(names) > N_LISTED else ""
    return ", ".join(f"'{name}'" for name in names[:N_LISTED]) + more


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""
