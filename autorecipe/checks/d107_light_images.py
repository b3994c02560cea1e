"""Images that are nearly white all over.

What it looks for: the 5th percentile of the brightness: nearly white images have hardly any pixel that is not.

Why it matters: a failed exposure or an empty page: little can be learned from it.

How to read it: look at the images named. Where many images are light they are documents or drawings, and nothing is
wrong.

Limits: above 0.95 (CleanVision light: 1 - 5th percentile below 0.05).
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.prevalence import Oddity, report_oddity
from autorecipe.record.finding import Finding

CODE = "D107"
TITLE = "Light images"
MAX_LIGHT = 0.95  # 5th percentile of the brightness, from 0 to 1


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the light images."""
    light = rows.measured.light.astype(np.float64)
    found = Oddity(
        code=CODE,
        title=TITLE,
        what=f"nearly white: hardly a pixel is darker than {MAX_LIGHT:g} of 1",
        marked=(light > MAX_LIGHT) & ~rows.is_blank,  # blank ones are D109's
        badness=light,
        limit=MAX_LIGHT,
        remedy="kept; look at them",
    )
    return report_oddity(rows, found)


CHECK = ImageCheck(code=CODE, title=TITLE, question="Are images nearly white all over?", run=find)
