"""Pixels that are the same in every image.

What it looks for: the standard deviation over all training images of each pixel of the 32 x 32 thumbnails.

Why it matters: a border, a frame or a mask that all images share is area that a network pays for without learning from
it. A date or a logo burnt in at one place is information of the wrong kind.

How to read it: it is a note. Crop the border before training if it is wide.

Limits: more than 30 % of the pixels vary by less than 2/255 (choices).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.wording import percent
from autorecipe.record.finding import Finding

CODE = "D118"
TITLE = "Constant pixels"
MAX_SHARE = 0.30  # of the pixels
MIN_DEVIATION = 2.0  # levels of 255, of the largest of the three channels
MIN_ROWS = 20  # images: fewer agree in a pixel by chance; choice
LOOKED_AT_ROWS = 10_000  # images: a pixel that never varies in so many may be taken as constant; choice
CHUNK_ROWS = 1_024  # images at once: 25 MB of float64


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the share of constant pixels.

    Raises
    ------
    NotApplicable
        When there are too few images to tell.
    """
    if rows.n_rows < MIN_ROWS:
        raise NotApplicable(f"fewer than {MIN_ROWS} images")
    thumbnails = rows.measured.thumbnails[rows.sample(LOOKED_AT_ROWS)]
    constant = pixel_deviation(thumbnails).max(axis=2) < MIN_DEVIATION
    share = float(constant.mean())
    if share <= MAX_SHARE:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"{percent(share)} of the pixels are the same in every image (limit {percent(MAX_SHARE)})",
            measured=share,
            limit=MAX_SHARE,
            examples=rows.some(np.arange(rows.n_rows)),
            remedy="a border that all images share could be cropped before training",
        ),
    )


def pixel_deviation(thumbnails: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the standard deviation over the images of each pixel and channel, shape (32, 32, 3), from 0 to 127.5."""
    total, square = (np.zeros(thumbnails.shape[1:], dtype=np.float64) for _ in range(2))
    for start in range(0, len(thumbnails), CHUNK_ROWS):
        chunk = thumbnails[start : start + CHUNK_ROWS].astype(np.float64)
        total += chunk.sum(axis=0)
        square += (chunk**2).sum(axis=0)
    n = max(len(thumbnails), 1)
    return np.asarray(np.sqrt(np.maximum(square / n - (total / n) ** 2, 0.0)))


CHECK = ImageCheck(
    code=CODE, title=TITLE, question="Are pixels the same in every image?", run=find, max_rows=LOOKED_AT_ROWS
)
