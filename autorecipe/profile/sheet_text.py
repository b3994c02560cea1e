"""Text on pictures: a font that has the letters of most alphabets, and lines cut to a width in pixels."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL import ImageFont

Kept = Literal["start", "ends"]

FONT_SIZE = 10
CUT = "\u2026"


@cache
def font() -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans, which Matplotlib brings along: the font of Pillow has no letters beyond ASCII."""
    import matplotlib
    from PIL import ImageFont

    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), FONT_SIZE)


def text_width(text: str) -> int:
    """Return the pixels that a line of text takes."""
    return int(font().getlength(text)) + 1


def one_line(text: str) -> str:
    """Return a text without line breaks, an umlaut as one letter where it was written as two."""
    return unicodedata.normalize("NFC", re.sub(r"[\x00-\x1f\x7f]+", " ", text)).strip()


def cut(text: str, width: int, *, kept: Kept = "start") -> str:
    """Return a text of at most so many pixels.

    Parameters
    ----------
    width : int
        Pixels.
    kept : {"start", "ends"}
        What stays of a text that is too long; names of files differ at their end.
    """
    text = one_line(text)
    if text_width(text) <= width:
        return text
    for n in range(len(text) - 1, 0, -1):
        n_last = n // 2 if kept == "ends" else 0
        short = text[: n - n_last].rstrip() + CUT + (text[-n_last:] if n_last else "")
        if text_width(short) <= width:
            return short
    return CUT


def wrapped(text: str, width: int, *, at_most: int, kept: Kept = "start") -> list[str]:
    """Return a text as so many lines at most, broken between words; what the last has no room for is cut.

    Parameters
    ----------
    width : int
        Pixels of a line.
    kept : {"start", "ends"}
        Of the last line.
    """
    lines: list[str] = []
    words = one_line(text).split(" ")
    while words and len(lines) < at_most - 1:
        n = next((n for n in range(len(words), 1, -1) if text_width(" ".join(words[:n])) <= width), 1)
        lines.append(cut(" ".join(words[:n]), width, kept=kept))
        words = words[n:]
    return [line for line in (*lines, cut(" ".join(words), width, kept=kept)) if line]
