"""One pass over all images: is each sound, and what is it like?"""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.image_files import reading_errors, why_unreadable
from autorecipe.data.image_formats import COPY_SIDE, decode, why_transcoded
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.data.image_statistics import perceptual_hashes, pixel_statistics

if TYPE_CHECKING:
    from PIL import Image

CHUNK_ROWS: Final = 64  # images that a thread takes at once: 13 MB of copies at most; choice
MAX_THREADS: Final = 4  # each holds a decoded image or two: 1 GB for files of the most pixels that Pillow opens; choice
BATCH_PIXELS: Final = 400_000  # measured at once, which takes some ten times as many bytes; choice
HASHED_PIXELS: Final = 2**20  # of an image, at once; choice
THUMBNAIL_SIDE: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """What one image shows before its pixels are measured.

    Attributes
    ----------
    copy : uint8 array of shape (height, width, channels)
        At most 256 pixels a side; 1 or 3 channels.
    thumbnail : uint8 array of shape (32, 32, 3)
    facts : dict
        The fields of `ImageMeasurements` that are about the file.
    transcoded : str
        Why such files are turned into PNG for the networks' decoder, as "TIFF"; "" where they go through as they are.
    n_bits : int
        Of a channel.
    """

    copy: NDArray[np.uint8]
    thumbnail: NDArray[np.uint8]
    facts: dict[str, Any]
    transcoded: str = ""
    n_bits: int = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """The images that can be read, measured.

    Attributes
    ----------
    readable : int64 array, shape (n_readable,)
        Their rows, ascending.
    unreadable : tuple of (row, reason)
    transcoded : Counter
        How many files of each sort the decoder of networks does not take as they are.
    n_deep : int
        Images of more than 8 bits a channel.
    """

    measurements: ImageMeasurements
    readable: NDArray[np.int64]
    unreadable: tuple[tuple[int, str], ...]
    transcoded: Counter[str]
    n_deep: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chunk:
    columns: dict[str, NDArray[Any]]
    readable: tuple[int, ...]
    unreadable: tuple[tuple[int, str], ...]
    transcoded: tuple[str, ...]
    n_deep: int


def look_at_file(data: bytes, *, suffix: str) -> Look:
    """Decode a file to its last pixel and take down what it is.

    Raises
    ------
    OSError, ValueError, SyntaxError, ...
        What Pillow raises of files that it cannot read.
    """
    found = decode(data, draft=True)
    return _look(
        found.image,
        facts={
            "width": found.width,
            "height": found.height,
            "n_bytes": len(data),
            "file_format": found.file_format,
            "suffix": suffix,
            "mode": found.mode,
            "orientation": found.orientation,
            "taken_at": found.taken_at,
            "camera": found.camera,
        },
        transcoded=why_transcoded(data),
        n_bits=found.n_bits,
    )


def look_at_pixels(pixels: NDArray[np.uint8], *, n_bytes: int) -> Look:
    """Take down what an image in an array is; pixels of shape (height, width, channels), 1 or 3 of them."""
    from PIL import Image

    height, width, n_channels = pixels.shape
    return _look(
        Image.fromarray(pixels[..., 0] if n_channels == 1 else pixels),
        facts={
            "width": width,
            "height": height,
            "n_bytes": n_bytes,
            "file_format": "array",
            "suffix": "",
            "mode": "L" if n_channels == 1 else "RGB",
            "orientation": 1,
            "taken_at": np.nan,
            "camera": "",
        },
    )


def measure(n_rows: int, look: Callable[[int], Look]) -> Measured:
    """Look at every image and measure it, in threads and in bounded memory.

    Parameters
    ----------
    look : callable
        Row -> Look; what it raises of `reading_errors` makes the row unreadable.
    """
    chunks = [range(start, min(start + CHUNK_ROWS, n_rows)) for start in range(0, n_rows, CHUNK_ROWS)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow tells of odd EXIF blocks and palettes, one file at a time
        done = _in_threads(partial(_measure_chunk, look=look), chunks)
    return Measured(
        measurements=_joined([chunk.columns for chunk in done]),
        readable=np.array([row for chunk in done for row in chunk.readable], dtype=np.int64),
        unreadable=tuple(pair for chunk in done for pair in chunk.unreadable),
        transcoded=Counter(sort for chunk in done for sort in chunk.transcoded),
        n_deep=sum(chunk.n_deep for chunk in done),
    )


def _in_threads(work: Callable[[range], _Chunk], chunks: Sequence[range]) -> list[_Chunk]:
    n_threads = min(MAX_THREADS, os.cpu_count() or 1, max(1, len(chunks)))
    with ThreadPoolExecutor(n_threads) as pool:
        try:
            return list(pool.map(work, chunks))
        except BaseException:  # Ctrl-C among them: the chunks that wait are not begun
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _measure_chunk(rows: range, *, look: Callable[[int], Look]) -> _Chunk:
    looks: dict[int, Look] = {}
    unreadable = []
    for row in rows:
        try:
            looks[row] = look(row)
        except reading_errors() as error:
            unreadable.append((row, why_unreadable(error)))
        except Exception as error:
            error.add_note(f"in image {row + 1:,}, in the order in which they are read")
            raise
    return _Chunk(
        columns=_columns(list(looks.values())),
        readable=tuple(looks),
        unreadable=tuple(unreadable),
        transcoded=tuple(found.transcoded for found in looks.values() if found.transcoded),
        n_deep=sum(found.n_bits > 8 for found in looks.values()),
    )


def _look(image: Image.Image, *, facts: dict[str, Any], transcoded: str = "", n_bits: int = 8) -> Look:
    from PIL import Image

    pixel_hash = _pixel_hash(image, facts)
    if max(image.size) > COPY_SIDE:  # in place: of a large image a second one is hundreds of megabytes
        image.thumbnail((COPY_SIDE, COPY_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    small = image.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BILINEAR)
    pixels = np.asarray(image)
    return Look(
        copy=pixels[..., None] if pixels.ndim == 2 else pixels,
        thumbnail=np.asarray(small.convert("RGB")),
        facts={**facts, "pixel_hash": pixel_hash},
        transcoded=transcoded,
        n_bits=n_bits,
    )


def _pixel_hash(image: Image.Image, facts: dict[str, Any]) -> int:
    """Hash the pixels as RGB, so that a grey image is equal to its copy in colour."""
    digest = blake2b(f"{facts['width']} {facts['height']}".encode(), digest_size=8)
    width, height = image.size
    step = max(1, HASHED_PIXELS // width)
    for top in range(0, height, step):
        strip = image.crop((0, top, width, min(top + step, height)))
        digest.update((strip if strip.mode == "RGB" else strip.convert("RGB")).tobytes())
    return int.from_bytes(digest.digest(), "big")


def _columns(looks: Sequence[Look]) -> dict[str, NDArray[Any]]:
    if not looks:
        return {}
    columns: dict[str, NDArray[Any]] = {
        name: np.array([found.facts[name] for found in looks], dtype=DTYPES[name]) for name in looks[0].facts
    }
    columns["thumbnails"] = np.stack([found.thumbnail for found in looks])
    columns["perceptual_hash"] = perceptual_hashes(columns["thumbnails"])
    return columns | _statistics([found.copy for found in looks])


def _statistics(copies: Sequence[NDArray[np.uint8]]) -> dict[str, NDArray[Any]]:
    """Measure copies of any size, those of one size at once."""
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for place, copy in enumerate(copies):
        by_shape.setdefault(copy.shape, []).append(place)
    batches = [batch for same in by_shape.values() for batch in _batches(same, n_pixels=copies[same[0]].size)]
    parts = [pixel_statistics(np.stack([copies[place] for place in batch])) for batch in batches]
    order = np.argsort(np.concatenate([np.array(batch) for batch in batches]))
    return {name: np.concatenate([part[name] for part in parts])[order] for name in parts[0]}


def _batches(places: list[int], *, n_pixels: int) -> list[list[int]]:
    size = max(1, BATCH_PIXELS // n_pixels)
    return [places[start : start + size] for start in range(0, len(places), size)]


def _joined(parts: Iterable[dict[str, NDArray[Any]]]) -> ImageMeasurements:
    filled = [part for part in parts if part]
    empty: dict[str, NDArray[Any]] = {
        name: np.empty((0, *SHAPES.get(name, ())), dtype=dtype) for name, dtype in DTYPES.items()
    }
    return ImageMeasurements(
        **{name: np.concatenate([part[name] for part in filled]) if filled else empty[name] for name in DTYPES}
    )


DTYPES: Final[dict[str, type]] = {
    "width": np.int32,
    "height": np.int32,
    "n_bytes": np.int64,
    "file_format": object,
    "suffix": object,
    "mode": object,
    "orientation": np.int8,
    "taken_at": np.float64,
    "camera": object,
    "pixel_hash": np.uint64,
    "perceptual_hash": np.uint64,
    "is_grey": np.bool_,
    "dark": np.float32,
    "light": np.float32,
    "sharpness": np.float32,
    "entropy": np.float32,
    "brightness": np.float32,
    "contrast": np.float32,
    "channel_mean": np.float32,
    "channel_square": np.float32,
    "thumbnails": np.uint8,
}
SHAPES: Final = {"channel_mean": (3,), "channel_square": (3,), "thumbnails": (THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3)}
