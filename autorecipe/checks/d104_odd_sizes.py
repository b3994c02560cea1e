"""Images of another size than the rest.

What it looks for: the square root of width times height on a logarithmic scale, far outside the middle half of the
images; and sides so short that hardly anything can be seen.

Why it matters: all images are brought to one size. A tiny one becomes a blur, and a size of its own often means a
source of its own: a thumbnail, a logo, a placeholder.

How to read it: look at the images named. Sets of many resolutions have none, since the scale is theirs.

Limits: 3 times the interquartile range beyond the quartiles (CleanVision), and at least a factor of 2 from the median
(choice: where nearly all sizes are equal, a few pixels would do). A side below 16 pixels is a warning.
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.prevalence import Oddity, report_oddity
from autorecipe.record.finding import Finding

CODE = "D104"
TITLE = "Odd sizes"
IQR_FACTOR = 3.0  # interquartile ranges beyond the quartiles, of log2 of the side
MIN_LOG2_DISTANCE = 1.0  # from the median: a factor of 2
MIN_SIDE = 16  # pixels
TYPICAL_SIDE = 32  # pixels; sets below it in the median are small by nature (thumbnails, digits)


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding for sizes far from the rest, and one for tiny images."""
    width, height = rows.measured.width.astype(np.float64), rows.measured.height.astype(np.float64)
    log_side = 0.5 * np.log2(np.maximum(width * height, 1))
    low, middle, high = np.quantile(log_side, (0.25, 0.5, 0.75))
    reach = IQR_FACTOR * (high - low)
    outside = (log_side < low - reach) | (log_side > high + reach)
    distance = np.abs(log_side - middle)
    shortest = np.minimum(width, height)
    tiny = (shortest < MIN_SIDE) & (np.median(shortest) >= TYPICAL_SIDE)
    odd = Oddity(
        code=CODE,
        title=TITLE,
        what=f"of an odd size, far from the median side of {2**middle:.0f} px",
        marked=outside & (distance >= MIN_LOG2_DISTANCE) & ~tiny,
        badness=distance,
        limit=IQR_FACTOR,
        remedy="brought to the common size",
    )
    small = Oddity(
        code=CODE,
        title=TITLE,
        what=f"tiny: a side below {MIN_SIDE} px",
        marked=tiny,
        badness=-shortest,
        limit=float(MIN_SIDE),
        remedy="kept and enlarged; remove placeholders and icons",
        severity="warn",
    )
    return (*report_oddity(rows, odd), *report_oddity(rows, small))


CHECK = ImageCheck(code=CODE, title=TITLE, question="Are images of another size than the rest?", run=find)
