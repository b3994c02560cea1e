"""Contact sheets: small pictures side by side with what they are called, as one PNG file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autorecipe.data.image_source import ImageSource
from autorecipe.profile.sheet_text import cut, font, text_width, wrapped

if TYPE_CHECKING:
    from PIL import Image

TILE = 96  # pixels of a picture's longer side
GAP = 6  # pixels between pictures
LINE = 12  # pixels of a line of text
MAX_LINES = 3  # of a caption
PIXELS_SEEN = 4  # times enlarged or more, single pixels are shown as squares; less, they are blended; choice
REDUCING_GAP = 2.0  # Pillow's own for thumbnails: large ones are halved first, which is faster
COLOURS = 255  # of the file: with a palette it is a third as large
INK, PAPER = (40, 40, 40), (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of a sheet.

    Attributes
    ----------
    row : int
        Of the image source.
    caption : str
        What is written below it.
    file : str
        Name of its file, written below that.
    """

    row: int
    caption: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Pictures that stand beside each other, with a heading above; more than fit go on below."""

    pictures: tuple[Picture, ...]
    heading: str = ""


def draw_sheet(strips: Sequence[Strip], source: ImageSource, path: Path, *, n_across: int) -> None:
    """Draw pictures and write them to a PNG file.

    Parameters
    ----------
    strips : sequence of Strip
        One with pictures at least.
    path : Path
        Its folder is made.
    n_across : int
        Pictures beside each other.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    from PIL import Image, ImageDraw

    rows = [_Row(strip=strip, n_across=n_across) for strip in strips if strip.pictures]
    across = GAP + min(n_across, max(len(row.strip.pictures) for row in rows)) * (TILE + GAP)
    width = sheet_width(across, [strip.heading for strip in strips], at_most=n_across * (TILE + GAP))
    sheet = Image.new("RGB", (width, GAP + sum(row.height for row in rows)), PAPER)
    draw, top = ImageDraw.Draw(sheet), GAP
    for row in rows:
        if row.strip.heading:
            draw.text((GAP, top), cut(row.strip.heading, width - 2 * GAP), fill=INK, font=font())
        for place, picture in enumerate(row.strip.pictures):
            left, upper = row.corner(place, top)
            small = small_picture(source.read(picture.row))
            sheet.paste(small, (left + (TILE - small.width) // 2, upper + (TILE - small.height) // 2))
            for number, line in enumerate(_lines(picture)):
                draw.text((left, upper + TILE + number * LINE), line, fill=INK, font=font())
        top += row.height
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(COLOURS).save(path, "PNG", optimize=True)


def small_picture(data: bytes) -> Image.Image:
    """Decode an image to RGB whose longer side is TILE pixels, upright."""
    from autorecipe.data.image_formats import decode

    return fitted(decode(data, draft=True).image.convert("RGB"), TILE)


def fitted(image: Image.Image, side: int) -> Image.Image:
    """Return an image whose longer side has so many pixels; smaller ones are enlarged."""
    from PIL import Image

    factor = side / max(image.size)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    resample = Image.Resampling.NEAREST if factor >= PIXELS_SEEN else Image.Resampling.BICUBIC
    return image.resize(size, resample, reducing_gap=REDUCING_GAP)


def sheet_width(tiles: int, headings: Sequence[str], *, at_most: int) -> int:
    """Return the pixels that a sheet's tiles take, or its headings where they take more, up to a limit."""
    widest = max((text_width(heading) for heading in headings), default=0)
    return max(tiles, min(widest + 2 * GAP, at_most))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    strip: Strip
    n_across: int

    @property
    def n_lines(self) -> int:
        """Most lines of a caption."""
        return max(len(_lines(picture)) for picture in self.strip.pictures)

    @property
    def line_height(self) -> int:
        """Pixels of a line of pictures with their captions."""
        return TILE + self.n_lines * LINE + GAP

    @property
    def height(self) -> int:
        """Pixels, the heading included."""
        heading = LINE + GAP if self.strip.heading else 0
        return heading + math.ceil(len(self.strip.pictures) / self.n_across) * self.line_height

    def corner(self, place: int, top: int) -> tuple[int, int]:
        """Return the left and upper end of a picture."""
        down, across = divmod(place, self.n_across)
        heading = LINE + GAP if self.strip.heading else 0
        return GAP + across * (TILE + GAP), top + heading + down * self.line_height


def _lines(picture: Picture) -> list[str]:
    lines = wrapped(picture.caption, TILE, at_most=MAX_LINES)
    return [*lines, cut(picture.file, TILE, kept="ends")] if picture.file else lines
