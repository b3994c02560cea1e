"""Images of several colour modes, or lying on their side.

What it looks for: grey, colour, transparent, palette, CMYK and 16-bit images side by side; colour images whose three
channels are equal; and photos that their EXIF orientation turns.

Why it matters: a network needs the same channels of every image, so they are unified. A programme that ignores the
orientation shows other pixels than this one.

How to read it: it is a note on what is done. That the mode tells the label is D114's question.

Limits: any mixture is said (choice; CleanVision reports grey images among coloured ones).
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.wording import percent, plural
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.record.finding import Finding

CODE = "D103"
TITLE = "Colour modes"
UPRIGHT = 1  # EXIF orientation


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding for mixed modes, and one for turned photos."""
    return (*_modes(rows), *_turned(rows))


def seen_modes(measured: ImageMeasurements) -> NDArray[np.object_]:
    """Return what the mode of each image is called, shape (n,)."""
    return np.where(measured.is_grey & (measured.mode == "RGB"), "RGB without colour", measured.mode)


def _modes(rows: ImageRows) -> tuple[Finding, ...]:
    measured = rows.measured
    seen = seen_modes(measured)
    counts = Counter(seen.tolist()).most_common()
    if len(counts) < 2:
        return ()
    n_grey = int(measured.is_grey.sum())
    rare = np.flatnonzero(seen != counts[0][0])
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message="several colour modes: " + ", ".join(f"{n:,} {mode}" for mode, n in counts),
            measured=float(len(counts)),
            limit=1.0,
            remedy="none has colour: one channel" if n_grey == rows.n_rows else "all become the same channels",
            examples=rows.examples(rare),
        ),
    )


def _turned(rows: ImageRows) -> tuple[Finding, ...]:
    turned = np.flatnonzero(rows.measured.orientation != UPRIGHT)
    if not len(turned):
        return ()
    share = len(turned) / rows.n_rows
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"stored on their side, by their EXIF tag: {plural(len(turned), 'image')} ({percent(share)};"
            " limit 0)",
            measured=share,
            limit=0.0,
            remedy="turned upright in training, in predict and in the exported model",
            examples=rows.examples(turned),
        ),
    )


CHECK = ImageCheck(code=CODE, title=TITLE, question="Are the images of one colour mode, and upright?", run=find)
