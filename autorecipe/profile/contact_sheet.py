"""Contact sheets: small pictures side by side with what they are called, as one PNG file."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autorecipe.data.image_source import ImageSource

if TYPE_CHECKING:
    from PIL import Image

TILE = 96  # pixels of a picture's longer side
GAP = 6  # pixels between pictures
LINE = 12  # pixels of a line of text
FONT_SIZE = 10
LETTERS = 17  # of a caption's line, at this size and tile
MAX_LINES = 2
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
    """

    row: int
    caption: str = ""


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
    from PIL import Image, ImageDraw, ImageFont

    rows = [_Row(strip=strip, n_across=n_across) for strip in strips if strip.pictures]
    width = GAP + min(n_across, max(len(row.strip.pictures) for row in rows)) * (TILE + GAP)
    sheet = Image.new("RGB", (width, GAP + sum(row.height for row in rows)), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE)
    top = GAP
    for row in rows:
        if row.strip.heading:
            draw.text((GAP, top), row.strip.heading, fill=INK, font=font)
        for place, picture in enumerate(row.strip.pictures):
            left, upper = row.corner(place, top)
            small = small_picture(source.read(picture.row))
            sheet.paste(small, (left + (TILE - small.width) // 2, upper + (TILE - small.height) // 2))
            for number, line in enumerate(_lines(picture.caption)):
                draw.text((left, upper + TILE + number * LINE), line, fill=INK, font=font)
        top += row.height
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(COLOURS).save(path, "PNG", optimize=True)


def small_picture(data: bytes) -> Image.Image:
    """Decode an image to RGB of at most TILE pixels a side, upright; tiny ones are enlarged by whole factors."""
    from PIL import Image

    from autorecipe.data.image_formats import decode

    image = decode(data, draft=True).image.convert("RGB")
    factor = TILE // max(image.size)
    if factor > 1:
        return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    image.thumbnail((TILE, TILE))
    return image


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    strip: Strip
    n_across: int

    @property
    def n_lines(self) -> int:
        """Most lines of a caption."""
        return max(len(_lines(picture.caption)) for picture in self.strip.pictures)

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


def _lines(caption: str) -> list[str]:
    return textwrap.wrap(caption, LETTERS, break_on_hyphens=False)[:MAX_LINES]
