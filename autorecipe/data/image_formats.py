"""What an image file is by its content, and how Pillow turns it into pixels."""

from __future__ import annotations

import datetime as dt
import io
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from autorecipe.preprocessing.image_spec import BACKGROUND

if TYPE_CHECKING:
    from PIL import Image

# Suffixes under which images are looked for; what a file is, its content says.
IMAGE_SUFFIXES: Final = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff", ".heic", ".heif")
).union((".avif", ".jp2", ".j2k", ".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".pcx", ".psd"))
HEAD_BYTES: Final = 32  # enough for every signature below
# First bytes, from the formats' specifications.
SIGNATURES: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"\0\0\0\x0cjP  ", "JPEG2000"),
    (b"8BPS", "PSD"),
)
HEIF_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
AVIF_BRANDS: Final = (b"avif", b"avis")
LFS_POINTER: Final = b"version https://git-lfs"
HEIC_MISSING: Final = "HEIC is read by the extra `heic`: pip install 'autorecipe[heic]'"
PLAIN_BMP: Final = frozenset(((1, 0), (4, 0), (8, 0), (24, 0), (32, 0)))  # bits a pixel, no compression
BMP_HEADER: Final = 40  # bytes, the first that says how pixels are compressed
TURNED: Final = range(2, 9)  # EXIF orientations that ask for turning or mirroring
ORIENTATION, MAKE, MODEL, TIME, EXIF_IFD, TIME_TAKEN = 0x0112, 0x010F, 0x0110, 0x0132, 0x8769, 0x9003  # EXIF tags
COPY_SIDE: Final = 256  # pixels; the longer side of the copy that is measured
DRAFT_PIXELS: Final = 1_000_000  # above, a JPEG is decoded at 1/2, 1/4 or 1/8, by libjpeg; choice: photos of cameras
SECONDS_PER_DAY: Final = 86_400
EPOCH: Final = dt.datetime(1970, 1, 1)
MAX_8_BITS, MAX_16_BITS = 255, 65_535


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decoded:
    """A decoded image.

    Attributes
    ----------
    image : PIL image
        Of mode "L" or "RGB", turned as its EXIF says; of large JPEG files a half, a quarter or an eighth of the size.
    width, height : int
        Of the whole image, after turning.
    mode : str
        Of the file.
    n_bits : int
        Of a channel: 8, 16 or 32.
    taken_at : float
        EXIF time in days since 1970, NaN where there is none.
    """

    image: Image.Image
    width: int
    height: int
    file_format: str
    mode: str
    n_bits: int
    orientation: int
    taken_at: float
    camera: str


def head_of(path: Path) -> bytes:
    """Return a file's first bytes; none where it cannot be opened, since whoever reads it says what is wrong."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def sniff(head: bytes) -> str:
    """Return the format that the first bytes of a file tell, "" for none that is known here.

    >>> sniff(b"GIF89a...")
    'GIF'
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return "HEIF" if brand in HEIF_BRANDS else "AVIF" if brand in AVIF_BRANDS else ""
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":  # reserved, zero
        return "BMP"
    return next((name for signature, name in SIGNATURES if head.startswith(signature)), "")


def why_transcoded(data: bytes) -> str:
    """Say what a file is that the networks' decoder cannot read, or not as it is meant; "" for one that it can.

    JPEG, PNG, GIF and WebP of one frame and plain BMP go through as they are: that decoder turns them as their EXIF
    says.
    """
    found = sniff(data[:HEAD_BYTES])
    if found in ("JPEG", "PNG"):
        return ""
    if found == "WEBP":
        return _why_webp(data)
    if found == "GIF":
        return "animated GIF" if getattr(open_image(data), "n_frames", 1) > 1 else ""
    if found == "BMP":
        return _why_bmp(data)
    return found or open_image(data).format or "file"


def for_decoder(data: bytes) -> bytes:
    """Return a file as the networks' decoder takes it: its own bytes, or a PNG of its (first) image without loss."""
    return to_png(decode(data, draft=False).image) if why_transcoded(data) else data


def to_png(image: Image.Image) -> bytes:
    """Encode an image without loss, fast rather than small."""
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def open_image(data: bytes) -> Image.Image:
    """Open an encoded image; its pixels are decoded when they are asked for.

    Raises
    ------
    ValueError
        When nothing here reads HEIC, or the file only points to an image.
    OSError
        When it is no image that Pillow knows.
    """
    from PIL import Image

    if data.startswith(LFS_POINTER):
        raise ValueError("a Git LFS pointer, not the image itself: git lfs pull")
    if sniff(data[:HEAD_BYTES]) == "HEIF" and not _reads_heic():
        raise ValueError(HEIC_MISSING)
    return Image.open(io.BytesIO(data))


def decode(data: bytes, *, draft: bool) -> Decoded:
    """Decode an image to its last pixel, so that a truncated file is noticed.

    Parameters
    ----------
    draft : bool
        Let libjpeg scale large JPEG files down, where their look alone is wanted.

    Raises
    ------
    OSError, ValueError, SyntaxError, ...
        What Pillow raises of files that it cannot read.
    """
    from PIL import ImageOps

    if not data:
        raise ValueError("the file is empty")
    image = open_image(data)
    n_bits = _n_bits(data, image.mode)
    mode, (width, height) = image.mode, image.size
    if draft and image.format in ("JPEG", "MPO") and width * height > DRAFT_PIXELS:
        image.draft(None, (COPY_SIDE, COPY_SIDE))
    image.load()
    orientation, taken_at, camera = _exif(image)
    name = "JPEG" if image.format == "MPO" else image.format or ""
    pixels = to_pixels(image)
    if orientation in TURNED:
        pixels.getexif()[ORIENTATION] = orientation
        pixels = ImageOps.exif_transpose(pixels)
    if orientation >= 5:  # these exchange the sides
        width, height = height, width
    return Decoded(
        image=pixels,
        width=width,
        height=height,
        file_format=name,
        mode=mode,
        n_bits=n_bits,
        orientation=orientation,
        taken_at=taken_at,
        camera=camera,
    )


def to_pixels(image: Image.Image) -> Image.Image:
    """Return an image as grey ("L") or RGB of 8 bits, as the networks' decoder does.

    Transparent pixels are put on white; of 16 bits the upper 8 are kept.

    Raises
    ------
    ValueError
        When 32-bit pixels are outside what 8 or 16 bits hold.
    """
    from PIL import Image

    if image.has_transparency_data:
        return _on_white(image)
    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(_to_8_bits(np.asarray(image)))
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    is_grey = image.mode in ("L", "LA", "La")
    seen = image.convert("LA" if is_grey else "RGBA")
    ground = Image.new("L" if is_grey else "RGB", image.size, BACKGROUND if is_grey else (BACKGROUND,) * 3)
    ground.paste(seen.convert(ground.mode), mask=seen.getchannel("A"))
    return ground


def _to_8_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    low, high = float(values.min()), float(values.max())
    if math.isnan(low + high) or low < 0 or high > MAX_16_BITS:
        raise ValueError(f"pixels from {low:g} to {high:g}; 0 to 255 or 0 to 65535 are expected")
    if values.dtype.itemsize == 2 or high > MAX_8_BITS:
        return (values.astype(np.uint16) >> 8).astype(np.uint8)
    if values.dtype.kind == "f" and high <= 1:
        values = values * MAX_8_BITS
    return np.asarray(np.rint(values), np.uint8)


def _n_bits(data: bytes, mode: str) -> int:
    if sniff(data[:HEAD_BYTES]) == "PNG" and len(data) > 24:
        return 16 if data[24] == 16 else 8  # the depth in a PNG's first chunk
    if mode.startswith("I;16"):
        return 16
    return 32 if mode in ("I", "F") else 8


def _why_bmp(data: bytes) -> str:
    if len(data) < 14 + BMP_HEADER:
        return "short BMP"
    (header,), form = struct.unpack_from("<I", data, 14), struct.unpack_from("<HI", data, 28)
    return "" if header >= BMP_HEADER and form in PLAIN_BMP else "compressed or unusual BMP"


def _why_webp(data: bytes) -> str:
    is_extended = data[12:16] == b"VP8X" and len(data) > 20
    return "animated WebP" if is_extended and data[20] & 0x02 else ""  # the flag of animations


def _exif(image: Image.Image) -> tuple[int, float, str]:
    """Return orientation, time taken and camera; what a damaged block does not tell counts as not said."""
    try:
        exif = image.getexif()
        if not exif:
            return 1, math.nan, ""
        orientation = int(exif.get(ORIENTATION, 1) or 1)
        camera = " ".join(str(exif[tag]).strip("\0 ") for tag in (MAKE, MODEL) if exif.get(tag))
        taken_at = _days(str(exif.get_ifd(EXIF_IFD).get(TIME_TAKEN) or exif.get(TIME) or ""))
    except (ValueError, TypeError, KeyError, SyntaxError, OSError, struct.error):
        return 1, math.nan, ""
    return (orientation if orientation in TURNED else 1), taken_at, camera


def _days(text: str) -> float:
    try:
        taken = dt.datetime.strptime(text.strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return math.nan
    return (taken - EPOCH).total_seconds() / SECONDS_PER_DAY


def _reads_heic() -> bool:
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True
