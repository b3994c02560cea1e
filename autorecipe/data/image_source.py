"""Where the images of a table's rows are, and how their files are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from autorecipe.preprocessing.image_spec import PixelScale

IMAGE_COLUMN, LABEL_COLUMN = "image", "label"  # of the table that a folder or arrays become


class ImageSource(Protocol):
    """One encoded image for each row of a table, in its order.

    What it returns is what the one decoder takes (`autorecipe.layers.decode_images`): the file's own bytes, or a PNG
    without loss where that decoder cannot read the file, or where the image came as an array.
    """

    def __len__(self) -> int:
        """Return the number of rows."""

    def name(self, row: int) -> str:
        """Return what messages call an image: its path below the root, or its number."""

    def read(self, row: int) -> bytes:
        """Return a row's image, encoded."""

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> Self:
        """Return the source of these rows, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageMeasurements:
    """What was measured of every image in one pass over the files; arrays of shape (n_rows,) unless said.

    Sizes are those after EXIF orientation. Pixels are measured on a copy of at most 256 pixels a side, as RGB from 0
    to 255.

    Attributes
    ----------
    width, height : int32
        Pixels.
    n_bytes : int64
        Of the file; of the array where the images came as such.
    file_format : object
        By content: "JPEG", "PNG", "BMP", "GIF", "WEBP", ...; "array".
    suffix : object
        Of the file's name, small letters with the dot; "" for none.
    mode : object
        "L", "RGB", "RGBA", "P", "CMYK", "I;16", ...
    orientation : int8
        EXIF orientation, 1 where there is none.
    taken_at : float64
        EXIF time in days since 1970, NaN where there is none.
    camera : object
        EXIF make and model, "" where there is none.
    pixel_hash : uint64
        Of the decoded pixels and their size: equal images have equal ones.
    perceptual_hash : uint64
        64-bit pHash: near images differ in few bits.
    is_grey : bool
        Whether the three channels are equal, whatever the mode.
    dark : float32
        99th percentile of the brightness, 0 to 1; near 0 for dark images.
    light : float32
        5th percentile of the brightness, 0 to 1; near 1 for light images.
    sharpness : float32
        Variance of the Laplacian of the grey copy.
    entropy : float32
        Bits of the grey histogram, 0 to 8.
    brightness, contrast : float32
        Mean and standard deviation of the brightness, 0 to 1.
    channel_mean, channel_square : float32, shape (n_rows, 3)
        Mean of the channels and of their squares, 0 to 1.
    thumbnails : uint8, shape (n_rows, 32, 32, 3)
        Stretched to 32 x 32.
    """

    width: NDArray[np.int32]
    height: NDArray[np.int32]
    n_bytes: NDArray[np.int64]
    file_format: NDArray[np.object_]
    suffix: NDArray[np.object_]
    mode: NDArray[np.object_]
    orientation: NDArray[np.int8]
    taken_at: NDArray[np.float64]
    camera: NDArray[np.object_]
    pixel_hash: NDArray[np.uint64]
    perceptual_hash: NDArray[np.uint64]
    is_grey: NDArray[np.bool_]
    dark: NDArray[np.float32]
    light: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    entropy: NDArray[np.float32]
    brightness: NDArray[np.float32]
    contrast: NDArray[np.float32]
    channel_mean: NDArray[np.float32]
    channel_square: NDArray[np.float32]
    thumbnails: NDArray[np.uint8]

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> ImageMeasurements:
        """Return what was measured of these rows, in this order."""
        at = np.asarray(rows, dtype=np.int64)
        return ImageMeasurements(**{name: getattr(self, name)[at] for name in self.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadImages:
    """Images that were found, read and measured.

    Attributes
    ----------
    source : ImageSource
        Of the rows of the table.
    measured : ImageMeasurements
        Likewise.
    unreadable : tuple of (name, reason)
        Files that were left out.
    parts : tuple of str
        "train", "validation", "test" or "" of each row, where folders or arrays say so; empty where none does.
    pixel_scale : PixelScale or None
        How arrays became pixels; None for files.
    clusters : int64 array, shape (n_rows,), or None
        Near duplicates share one; None where nobody has looked.
    """

    source: ImageSource
    measured: ImageMeasurements
    unreadable: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()
    pixel_scale: PixelScale | None = None
    clusters: NDArray[np.int64] | None = None

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> ReadImages:
        """Return the images of these rows, in this order."""
        parts = tuple(self.parts[int(row)] for row in rows) if self.parts else ()
        return ReadImages(
            source=self.source.take(rows),
            measured=self.measured.take(rows),
            unreadable=self.unreadable,
            parts=parts,
            pixel_scale=self.pixel_scale,
        )
