"""Images made on the spot, encoded in memory, and what Pillow reads of them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps


def waves(height: int, width: int, *, noise: float = 4.0) -> Image.Image:
    """An RGB image of waves in three colours."""
    y, x = np.mgrid[:height, :width]
    waves = np.stack([127 + 100 * np.sin(x / 7 + k) * np.cos(y / (9 + k)) for k in range(3)], axis=-1)
    waves += np.random.default_rng(0).normal(0, noise, waves.shape)
    return Image.fromarray(waves.clip(0, 255).astype("uint8"))


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    """The image in a mode; alpha rises from left to right, and starts where nothing is to be seen."""
    found = image.convert(mode)
    if mode in ("LA", "RGBA"):
        row = np.linspace(-80, 300, image.width).clip(0, 255)
        found.putalpha(Image.fromarray(np.tile(row, (image.height, 1)).astype("uint8")))
    return found


def encoded(image: Image.Image, file_format: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def seen(data: bytes) -> Image.Image:
    """What Pillow shows of a file: turned, RGB, on white."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")


def with_exif(image: Image.Image, orientation: int, *, order: str = "<", file_format: str = "JPEG", **options) -> bytes:
    exif = Image.Exif()
    exif.endian = order
    exif[0x010F], exif[0x0112] = "a maker", orientation
    return encoded(image, file_format, exif=exif.tobytes(), **options)
