"""Images that are dark all over.

What it looks for: the 99th percentile of the brightness (0.241 R^2 + 0.691 G^2 + 0.068 B^2, the root of it): dark
images have hardly any bright pixel.

Why it matters: a lens cap, a failed exposure, a frame of a fade: nothing can be learned from it.

How to read it: look at the images named. Where many images are dark they are night shots, X-rays or microscopy, and
nothing is wrong.

Limits: below 0.32 (CleanVision dark).
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.prevalence import Oddity, report_oddity
from autorecipe.record.finding import Finding

CODE = "D106"
TITLE = "Dark images"
MIN_BRIGHT = 0.32  # 99th percentile of the brightness, from 0 to 1


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the dark images."""
    dark = rows.measured.dark.astype(np.float64)
    found = Oddity(
        code=CODE,
        title=TITLE,
        what=f"dark: hardly a pixel is brighter than {MIN_BRIGHT:g} of 1",
        marked=(dark < MIN_BRIGHT) & ~rows.is_blank,  # blank ones are D109's
        badness=-dark,
        limit=MIN_BRIGHT,
        remedy="kept; look at them",
    )
    return report_oddity(rows, found)


CHECK = ImageCheck(code=CODE, title=TITLE, question="Are images dark all over?", run=find)
