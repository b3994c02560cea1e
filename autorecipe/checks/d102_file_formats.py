"""Files of several formats, or named as another than they are.

What it looks for: what a file is by its content (JPEG, PNG, ...), held against the ending of its name; and whether
there are several formats.

Why it matters: a JPEG called .png is read by its content here, but may not be elsewhere. Several formats often mean
several sources, and a source may give the class away: D114 asks that.

How to read it: it is a note. Nothing has to be done.

Limits: any is said (choice).
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.wording import percent, plural
from autorecipe.record.finding import Finding

CODE = "D102"
TITLE = "File formats"
SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
    "MPO": (".jpg", ".jpeg", ".mpo"),  # what some cameras write: a JPEG with a second picture
    "PNG": (".png", ".apng"),
    "BMP": (".bmp", ".dib"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "HEIF": (".heic", ".heif", ".hif"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
}


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding for names that mislead, and one for several formats.

    Raises
    ------
    NotApplicable
        When the images came as an array.
    """
    if not rows.has_files:
        raise NotApplicable("the images came as an array")
    return (*_wrong_suffixes(rows), *_several_formats(rows))


def _wrong_suffixes(rows: ImageRows) -> tuple[Finding, ...]:
    pairs = list(zip(rows.measured.file_format, rows.measured.suffix, strict=True))
    wrong = np.array([bool(suffix) and suffix not in SUFFIXES.get(kind, (suffix,)) for kind, suffix in pairs])
    if not wrong.any():
        return ()
    places = np.flatnonzero(wrong)
    (kind, suffix), n = Counter(pairs[place] for place in places).most_common(1)[0]
    share = len(places) / rows.n_rows
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"named as another format than they are: {plural(len(places), 'file')} ({percent(share)}; limit 0),"
            f" {n:,} of them {kind} called {suffix}",
            measured=share,
            limit=0.0,
            remedy="read by their content",
            examples=rows.examples(places),
        ),
    )


def _several_formats(rows: ImageRows) -> tuple[Finding, ...]:
    counts = Counter(rows.measured.file_format).most_common()
    if len(counts) < 2:
        return ()
    rare = np.flatnonzero(rows.measured.file_format != counts[0][0])
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message="several formats: " + ", ".join(f"{n:,} {kind}" for kind, n in counts),
            measured=float(len(counts)),
            limit=1.0,
            remedy="all become the same pixels; D114 asks whether the format tells the label",
            examples=rows.examples(rare),
        ),
    )


CHECK = ImageCheck(
    code=CODE, title=TITLE, question="Are the files of one format, and named as what they are?", run=find
)
