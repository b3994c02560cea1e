"""Images that are very long or very narrow.

What it looks for: the shorter side divided by the longer one.

Why it matters: stretching such an image to the common shape distorts it, cropping loses its ends, padding leaves it
small.

How to read it: look at the images named: panoramas, lines of text, screenshots. Where many are like that, the fit
is chosen for them.

Limits: below 0.35 (CleanVision odd_aspect_ratio).
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.prevalence import Oddity, report_oddity
from autorecipe.record.finding import Finding

CODE = "D105"
TITLE = "Odd aspect ratios"
MIN_RATIO = 0.35  # shorter side over longer side


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the long images."""
    width, height = rows.measured.width.astype(np.float64), rows.measured.height.astype(np.float64)
    ratio = np.minimum(width, height) / np.maximum(np.maximum(width, height), 1)
    long = Oddity(
        code=CODE,
        title=TITLE,
        what=f"more than {1 / MIN_RATIO:.1f} times as long as narrow",
        marked=ratio < MIN_RATIO,
        badness=-ratio,
        limit=MIN_RATIO,
        remedy="brought to the common shape like the rest",
    )
    return report_oddity(rows, long)


CHECK = ImageCheck(code=CODE, title=TITLE, question="Are images very long or narrow?", run=find)
