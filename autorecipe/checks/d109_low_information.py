"""Images with next to nothing on them.

What it looks for: the entropy of the grey histogram, in bits, and the standard deviation of the brightness.

Why it matters: a blank image is a placeholder, a broken export or a dead sensor. Its label cannot be learned.

How to read it: look at the images named. Binary masks and line drawings have little entropy by nature; where many do,
it is what the images are like.

Limits: below 1.5 bits is said (CleanVision 3 bits flags clean drawings and digits; CL 1.5); a standard deviation below
2/255 is a blank image, and a warning.
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import BLANK_CONTRAST, ImageRows
from autorecipe.checks.prevalence import Oddity, report_oddity
from autorecipe.record.finding import Finding

CODE = "D109"
TITLE = "Low information"
MIN_ENTROPY_BITS = 1.5


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding for blank images, and one for images of little information."""
    entropy, contrast = (values.astype(np.float64) for values in (rows.measured.entropy, rows.measured.contrast))
    blank = Oddity(
        code=CODE,
        title=TITLE,
        what="blank: one brightness all over",
        marked=rows.is_blank,
        badness=-contrast,
        limit=BLANK_CONTRAST,
        remedy="kept; remove placeholders and broken exports",
        severity="warn",
    )
    poor = Oddity(
        code=CODE,
        title=TITLE,
        what=f"of little information: below {MIN_ENTROPY_BITS:g} bits a pixel",
        marked=(entropy < MIN_ENTROPY_BITS) & ~rows.is_blank,
        badness=-entropy,
        limit=MIN_ENTROPY_BITS,
        remedy="kept; look at them",
    )
    return (*report_oddity(rows, blank), *report_oddity(rows, poor))


CHECK = ImageCheck(code=CODE, title=TITLE, question="Do images show next to nothing?", run=find)
