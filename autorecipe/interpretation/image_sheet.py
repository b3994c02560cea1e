"""Pictures of what a model sees: labelled tiles, heat over an image, a confusion matrix and a map of points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.profile.contact_sheet import GAP, INK, LINE, PAPER, fitted, sheet_width
from autorecipe.profile.sheet_text import cut, font, wrapped

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

TILE = 136  # pixels of a tile's longer side
MAX_LINES = 2  # that a line below a tile is broken into
CELL, LABEL = 72, 120  # pixels of a cell of the matrix, and of the names beside it
NAME_LINES = 2  # of a class's name in the matrix
MATRIX_HEADING = "a row for each true class, a column for each predicted one"
SIDE, DOT = 560, 3  # pixels of a map's side, and of a point's radius
FRAME = (225, 225, 225)
LEGEND = 2 * LABEL  # pixels beside a map
MAX_WIDTH = 2_000  # pixels that a heading may widen a sheet to
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
    name : str
        Of its file; cut in the middle where it is too long.
    lines : tuple of str
        Below its name; long ones are broken.
    """

    pixels: Pixels
    name: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointMap:
    """Points of a plane, coloured by class.

    Attributes
    ----------
    points : ndarray of shape (n, 2)
    codes : ndarray of shape (n,)
        The class of each.
    is_ringed : ndarray of shape (n,), bool
        Which have a black ring.
    names : tuple of str
        Of the classes.
    heading : str
    ring : str
        What a ring says.
    """

    points: Floats
    codes: NDArray[np.int64]
    is_ringed: NDArray[np.bool_]
    names: tuple[str, ...]
    heading: str
    ring: str


def draw_tiles(strips: Sequence[tuple[str, Sequence[Tile]]], path: Path, *, n_across: int) -> None:
    """Write a PNG file of tiles side by side, each strip with its heading above.

    Parameters
    ----------
    strips : sequence of (heading, tiles)
        One with tiles at least; without a heading a strip goes on with the one above.
    n_across : int
        Tiles beside each other.
    """
    from PIL import Image, ImageDraw

    shown = [(heading, tiles) for heading, tiles in strips if tiles]
    across = GAP + min(n_across, max(len(tiles) for _, tiles in shown)) * (TILE + GAP)
    width = sheet_width(across, [heading for heading, _ in shown], at_most=MAX_WIDTH)
    height = GAP + sum(_heading_height(heading) + _tiles_height(tiles, n_across) for heading, tiles in shown)
    sheet = Image.new("RGB", (width, height), PAPER)
    draw, top = ImageDraw.Draw(sheet), GAP
    for heading, tiles in shown:
        draw.text((GAP, top), cut(heading, width - 2 * GAP), fill=INK, font=font())
        top += _heading_height(heading)
        for place, tile in enumerate(tiles):
            down, right = divmod(place, n_across)
            _draw_tile(sheet, draw, tile, (GAP + right * (TILE + GAP), top + down * _line_height(tiles)))
        top += _tiles_height(tiles, n_across)
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
    head = GAP + (2 + NAME_LINES) * LINE
    width = sheet_width(LABEL + n * CELL + GAP, [MATRIX_HEADING], at_most=MAX_WIDTH)
    sheet = Image.new("RGB", (width, head + n * CELL + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((GAP, GAP), MATRIX_HEADING, fill=INK, font=font())
    for i, name in enumerate(names):
        _draw_lines(draw, wrapped(name, LABEL - 2 * GAP, at_most=NAME_LINES), (GAP, head + i * CELL + CELL // 3))
        column = wrapped(name, CELL - GAP, at_most=NAME_LINES)
        _draw_lines(draw, column, (LABEL + i * CELL, head - GAP // 2 - len(column) * LINE))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for truth, said in np.ndindex(n, n):
        left, upper = LABEL + said * CELL, head + truth * CELL
        colour = (170, 215, 170) if truth == said else (235, 150, 140)
        shade = tuple(round(255 + shares[truth, said] * (c - 255)) for c in colour)
        draw.rectangle((left, upper, left + CELL - 1, upper + CELL - 1), fill=shade, outline=FRAME)
        if counts[truth, said]:
            draw.text((left + 3, upper + 1), f"{counts[truth, said]:,}", fill=INK, font=font())
        if (truth, said) in examples:
            small = _picture(examples[truth, said], CELL - LINE - 6)
            sheet.paste(small, (left + (CELL - small.width) // 2, upper + LINE + 2))
    _save(sheet, path)


def draw_points(map_: PointMap, path: Path) -> None:
    """Write a PNG file of points; ringed ones are drawn last, the legend stands beside."""
    from PIL import Image, ImageDraw

    shown = map_.names[: len(COLOURS)]
    top = LINE + 2 * GAP
    width = sheet_width(SIDE + LEGEND, [map_.heading], at_most=MAX_WIDTH)
    sheet = Image.new("RGB", (width, top + SIDE + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((GAP, GAP), cut(map_.heading, width - 2 * GAP), fill=INK, font=font())
    places = _places(map_.points) + np.array([0, top])
    draw.rectangle((GAP // 2, top, SIDE, top + SIDE - 1), outline=FRAME)
    for i in np.argsort(map_.is_ringed, kind="stable"):  # ringed ones last, so that none lies below another
        (x, y), colour = places[i], COLOURS[int(map_.codes[i]) % len(COLOURS)]
        ring = (0, 0, 0) if map_.is_ringed[i] else colour
        draw.ellipse((x - DOT, y - DOT, x + DOT, y + DOT), fill=colour, outline=ring)
    for i, name in enumerate(shown):
        upper = top + i * LINE
        draw.ellipse((SIDE + GAP, upper + 3, SIDE + GAP + 2 * DOT, upper + 3 + 2 * DOT), fill=COLOURS[i])
        draw.text((SIDE + 3 * GAP, upper), cut(name, LEGEND - 4 * GAP), fill=INK, font=font())
    ending = f"a ring: {map_.ring}"
    lines = [ending] if len(map_.names) == len(shown) else ["more classes: colours repeat", ending]
    _draw_lines(draw, lines, (SIDE + GAP, top + (len(shown) + 1) * LINE))
    _save(sheet, path)


def _places(points: Floats) -> Floats:
    """Return where points stand on a square of SIDE pixels."""
    low, spread = points.min(axis=0), np.maximum(np.ptp(points, axis=0), np.finfo(float).tiny)
    places: Floats = GAP + DOT + (points - low) / spread * (SIDE - 2 * (GAP + DOT))
    return places


def _draw_tile(sheet: Image.Image, draw: ImageDraw.ImageDraw, tile: Tile, corner: tuple[int, int]) -> None:
    left, upper = corner
    small = _picture(tile.pixels, TILE)
    sheet.paste(small, (left + (TILE - small.width) // 2, upper + (TILE - small.height) // 2))
    _draw_lines(draw, _lines(tile), (left, upper + TILE))


def _draw_lines(draw: ImageDraw.ImageDraw, lines: Sequence[str], corner: tuple[int, int]) -> None:
    left, upper = corner
    for number, line in enumerate(lines):
        draw.text((left, upper + number * LINE), line, fill=INK, font=font())


def _lines(tile: Tile) -> list[str]:
    """Return the lines below a tile; of a long one both ends stay, since a probability stands at its end."""
    below = [part for line in tile.lines for part in wrapped(line, TILE, at_most=MAX_LINES, kept="ends")]
    return [cut(tile.name, TILE, kept="ends"), *below] if tile.name else below


def _picture(pixels: Pixels, side: int) -> Image.Image:
    """Return pixels as RGB, the longer side so long."""
    from PIL import Image

    return fitted(Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).convert("RGB"), side)


def _heading_height(heading: str) -> int:
    return LINE + GAP if heading else 0


def _line_height(tiles: Sequence[Tile]) -> int:
    return TILE + max(len(_lines(tile)) for tile in tiles) * LINE + GAP


def _tiles_height(tiles: Sequence[Tile], n_across: int) -> int:
    return math.ceil(len(tiles) / n_across) * _line_height(tiles)


def _save(sheet: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, "PNG", optimize=True)
