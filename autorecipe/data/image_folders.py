"""What the folders of images say: class, and train, validation or test."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from autorecipe.data.cells import ALWAYS_NULL
from autorecipe.data.file_names import listed, shown
from autorecipe.data.image_listing import CLASS_PER_FOLDER, OR_A_TABLE, Listing, check_has_images, other_notes
from autorecipe.errors import UserError, nearest

PART_NAMES: Final = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
}
PART_ORDER: Final = ("", "train", "validation", "test")
STRAY_SHARE: Final = 0.05  # of the images may lie outside every class; more is no accident; choice
OR_ABOVE: Final = "or name the folder above, where this one is a class"


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


def sort_images(found: Listing, *, where: str, known: Collection[str] | None = None) -> Sorted:
    """Read class and part off the folders.

    The class is the first folder, below folders that hold everything and below train, validation and test folders;
    deeper folders belong to it.

    Parameters
    ----------
    known : collection of str, optional
        The classes of images that were learned from, where these are to test on: one class will do then, and which
        they are is for the caller to check.

    Raises
    ------
    UserError
        When there are no images, no classes, only one to learn, folders that could be classes as well as parts, or
        parts inside classes.
    """
    check_has_images(found, where=where)
    paths = [PurePosixPath(name).parts for name in found.images]
    depth = _shared_depth(paths, frozenset(known or ()))
    firsts = list(dict.fromkeys(path[depth] for path in paths if len(path) > depth + 1))
    has_parts = _has_parts(firsts, where=where)
    at = depth + has_parts
    folders = [path[at] if len(path) > at + 1 else "" for path in paths]
    label_of = {folder: _label(folder, where) if folder else "" for folder in dict.fromkeys(folders)}
    parts = [PART_NAMES.get(path[depth].lower(), "") for path in paths] if has_parts else [""] * len(paths)
    _check_names(label_of, where=where)
    rows, notes = _with_class([label_of[folder] for folder in folders], parts, found.images, where=where)
    _check_parts_inside([paths[row][at:] for row in rows], where=where)
    if known is None:
        _check_classes([(label_of[folders[row]], parts[row]) for row in rows], where=where)
    deeper = sum(len(paths[row]) > at + 2 for row in rows)
    if deeper:
        notes.append(f"in folders inside a class: {_images(deeper)}; the class is the first folder")
    empty = _empty_folders(found, depth=at, full={paths[row][: at + 1] for row in rows})
    if empty:
        notes.append(f"folders without images are no classes: {listed(empty)}")
    rows = sorted(rows, key=lambda row: PART_ORDER.index(parts[row]))
    is_split = len({parts[row] for row in rows}) > 1
    return Sorted(
        names=tuple(found.images[row] for row in rows),
        labels=tuple(label_of[folders[row]] for row in rows),
        parts=tuple(parts[row] for row in rows) if is_split else (),
        notes=(*notes, *other_notes(found)),
    )


def _shared_depth(paths: Sequence[tuple[str, ...]], known: frozenset[str]) -> int:
    """Return how many folders, none of them a known class, hold everything, and further folders rather than images."""
    depth = 0
    while all(len(path) > depth + 1 for path in paths):
        if len({path[depth] for path in paths}) > 1 or any(len(path) == depth + 2 for path in paths):
            return depth
        if _normal(paths[0][depth]) in known:
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
            f"beside {' and '.join(named)} there {'is' if len(others) == 1 else 'are'} {listed(others)}: "
            "a class, or a part of the data?",
            where=where,
            fix="move what does not belong there, so that there are train, validation and test folders alone",
        )
    return True


def _label(folder: str, where: str) -> str:
    label = _normal(folder)
    if label.lower() in ALWAYS_NULL:
        raise UserError(
            f"a class folder is called '{label}', which stands for an answer that is missing",
            where=where,
            fix="give it another name",
        )
    return label


def _check_names(label_of: dict[str, str], *, where: str) -> None:
    odd = [folder for folder in label_of if shown(folder) != folder]
    if len({label_of[folder] for folder in odd}) < len(odd):
        raise UserError(
            f"the names of {len(odd)} class folders are not UTF-8, and cannot be told apart: {listed(odd)}",
            where=where,
            fix="rename them",
        )


def _normal(folder: str) -> str:
    return unicodedata.normalize("NFC", shown(folder)).strip()  # macOS writes é as two letters


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
            f"{no_class if len(stray) == len(rows) else beside}, as '{shown(names[stray[0]])}'",
            where=where,
            fix=f"{CLASS_PER_FOLDER}; {OR_ABOVE}; {OR_A_TABLE}",
        )
    if stray:
        notes.append(f"left out, in no class: {_images(len(stray))}, {listed([names[row] for row in stray])}")
    return [row for row in rows if labels[row]], notes


def _check_parts_inside(below: Sequence[tuple[str, ...]], *, where: str) -> None:
    """Check that no class is shared out into parts of its own, whose test images would be learned from."""
    inside = dict.fromkeys(path[:2] for path in below if len(path) > 2 and path[1].lower() in PART_NAMES)
    parts = {PART_NAMES[name.lower()] for _, name in inside}
    if "train" in parts and len(parts) > 1:
        raise UserError(
            f"parts of the data lie inside the classes: {listed(['/'.join(path) for path in inside])}",
            where=where,
            fix="put the parts above the classes: FOLDER/train/CLASS/IMAGE and FOLDER/test/CLASS/IMAGE",
        )


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
            fix=f"is it '{near}'?" if near else f"the classes are {listed(classes)}",
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
