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
from autorecipe.data.image_formats import MAX_8_BITS, MAX_16_BITS, to_png
from autorecipe.errors import UserError
from autorecipe.preprocessing.image_spec import BACKGROUND

Role = Literal["images", "labels"]

CHANNELS: Final = (1, 3, 4)
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


def to_uint8(x: object, *, name: str) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return images as uint8 of shape (n, height, width, 1 or 3), and what was done to them.

    What is done depends on the dtype, and of floats and wide integers on their largest value: up to 1, times 255; up
    to 255 as they are; up to 65,535 without the lower 8 bits. Transparent pixels are put on white.

    Raises
    ------
    UserError
        When the shape or the values are not those of images.
    """
    array = np.asarray(x)
    _check_shape(array, name)
    if array.ndim == 3:
        array = array[..., None]
    pixels, note = _to_8_bits(array, name)
    notes = (note,) if note else ()
    if pixels.shape[-1] == 4:
        return _on_white(pixels), (*notes, f"{name}: transparent pixels are put on white")
    return pixels, notes


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


def _check_shape(array: NDArray[Any], name: str) -> None:
    if array.ndim in (3, 4) and array.dtype.kind in "biuf" and array.size:
        if array.ndim == 3 or array.shape[-1] in CHANNELS:
            return
        first = array.shape[1] in CHANNELS
        raise UserError(
            f"images of shape {array.shape}; expected (images, height, width, channels) with 1, 3 or 4 channels",
            where=name,
            fix="move the channels to the end: numpy.moveaxis(X, 1, -1)" if first else "give grey, RGB or RGBA images",
        )
    if array.dtype == object:
        raise UserError(
            "an array of Python objects, as images of several sizes become",
            where=name,
            fix="bring them to one size, or save them as files in a folder for each class",
        )
    raise UserError(
        f"an array of shape {array.shape} and dtype {array.dtype}; images are (images, height, width[, channels])",
        where=name,
        fix="give numbers of that shape",
    )


def _to_8_bits(array: NDArray[Any], name: str) -> tuple[NDArray[np.uint8], str]:
    if array.dtype == np.uint8:
        return np.asarray(array), ""
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(MAX_8_BITS), ""
    low, high = float(array.min()), float(array.max())
    is_float = array.dtype.kind == "f"
    if not (low >= 0 and high <= MAX_16_BITS) or (is_float and high > MAX_8_BITS):
        raise UserError(
            f"pixels from {low:g} to {high:g}; expected 0 to 255, or 0 to 1 as floats",
            where=name,
            fix="give the images as they were before they were normalized",
        )
    if is_float and high <= 1:
        return _in_steps(array, MAX_8_BITS), f"{name}: pixels from 0 to 1, times 255"
    if high > MAX_8_BITS:
        return (array.astype(np.uint16) >> 8).astype(np.uint8), f"{name}: of 16 bits the upper 8 are kept"
    return _in_steps(array, 1), ""


def _in_steps(array: NDArray[Any], factor: int) -> NDArray[np.uint8]:
    """Scale and round, image by image, so that no copy in floats of the whole array is made."""
    pixels = np.empty(array.shape, dtype=np.uint8)
    for row, image in enumerate(array):
        pixels[row] = np.rint(image * factor)
    return pixels


def _on_white(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    blended = np.empty((*images.shape[:-1], 3), dtype=np.uint8)
    for row, image in enumerate(images):
        alpha = image[..., 3:].astype(np.uint32)
        blended[row] = (image[..., :3] * alpha + BACKGROUND * (255 - alpha) + 127) // 255
    return blended
