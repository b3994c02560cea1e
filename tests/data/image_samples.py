"""Images made on the spot, and folders of them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 24


def picture(seed: int = 0, *, width: int = SIDE, height: int = SIDE) -> Image.Image:
    """A smooth picture of many colours; another seed shows something else."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, file_format: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def png(seed: int = 0, **size) -> bytes:
    return encoded(picture(seed, **size))


def folder(root: Path, files: Mapping[str, bytes | None] | tuple[str, ...]) -> Path:
    """Write files below a folder; names alone become pictures that all differ, those that end in "/" folders."""
    named = files if isinstance(files, Mapping) else dict.fromkeys(files)
    for seed, (name, content) in enumerate(named.items()):
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(seed) if content is None else content)
    return root


def names_of(*classes: str, n: int = 3, below: str = "") -> tuple[str, ...]:
    """Names of n images in a folder for each class."""
    return tuple(f"{below}{label}/{i}.png" for label in classes for i in range(n))


def exif(orientation: int = 1, *, taken: str = "", camera: str = "") -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    if taken:
        found[0x0132] = taken
    if camera:
        found[0x0110] = camera
    return found
