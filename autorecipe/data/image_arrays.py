"""Images that come as arrays, in memory or from .npz and .npy files."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.image_files import Rows
from autorecipe.data.image_folders import PART_NAMES, PART_ORDER
from autorecipe.data.image_formats import to_png
from autorecipe.errors import UserError

Role = Literal["images", "labels"]

ROLES: Final[dict[str, Role]] = {
    **dict.fromkeys(("x", "image", "images", "img", "imgs", "data", "pixels", "features"), "images"),
    **dict.fromkeys(("y", "label", "labels", "target", "targets", "class", "classes"), "labels"),
}
NPZ_KEYS: Final = "x_train and y_train (with x_test, y_test, x_val, y_val), images and labels, or X and y"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArrayImages:
    """Images of an array as rows; see `autorecipe.data.image_source.ImageSource`.

    Attributes
    ----------
    array : uint8 array of shape (n, height, width, channels)
        1 or 3 channels.
    rows : int64 array of shape (n_rows,)
        Which of the images.
    names : tuple of str
        Of all images of the array.
    """

    array: NDArray[np.uint8]
    rows: NDArray[np.int64]
    names: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The rows' pixels, of shape (n_rows, height, width, channels)."""
        return self.array[self.rows]

    def name(self, row: int) -> str:
        """Return where a row's image is, as "X[17]"."""
        return self.names[int(self.rows[row])]

    def read(self, row: int) -> bytes:
        """Return a row's image as a PNG."""
        from PIL import Image

        pixels = self.array[int(self.rows[row])]
        return to_png(Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))

    def take(self, rows: Rows) -> ArrayImages:
        """Return the images of these rows, in this order."""
        chosen = self.rows[np.asarray(rows, dtype=np.int64)]
        return ArrayImages(array=self.array, rows=chosen, names=self.names)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArrayPart:
    """Images with their labels.

    Attributes
    ----------
    part : str
        "train", "validation", "test" or "".
    name : str
        Of the array.
    labels : array of shape (n,) or None
    """

    part: str
    name: str
    images: NDArray[Any]
    labels: NDArray[Any] | None


def looks_like_images(x: object) -> bool:
    """Return whether something has the shape of images: (n, height, width) or (n, height, width, channels)."""
    return len(getattr(x, "shape", ())) in (3, 4)


def read_npz(path: Path) -> tuple[ArrayPart, ...]:
    """Read the images and labels of an .npz file, or the images of an .npy file; training first, test last.

    Raises
    ------
    UserError
        When it is damaged, holds Python objects, or no array is called as images are.
    """
    try:
        found = np.load(path, allow_pickle=False, mmap_mode="r" if path.suffix.lower() == ".npy" else None)
        if isinstance(found, np.ndarray):
            return (ArrayPart(part="", name=path.stem, images=found, labels=None),)
        with found:
            return _parts({name: found[name] for name in found.files if _meaning(name)}, found.files, where=str(path))
    except UserError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            f"cannot read the arrays: {error}", where=str(path), fix="write them again with numpy.savez"
        ) from error


def _meaning(key: str) -> tuple[Role, str] | None:
    """Return what an array is by its name: "x_train" -> ("images", "train"); None for neither images nor labels.

    >>> _meaning("val_labels")
    ('labels', 'validation')
    """
    words = [word for word in re.split(r"[_\-. ]+", key.lower()) if word]
    roles = [ROLES[word] for word in words if word in ROLES]
    parts = [PART_NAMES[word] for word in words if word in PART_NAMES]
    if len(roles) != 1 or len(parts) > 1 or len(words) != len(roles) + len(parts):
        return None
    return roles[0], parts[0] if parts else ""


def _parts(arrays: Mapping[str, NDArray[Any]], keys: list[str], *, where: str) -> tuple[ArrayPart, ...]:
    found: dict[tuple[Role, str], str] = {}
    for key in arrays:
        meaning = _meaning(key)
        if meaning in found:
            raise UserError(
                f"'{found[meaning]}' and '{key}' are both {meaning[0]}", where=where, fix=f"keep one: {NPZ_KEYS}"
            )
        if meaning:
            found[meaning] = key
    parts = sorted({part for role, part in found if role == "images"}, key=PART_ORDER.index)
    if not parts:
        raise UserError(
            f"no array is called as images are; there are {', '.join(keys) or 'none'}",
            where=where,
            fix=f"call them {NPZ_KEYS}",
        )
    return tuple(_part(arrays, found, part, where=where) for part in parts)


def _part(
    arrays: Mapping[str, NDArray[Any]], found: Mapping[tuple[Role, str], str], part: str, *, where: str
) -> ArrayPart:
    name, of_labels = found["images", part], found.get(("labels", part))
    labels = None if of_labels is None else arrays[of_labels]
    if labels is not None and labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels is not None and labels.shape != arrays[name].shape[:1]:
        raise UserError(
            f"'{of_labels}' has the shape {labels.shape}; expected ({len(arrays[name])},), one for each of '{name}'",
            where=where,
            fix="give class numbers or names: y.argmax(axis=1) turns one-hot rows into them",
        )
    return ArrayPart(part=part, name=name, images=arrays[name], labels=labels)
