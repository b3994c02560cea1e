"""What the names of image files are made of: a pattern, numbers, and parts that several images share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.schema import Schema

_PIECES = re.compile(r"\d+|[^\W\d_]+")  # runs of digits, runs of letters
_NUMBERS = re.compile(r"\d+")
MIN_SHARE = 0.8  # of the images that must have a part of the name, for it to be one that means something
MIN_GROUP, MAX_GROUP_SHARE = 1.5, 0.2  # images a group, and of all images; choices
MAX_PIECES = 6  # of a name that are looked at


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grouping:
    """A way to group images.

    Attributes
    ----------
    what : str
        What images of one group share: "the folder", "'p12' in 'p12_3.jpg'".
    codes : int64 ndarray, shape (n,)
        Group of each image, from 0; an image without the part stands alone.
    """

    what: str
    codes: NDArray[np.int64]


def stem(name: str) -> str:
    """Return a file's name without folders and ending.

    >>> stem("train/cat/IMG_0012.jpg")
    'IMG_0012'
    """
    return PurePosixPath(name.replace("\\", "/")).stem


def pattern(name: str, labels: Sequence[str]) -> str:
    """Return a file's name with its numbers as # and the class's own name left out, in small letters.

    >>> pattern("no/12 no.jpg", ["no", "yes"]), pattern("IMG_0012.jpg", [])
    ('#', 'img#')
    """
    own = {piece for label in labels for piece in _PIECES.findall(label.casefold())}
    pieces = [piece for piece in _PIECES.findall(stem(name).casefold()) if piece not in own or piece.isdigit()]
    return "".join("#" if piece.isdigit() else piece for piece in pieces)


def last_number(name: str) -> float:
    """Return the last number of a file's name, -1 where there is none.

    >>> last_number("IMG_0012.jpg"), last_number("rose.jpg")
    (12.0, -1.0)
    """
    found = _NUMBERS.findall(stem(name))
    return float(found[-1]) if found else -1.0


def groupings(names: Sequence[str], schema: Schema) -> Iterator[Grouping]:
    """Yield ways to group images by what their names share: the folder, or a beginning or one piece of the name.

    Only those whose groups are of a size that a split could get wrong: 1.5 images and more, a fifth of all at most.
    """
    folders = [PurePosixPath(name.replace("\\", "/")).parent.as_posix() for name in names]
    yield from _plausible("the folder", folders)
    split = [_PIECES.findall(stem(name)) for name in names]
    shape_of = ["".join("#" if piece.isdigit() else "a" for piece in pieces) for pieces in split]
    shape, count = Counter(shape_of).most_common(1)[0] if shape_of else ("", 0)
    if count < MIN_SHARE * len(names) or len(shape) < 2:
        return
    example = split[shape_of.index(shape)]
    name = stem(names[shape_of.index(shape)])
    for place in range(min(len(shape) - 1, MAX_PIECES)):
        beginning = [
            tuple(pieces[: place + 1]) if own == shape else None for pieces, own in zip(split, shape_of, strict=True)
        ]
        yield from _plausible(f"the beginning '{_until(name, place)}' of '{name}'", beginning)
    for place in range(1, min(len(shape), MAX_PIECES)):
        alone = [pieces[place] if own == shape else None for pieces, own in zip(split, shape_of, strict=True)]
        yield from _plausible(f"'{example[place]}' in '{name}'", alone)


def _until(name: str, place: int) -> str:
    return name[: list(_PIECES.finditer(name))[place].end()]


def _plausible(what: str, keys: Sequence[object]) -> Iterator[Grouping]:
    known = [key for key in keys if key is not None]
    sizes = Counter(known)
    if len(known) < MIN_SHARE * max(len(keys), 1) or not sizes:
        return
    if len(known) / len(sizes) < MIN_GROUP or max(sizes.values()) > MAX_GROUP_SHARE * len(keys):
        return
    number = {key: code for code, key in enumerate(sizes)}
    alone = iter(range(len(number), len(number) + len(keys)))
    codes = [number[key] if key is not None else next(alone) for key in keys]
    yield Grouping(what=what, codes=np.array(codes, dtype=np.int64))
