"""From encoded images to one array of pixels, through the very layers that are exported."""

from __future__ import annotations

import math
import os
import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.data.image_arrays import ArrayImages
from autorecipe.data.image_source import ImageSource
from autorecipe.errors import UserError, foreign_text
from autorecipe.layers.decode_images import DecodeImages
from autorecipe.layers.fit_images import FitImages
from autorecipe.preprocessing.array_files import new_array_file, reserve
from autorecipe.preprocessing.image_spec import ImageSpec

# bytes of pixels that are held in memory, with the copies that training makes of them some 2 GB; more are kept in a
# file, of which the system holds in memory what it has room for; choice
IN_MEMORY_BYTES = 2**29
# files of one call, and their bytes at most but for one: a call costs about what three small images do
CALL_FILES, CALL_BYTES = 64, 2**24
CALL_PIXELS = 2**24  # values of images that come as arrays, for one call
WAITING = 2  # calls a thread whose files are read already
MOST_THREADS = 8  # each may hold four large images: beyond that memory counts more than time; choice

Pixels = NDArray[np.uint8]


def decode_all(source: ImageSource, spec: ImageSpec, *, cache: Path | None = None) -> Pixels:
    """Return all images as one array, in memory or, above 512 MiB, in a file.

    Files are read in their order and decoded by as many threads as there are cores, eight at most; what waits is
    bounded, so that thousands of large photos take no more memory than a few dozen. Images that come as arrays are not
    encoded on the way.

    Parameters
    ----------
    source : ImageSource
        One image for each row.
    spec : ImageSpec
        What they are brought to.
    cache : Path, optional
        The file (.npy) that keeps more pixels than memory should; where it is already there, it is taken. Without one
        it is a temporary file.

    Returns
    -------
    uint8 array or memory map of shape (n_rows, height, width, channels)
        A memory map is read-only.

    Raises
    ------
    UserError
        When an image cannot be decoded: it is named.
    """
    shape = (len(source), *spec.shape)
    if math.prod(shape) <= IN_MEMORY_BYTES:
        pixels = np.empty(shape, "uint8")
        _fill(pixels, source, spec)
        return pixels
    try:
        if cache is None:
            return _in_passing_file(shape, source, spec)
        if not cache.exists():
            _write(cache, shape, source, spec)
    except OSError as error:
        raise UserError(
            f"the decoded images ({math.prod(shape) / 2**30:.1f} GiB) cannot be kept: {foreign_text(error)}",
            where=tempfile.gettempdir() if cache is None else str(cache),
            fix="make room on the disk, name another --out, or a smaller --image-side",
        ) from error
    return np.load(cache, mmap_mode="r", allow_pickle=False)


def _in_passing_file(shape: tuple[int, ...], source: ImageSource, spec: ImageSpec) -> Pixels:
    """Return the pixels in a file that is gone with the array."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed with the map
    reserve(file.fileno(), math.prod(shape))
    pixels = np.memmap(file, "uint8", "r+", shape=shape)
    _fill(pixels, source, spec)
    pixels.flags.writeable = False
    return pixels


def _write(cache: Path, shape: tuple[int, ...], source: ImageSource, spec: ImageSpec) -> None:
    """Write the pixels to a file that has its name only when it is whole."""
    part = cache.with_name(f".{cache.name}.part")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        pixels = new_array_file(part, "uint8", shape)
        _fill(pixels, source, spec)
        pixels.flush()
        part.replace(cache)
    finally:
        if part.is_file():
            part.unlink()


def _fill(pixels: Pixels, source: ImageSource, spec: ImageSpec) -> None:
    if isinstance(source, ArrayImages):
        _fill_from_array(pixels, source, spec)
    else:
        _fill_from_files(pixels, source, spec)


def _fill_from_array(pixels: Pixels, source: ArrayImages, spec: ImageSpec) -> None:
    fit = FitImages(*spec.shape, spec.fit)
    is_same = source.array.shape[1:] == spec.shape
    step = max(1, CALL_PIXELS // math.prod(source.array.shape[1:]))
    for i in range(0, len(pixels), step):
        images = source.array[source.rows[i : i + step]]
        pixels[i : i + step] = images if is_same else np.asarray(fit(images))


def _fill_from_files(pixels: Pixels, source: ImageSource, spec: ImageSpec) -> None:
    layer = DecodeImages(*spec.shape, spec.fit)
    decode = tf.function(layer.call, input_signature=[tf.TensorSpec((None,), tf.string)])
    n_threads = min(os.cpu_count() or 1, MOST_THREADS)
    waiting: deque[Future[None]] = deque()

    def work(rows: slice, files: list[bytes]) -> None:
        pixels[rows] = _decoded(decode, files, source, rows.start)

    with ThreadPoolExecutor(n_threads) as threads:
        try:
            for rows, files in _calls(source):
                if len(waiting) >= WAITING * n_threads:
                    waiting.popleft().result()
                waiting.append(threads.submit(work, rows, files))
            while waiting:
                waiting.popleft().result()
        except BaseException:  # also Ctrl-C: what has not begun shall not keep the process
            threads.shutdown(wait=False, cancel_futures=True)
            raise


def _calls(source: ImageSource) -> Iterator[tuple[slice, list[bytes]]]:
    """Yield rows and their files, as many as one call takes."""
    start, files, n_bytes = 0, [], 0
    for row in range(len(source)):
        files.append(source.read(row))
        n_bytes += len(files[-1])
        if len(files) == CALL_FILES or n_bytes >= CALL_BYTES:
            yield slice(start, row + 1), files
            start, files, n_bytes = row + 1, [], 0
    if files:
        yield slice(start, len(source)), files


def _decoded(decode: Any, files: list[bytes], source: ImageSource, first_row: int) -> Pixels:
    try:
        return decode(tf.constant(files)).numpy()
    except tf.errors.OpError as error:
        for i, file in enumerate(files):
            _check_one(decode, file, source.name(first_row + i))
        raise error


def _check_one(decode: Any, file: bytes, name: str) -> None:
    try:
        decode(tf.constant([file]))
    except tf.errors.OpError as error:
        raise UserError(
            f"the image '{name}' cannot be decoded: {foreign_text(error)}",
            where=name,
            fix="save it anew as PNG, or leave it out",
        ) from error
