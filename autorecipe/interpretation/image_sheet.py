"""Pictures of what a model sees: labelled tiles, heat over an image, a confusion matrix and a map of points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.profile.contact_sheet import FONT_SIZE, GAP, INK, LINE, PAPER

if TYPE_CHECKING:
    from PIL import Image, ImageFont

TILE = 112  # pixels of a tile's longer side
LETTERS = 21  # of a line below a tile, at this size
CELL, LABEL = 64, 110  # pixels of a cell of the matrix, and of the names beside it
LABEL_LETTERS = 18
SIDE, DOT = 560, 3  # pixels of a map's side, and of a point's radius
HEAT_SHARE = 0.5  # of the heat where it is greatest, the rest is the image; as in the figures of Grad-CAM
# one colour for each class, in turn: Tableau's ten
COLOURS = (
    (31, 119, 180),
    (255, 127, 14),
    (44, 160, 44),
    (214, 39, 40),
    (148, 103, 189),
    (140, 86, 75),
    (227, 119, 194),
    (127, 127, 127),
    (188, 189, 34),
    (23, 190, 207),
)

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tile:
    """A picture with lines of text below it.

    Attributes
    ----------
    pixels : ndarray of shape (height, width, 1 or 3), uint8
    """

    pixels: Pixels
    lines: tuple[str, ...] = ()


def draw_tiles(strips: Sequence[tuple[str, Sequence[Tile]]], path: Path, *, n_across: int) -> None:
    """Write a PNG file of tiles side by side, each strip with its heading above.

    Parameters
    ----------
    strips : sequence of (heading, tiles)
        One with tiles at least.
    n_across : int
        Tiles beside each other.
    """
    from PIL import Image, ImageDraw

    shown = [(heading, tiles) for heading, tiles in strips if tiles]
    heights = [_strip_height(tiles, n_across) for _, tiles in shown]
    width = GAP + min(n_across, max(len(tiles) for _, tiles in shown)) * (TILE + GAP)
    sheet = Image.new("RGB", (width, GAP + sum(heights)), PAPER)
    draw, font, top = ImageDraw.Draw(sheet), _font(), GAP
    for (heading, tiles), height in zip(shown, heights, strict=True):
        draw.text((GAP, top), heading, fill=INK, font=font)
        for place, tile in enumerate(tiles):
            down, across = divmod(place, n_across)
            left, upper = GAP + across * (TILE + GAP), top + LINE + GAP + down * _line_height(tiles)
            small = _fitted(tile.pixels, TILE)
            sheet.paste(small, (left + (TILE - small.width) // 2, upper + (TILE - small.height) // 2))
            for number, line in enumerate(tile.lines):
                draw.text((left, upper + TILE + number * LINE), _short(line, LETTERS), fill=INK, font=font)
        top += height
    _save(sheet, path)


def heat_over(pixels: Pixels, heat: Floats) -> Pixels:
    """Return an image with heat laid over it, blue to red.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 1 or 3), uint8
    heat : ndarray of shape (h, w)
        0 to 1, of any size; stretched to the image.
    """
    strong = stretched(heat, pixels.shape[:2])[..., None]
    colours = np.clip(1.5 - np.abs(4.0 * strong - np.array([3.0, 2.0, 1.0])), 0.0, 1.0) * 255.0  # the map "jet"
    image = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    mixed: Pixels = np.round((1.0 - HEAT_SHARE * strong) * image + HEAT_SHARE * strong * colours).astype(np.uint8)
    return mixed


def grey(values: Floats) -> Pixels:
    """Return an array (h, w) as an image from black, its least value, to white, its largest."""
    spread = float(values.max() - values.min())
    scaled = (values - values.min()) / spread if spread > 0 else np.zeros_like(values)
    found: Pixels = np.round(255.0 * scaled).astype(np.uint8)[..., None]
    return found


def stretched(values: Floats, size: tuple[int, int]) -> Floats:
    """Return an array (h, w) brought to (height, width) by linear interpolation; within the range it had."""
    from PIL import Image

    image = Image.fromarray(values.astype(np.float32))
    return np.asarray(image.resize((size[1], size[0]), Image.Resampling.BILINEAR), dtype=np.float64)


def draw_matrix(
    counts: NDArray[np.int64], names: Sequence[str], examples: dict[tuple[int, int], Pixels], path: Path
) -> None:
    """Write a PNG file of a confusion matrix: true classes are rows, shade is the row's share, with an example each.

    Parameters
    ----------
    examples : dict of (truth, predicted) to pixels (height, width, 1 or 3), uint8
    """
    from PIL import Image, ImageDraw

    n = len(names)
    sheet = Image.new("RGB", (LABEL + n * CELL + GAP, 3 * LINE + n * CELL + GAP), PAPER)
    draw, font = ImageDraw.Draw(sheet), _font()
    draw.text((GAP, GAP), "a row for each true class, a column for each predicted one", fill=INK, font=font)
    for i, name in enumerate(names):
        draw.text((GAP, 3 * LINE + i * CELL + CELL // 2), _short(name, LABEL_LETTERS), fill=INK, font=font)
        draw.text((LABEL + i * CELL, 2 * LINE), _short(name, CELL // 6), fill=INK, font=font)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for truth, said in np.ndindex(n, n):
        left, upper = LABEL + said * CELL, 3 * LINE + truth * CELL
        colour = (170, 215, 170) if truth == said else (235, 150, 140)
        shade = tuple(round(255 + shares[truth, said] * (c - 255)) for c in colour)
        draw.rectangle((left, upper, left + CELL - 1, upper + CELL - 1), fill=shade, outline=(225, 225, 225))
        if counts[truth, said]:
            draw.text((left + 3, upper + 1), f"{counts[truth, said]:,}", fill=INK, font=font)
        if (truth, said) in examples:
            small = _fitted(examples[truth, said], CELL - LINE - 6)
            sheet.paste(small, (left + (CELL - small.width) // 2, upper + LINE + 2))
    _save(sheet, path)


def draw_points(
    points: Floats, codes: NDArray[np.int64], is_wrong: NDArray[np.bool_], names: Sequence[str], path: Path
) -> None:
    """Write a PNG file of points (n, 2), coloured by class, wrong ones with a black ring; the legend stands beside."""
    from PIL import Image, ImageDraw

    shown = list(names)[: len(COLOURS)]
    sheet = Image.new("RGB", (SIDE + 2 * LABEL, max(SIDE, (len(shown) + 4) * LINE)), PAPER)
    draw, font = ImageDraw.Draw(sheet), _font()
    low, spread = points.min(axis=0), np.maximum(np.ptp(points, axis=0), np.finfo(float).tiny)
    places = GAP + DOT + (points - low) / spread * (SIDE - 2 * (GAP + DOT))
    for i in np.argsort(is_wrong, kind="stable"):  # wrong ones last, so that none lies below another
        (x, y), colour = places[i], COLOURS[int(codes[i]) % len(COLOURS)]
        ring = (0, 0, 0) if is_wrong[i] else colour
        draw.ellipse((x - DOT, y - DOT, x + DOT, y + DOT), fill=colour, outline=ring)
    for i, name in enumerate(shown):
        upper = GAP + i * LINE
        draw.ellipse((SIDE + GAP, upper + 3, SIDE + GAP + 2 * DOT, upper + 3 + 2 * DOT), fill=COLOURS[i])
        draw.text((SIDE + 3 * GAP, upper), _short(name, 2 * LABEL_LETTERS - 4), fill=INK, font=font)
    ending = "a ring: predicted wrong" if len(names) == len(shown) else "colours repeat; a ring: predicted wrong"
    draw.text((SIDE + GAP, GAP + (len(shown) + 1) * LINE), ending, fill=INK, font=font)
    _save(sheet, path)


def _font() -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.load_default(FONT_SIZE)


def _fitted(pixels: Pixels, side: int) -> Image.Image:
    """Return pixels as RGB of at most `side` a side; small ones are enlarged by whole factors."""
    from PIL import Image

    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).convert("RGB")
    factor = side // max(image.size)
    if factor > 1:
        return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    image.thumbnail((side, side))
    return image


def _line_height(tiles: Sequence[Tile]) -> int:
    return TILE + max(len(tile.lines) for tile in tiles) * LINE + GAP


def _strip_height(tiles: Sequence[Tile], n_across: int) -> int:
    return LINE + GAP + math.ceil(len(tiles) / n_across) * _line_height(tiles)


def _short(text: str, n_letters: int) -> str:
    """Return a text's end where it is too long: names of files differ there."""
    return text if len(text) <= n_letters else f"..{text[-(n_letters - 2) :]}"


def _save(sheet: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, "PNG", optimize=True)
