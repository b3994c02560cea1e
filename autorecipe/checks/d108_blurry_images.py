"""Images that look out of focus.

What it looks for: the variance of the Laplacian of the grey image, on a logarithmic scale: edges raise it, blur lowers
it. An image is named when it has little of it, and far less than the other images.

Why it matters: fine features are lost in a blurred image; a blurred source among sharp ones may give itself away.

How to read it: it is a note, and it errs: skies, plain backgrounds and enlarged pictures look blurred to it. Look at
the images named.

Limits: a variance below 20 on the scale of 0 to 255 (100 is common advice for photos of a document; it flags soft
backgrounds), and below the lower quartile by 1.5 times the interquartile range of its logarithm (Tukey's fence).
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.prevalence import Oddity, report_oddity
from autorecipe.record.finding import Finding

CODE = "D108"
TITLE = "Blurry images"
MAX_VARIANCE = 20.0  # of the Laplacian, brightness from 0 to 255
IQR_FACTOR = 1.5


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the blurry images."""
    sharpness = np.log10(np.maximum(rows.measured.sharpness.astype(np.float64), 1e-3))
    low, high = np.quantile(sharpness, (0.25, 0.75))
    far = sharpness < low - IQR_FACTOR * (high - low)
    blurry = Oddity(
        code=CODE,
        title=TITLE,
        what=f"blurry: a Laplacian variance below {MAX_VARIANCE:g}, and far below the others",
        marked=far & (sharpness < np.log10(MAX_VARIANCE)) & ~rows.is_blank,  # blank ones are D109's
        badness=-sharpness,
        limit=MAX_VARIANCE,
        remedy="kept; look at them",
    )
    return report_oddity(rows, blurry)


CHECK = ImageCheck(code=CODE, title=TITLE, question="Are images out of focus?", run=find)
