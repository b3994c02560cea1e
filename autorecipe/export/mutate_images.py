"""Images that no folder holds, to try a model where it hurts: other modes, sizes, formats and EXIF orientations."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, features

ORIENTATION = 0x0112  # EXIF tag
MOST_SIDE = 1024  # pixels that an image is made from, at most: mutating is no test of patience
SMALL_BYTES, SMALL_SIDE = 50_000, 256  # of a file in a request that people read: choice
TINY, THIN = (1, 1), (97, 2)  # width, height
LARGE = (2000, 1500)
OTHER_SIZE = 0.6  # of its own

Mutation = Callable[[Image.Image], bytes]


def mutate_files(files: NDArray[np.generic], *, n: int) -> NDArray[np.generic]:
    """Return files made from others: grey, turned by EXIF, with alpha, tiny, large, in another format and so on.

    Parameters
    ----------
    files : ndarray of shape (n_files,), object
        Bytes of at least one file that Pillow reads.
    n : int
        Files to return; with 15 and more each mutation is among them.

    Returns
    -------
    ndarray of shape (n,), object
        Bytes.
    """
    mutated = np.empty(n, dtype=object)
    for place, (file, mutation) in enumerate(islice(zip(cycle(files), cycle(MUTATIONS), strict=False), n)):
        mutated[place] = mutation(_opened(file, MOST_SIDE))
    return mutated


def small_copies(files: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return files that are as they were where they are small, and else as JPEG files of at most 256 pixels a side."""
    copies = np.empty(len(files), dtype=object)
    for place, file in enumerate(files):
        copies[place] = file if len(file) <= SMALL_BYTES else _saved(_opened(file, SMALL_SIDE), "JPEG")
    return copies


def _opened(file: bytes, side: int) -> Image.Image:
    with Image.open(io.BytesIO(file)) as image:
        image.draft("RGB", (side, side))  # a JPEG is decoded at a smaller scale
        turned = ImageOps.exif_transpose(image).convert("RGB")
    turned.thumbnail((side, side))
    return turned


def _saved(image: Image.Image, kind: str, orientation: int = 1) -> bytes:
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[ORIENTATION] = orientation
    turned = {"exif": exif} if orientation > 1 else {}
    image.save(buffer, kind, **turned)
    return buffer.getvalue()


def _resized(image: Image.Image, size: tuple[float, float]) -> Image.Image:
    return image.resize((max(1, round(size[0])), max(1, round(size[1]))))


def _see_through(image: Image.Image) -> Image.Image:
    alpha = Image.linear_gradient("L").resize(image.size)
    image = image.copy()
    image.putalpha(alpha)
    return image


def _deep(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L"), "<u2") * np.uint16(257))


MUTATIONS: tuple[Mutation, ...] = (
    lambda image: _saved(image, "PNG"),
    lambda image: _saved(image.convert("L"), "JPEG"),
    lambda image: _saved(image, "JPEG", orientation=6),
    lambda image: _saved(image, "JPEG", orientation=3),
    lambda image: _saved(_see_through(image), "PNG"),
    lambda image: _saved(_resized(image, TINY), "PNG"),
    lambda image: _saved(_resized(image, THIN), "JPEG"),
    lambda image: _saved(_resized(image, LARGE), "JPEG"),
    lambda image: _saved(_resized(image, (OTHER_SIZE * image.width, image.height)), "JPEG"),
    lambda image: _saved(image.quantize(16), "PNG"),
    lambda image: _saved(image.convert("CMYK"), "JPEG"),
    lambda image: _saved(_deep(image), "PNG"),
    lambda image: _saved(image, "BMP"),
    lambda image: _saved(image.quantize(16), "GIF"),
    lambda image: _saved(image, "WEBP" if features.check("webp") else "PNG"),
)
