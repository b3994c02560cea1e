"""What every image goes through before a network sees it, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fit = Literal["stretch", "crop", "pad"]
INPUT_NAME = "image"  # of the exported model: encoded files
# What stands behind transparent pixels, in all three channels: pictures without a ground are drawn for white pages, and
# their dark lines would vanish on black; choice
BACKGROUND = 255
PADDING = 0  # what "pad" adds, in all channels


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelScale:
    """How the numbers of an array of images become pixels from 0 to 255.

    Attributes
    ----------
    kind : str
        "boolean", "whole" (numbers) or "float".
    top : int
        What white is: 1, 255 or 65,535, of which the upper 8 bits are kept.
    """

    kind: Literal["boolean", "whole", "float"]
    top: Literal[1, 255, 65_535]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSpec:
    """How an encoded image becomes an array of pixels: decoded, turned as its EXIF says, unified, brought to a size.

    Attributes
    ----------
    height, width : int
        Pixels of the array.
    channels : int
        1 for grey, 3 for RGB.
    fit : str
        "stretch" ignores the aspect ratio, "crop" cuts the longer side at its middle, "pad" adds black.
    reason : str
        Why this size, these channels and this fit, in one sentence.
    """

    height: int
    width: int
    channels: int
    fit: Fit = "stretch"
    reason: str = ""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.height, self.width, self.channels
