"""The same image more than once in a class.

What it looks for: training images of one label whose decoded pixels are equal, whatever the file's name or date.

Why it matters: copies count twice in training. In the validation or test rows they would flatter the score, so every
split keeps them on one side, unless more than half of all images would have to be.

How to read it: it is a note. Delete the copies if they are an accident. Copies with different labels are D121's, copies
across your own train and test folders D122's.

Limits: any is said; above 30 % of the images it is what the set is like, and nothing is listed.
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.prevalence import MAX_PREVALENCE
from autorecipe.checks.twins import find_twins, n_apart, pair_key, pairs
from autorecipe.checks.wording import percent
from autorecipe.record.finding import Finding

CODE = "D110"
TITLE = "Duplicate images"


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the copies."""
    twins = find_twins(pair_key(rows.measured.pixel_hash, rows.target))
    copies = np.flatnonzero(twins.is_copy & ~rows.is_blank)  # D109 names blank ones
    if not len(copies):
        return ()
    share = len(copies) / rows.n_rows
    listed = share <= MAX_PREVALENCE
    apart = n_apart(twins, copies, rows.own_units)
    kept = f"but for {apart:,} of them, " if apart else ""
    noun = "copy of another image" if len(copies) == 1 else "copies of other images"
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"{len(copies):,} exact {noun} with the same label ({percent(share)}; limit 0)",
            measured=share,
            limit=0.0,
            remedy=f"kept in training, {kept}on one side of every split"
            if apart < len(copies)
            else "kept in training; they are so many that splits part them",
            examples=rows.examples(pairs(twins, copies)) if listed else (),
        ),
    )


CHECK = ImageCheck(code=CODE, title=TITLE, question="Is an image there more than once?", run=find)
