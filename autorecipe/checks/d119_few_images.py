"""Too few images to learn to see from scratch.

What it looks for: training images of the median class (for a number: all images).

Why it matters: a network that starts at random needs hundreds of images of each class to learn what an edge and a
texture are. A pretrained one knows that already.

How to read it: frozen pretrained features with a linear head are the first thing to beat, and augmentation the first
regularizer. Without weights to download (`--offline`), expect little.

Limits: below 50 images a class, or 200 for a number, it is a warning (choices; the number for a regression is four
such classes).
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.record.finding import Finding

CODE = "D119"
TITLE = "Few images"
MIN_CLASS_IMAGES = 50
MIN_IMAGES = 200  # of a regression


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the number of images."""
    if rows.is_regression:
        n, limit, what = rows.n_rows, MIN_IMAGES, f"{rows.n_rows:,} images to learn a number from"
    else:
        n, limit = int(np.median(rows.class_counts)), MIN_CLASS_IMAGES
        what = f"{n:,} images of the median class to learn from"
    if n >= limit:
        return ()
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"{what} (limit {limit})",
            measured=float(n),
            limit=float(limit),
            examples=rows.some(np.arange(rows.n_rows)),
            remedy="pretrained features and augmentation carry most here; more images would help most",
        ),
    )


CHECK = ImageCheck(code=CODE, title=TITLE, question="Are there enough images to learn to see?", run=find)
