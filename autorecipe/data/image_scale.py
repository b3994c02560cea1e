"""From the numbers of an array of images to pixels of 8 bits, by a rule that is decided once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from autorecipe.data.image_formats import MAX_8_BITS
from autorecipe.errors import UserError
from autorecipe.preprocessing.image_spec import BACKGROUND, PixelScale

CHANNELS: Final = (1, 3, 4)
# of the largest value: what interpolation in 32 bits adds beyond black and white, which is cut off; choice
OVERSHOOT: Final = 1e-3

BOOLEAN: Final = PixelScale(kind="boolean", top=1)
BITS_8: Final = PixelScale(kind="whole", top=255)
BITS_16: Final = PixelScale(kind="whole", top=65_535)
TO_ONE: Final = PixelScale(kind="float", top=1)
TO_255: Final = PixelScale(kind="float", top=255)
MEANINGS: Final = {
    BOOLEAN: "truth values",
    BITS_8: "whole numbers from 0 to 255",
    BITS_16: "16 bits, from 0 to 65,535",
    TO_ONE: "floats from 0 to 1",
    TO_255: "floats from 0 to 255",
}


def decide_scale(arrays: Mapping[str, NDArray[Any]]) -> tuple[PixelScale, tuple[str, ...]]:
    """Decide how all arrays of a data set become pixels, and say what that does to them.

    8 bits stay as they are, of uint16 the upper 8 bits are kept. Of wider whole numbers and of floats the largest
    value in any of the arrays decides between two scales: from 0 to 255 or of 16 bits, and from 0 to 1 or to 255.

    Parameters
    ----------
    arrays : mapping of name to array of shape (n, height, width, channels)

    Raises
    ------
    UserError
        When the arrays are of several kinds, or the values fit no scale.
    """
    allowed = [scales_for(array.dtype) for array in arrays.values()]
    shared = [scale for scale in allowed[0] if all(scale in others for others in allowed)]
    if not shared:
        kinds = ", ".join(f"{name} {array.dtype}" for name, array in arrays.items())
        raise UserError(f"arrays of several kinds: {kinds}", where=next(iter(arrays)), fix="give all in one dtype")
    ranges = {name: _range(array) for name, array in arrays.items()}
    for name, (low, high) in ranges.items():
        if not _is_within(low, high, shared[-1]):
            raise UserError(
                f"pixels from {low:g} to {high:g}; expected 0 to 255, or 0 to 1 as floats",
                where=name,
                fix="give the images as they were before they were normalized",
            )
    highest = max(high for _, high in ranges.values())
    scale = next(scale for scale in shared if _is_within(0.0, highest, scale))
    if scale == BITS_16 and highest <= MAX_8_BITS:
        raise UserError(
            f"uint16 pixels of at most {highest:g}; of 16 bits the upper 8 are kept, and these are 0 in all of them",
            where=", ".join(arrays),
            fix="give the images as 8 bits: X.astype('uint8')",
        )
    return scale, _notes(scale, ", ".join(arrays), highest)


def scales_for(dtype: DTypeLike) -> tuple[PixelScale, ...]:
    """Return the scales that numbers of a dtype may have, the narrowest first."""
    dtype = np.dtype(dtype)
    if dtype == np.bool_:
        return (BOOLEAN,)
    if dtype.kind == "f":
        return TO_ONE, TO_255
    if dtype == np.uint16:
        return (BITS_16,)
    return (BITS_8,) if dtype.itemsize == 1 else (BITS_8, BITS_16)


def to_uint8(x: object, *, name: str, scale: PixelScale | None) -> NDArray[np.uint8]:
    """Return images as uint8 of shape (n, height, width, 1 or 3); transparent pixels are put on white.

    Parameters
    ----------
    x : array of shape (n, height, width[, channels])
    scale : PixelScale or None
        That of the images learned from; None where these were files: floats are then taken as 0 to 1, uint16 as 16
        bits, and other whole numbers as 0 to 255.

    Raises
    ------
    UserError
        When the shape or the values are not those of images, or not of that scale.
    """
    array = as_images(x, name=name)
    own = scales_for(array.dtype)
    rule = scale or own[0]
    low, high = _range(array)
    if rule not in own or not _is_within(low, high, rule):
        learned = f"the images learned from were {MEANINGS[rule]}"
        by_files = f"where files were learned from, such arrays are taken as {MEANINGS[rule]}"
        raise UserError(
            f"pixels of {array.dtype} from {low:g} to {high:g}; {learned if scale else by_files}",
            where=name,
            fix="give them on that scale" + ("" if scale else ", or as 8 bits: X.astype('uint8')"),
        )
    pixels = _in_8_bits(array, rule)
    return _on_white(pixels) if pixels.shape[-1] == 4 else pixels


def as_images(x: object, *, name: str) -> NDArray[Any]:
    """Return an array of images with channels, (n, height, width, 1, 3 or 4).

    Raises
    ------
    UserError
        When it has another shape, or holds no numbers.
    """
    array = np.asarray(x)
    if array.ndim in (3, 4) and array.dtype.kind in "biuf" and array.size:
        if array.ndim == 3:
            return array[..., None]
        if array.shape[-1] in CHANNELS:
            return array
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
        fix="X[None] makes a batch of one image" if array.ndim == 2 else "give numbers of that shape",
    )


def check_not_one_image(x: object, *, name: str) -> None:
    """Refuse an array of three dimensions that ends in channels: one image, which would be taken as many narrow ones.

    Raises
    ------
    UserError
        When its last dimension is 1, 3 or 4.
    """
    shape = np.shape(np.asarray(x))
    if len(shape) == 3 and shape[-1] in CHANNELS:
        raise UserError(
            f"an array of shape {shape}, as one image of {shape[-1]} channel{'s' * (shape[-1] > 1)} has",
            where=name,
            fix="X[None] makes a batch of it; of grey images that are so narrow X[..., None] says that they are",
        )


def _range(array: NDArray[Any]) -> tuple[float, float]:
    if array.dtype in (np.uint8, np.bool_):
        return 0.0, float(np.iinfo(np.uint8).max if array.dtype == np.uint8 else 1)
    return float(array.min()), float(array.max())


def _is_within(low: float, high: float, scale: PixelScale) -> bool:
    slack = OVERSHOOT * scale.top if scale.kind == "float" else 0.0
    return low >= -slack and high <= scale.top + slack


def _notes(scale: PixelScale, names: str, highest: float) -> tuple[str, ...]:
    if scale == TO_ONE:
        return (f"{names}: pixels from 0 to 1, times 255",)
    if scale != BITS_16:
        return ()
    n_levels = int(highest) // (MAX_8_BITS + 1) + 1
    few = f"; the largest is {int(highest):,}, so {n_levels} levels are left" if n_levels <= MAX_8_BITS // 2 else ""
    return (f"{names}: of 16 bits the upper 8 are kept{few}",)


def _in_8_bits(array: NDArray[Any], scale: PixelScale) -> NDArray[np.uint8]:
    if scale == BITS_16:
        return (array.astype(np.uint16) >> 8).astype(np.uint8)
    if scale == BOOLEAN:
        return array.astype(np.uint8) * np.uint8(MAX_8_BITS)
    if scale == BITS_8:
        return np.asarray(array, dtype=np.uint8)
    return _in_steps(array, MAX_8_BITS // scale.top)


def _in_steps(array: NDArray[Any], factor: int) -> NDArray[np.uint8]:
    """Scale and round, image by image, so that no copy in floats of the whole array is made."""
    pixels = np.empty(array.shape, dtype=np.uint8)
    for row, image in enumerate(array):
        pixels[row] = np.clip(np.rint(image * factor), 0, MAX_8_BITS)
    return pixels


def _on_white(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    blended = np.empty((*images.shape[:-1], 3), dtype=np.uint8)
    for row, image in enumerate(images):
        alpha = image[..., 3:].astype(np.uint32)
        blended[row] = (image[..., :3] * alpha + BACKGROUND * (255 - alpha) + 127) // 255
    return blended
