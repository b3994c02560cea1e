"""Images that are nearly the same: saved again, resized, or frames of one scene.

What it looks for: images whose perceptual hashes differ in at most 4 of 64 bits and whose thumbnails agree, grouped to
clusters. Exact copies are D110's and not counted again.

Why it matters: a near copy of a training image among the validation or test rows is a question whose answer is known.

How to read it: it is a note: the split keeps clusters together. Many clusters mean bursts, frames of a video or
augmented copies; name what they share as a group (a CSV with a column, `--split-by-group`). It is a warning where a
split cannot keep a cluster together: more than half of all images leave too little for the other side. Scores then say
how well a network knows such images again, and no more.

Limits: a pHash distance of 4 of 64 bits (imagededup allows 10, CleanVision 0) and a mean difference of the thumbnails
below 8/255; flat images are left out, since they all look alike.
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.prevalence import MAX_PREVALENCE
from autorecipe.checks.twins import find_twins, n_apart, pairs
from autorecipe.checks.wording import percent, plural
from autorecipe.record.finding import Finding

CODE = "D111"
TITLE = "Near duplicates"


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the clusters of the training images."""
    equal = find_twins(rows.measured.pixel_hash)
    twins = find_twins(rows.own_clusters)
    copies = np.flatnonzero(twins.is_copy & ~equal.is_copy)
    if not len(copies):
        return ()
    share = len(copies) / rows.n_rows
    n_clusters = len(np.unique(twins.codes[copies]))
    apart = n_apart(twins, copies, rows.own_units)
    listed = share <= MAX_PREVALENCE
    return (
        Finding(
            code=CODE,
            severity="warn" if apart else "info",
            title=TITLE,
            message=f"{plural(len(copies), 'image')} ({percent(share)}; limit 0) {'is' if len(copies) == 1 else 'are'}"
            f" nearly the same as an earlier one: {plural(n_clusters, 'cluster')},"
            f" {n_clusters + len(copies):,} images in all{f'; splits part {apart:,} of them' if apart else ''}",
            measured=share,
            limit=0.0,
            action="none" if apart else "regroup",
            remedy="too many for one side of a split: scores flatter, unless --split-by-group COLUMN says what stays"
            " together"
            if apart
            else "each cluster stays on one side of every split",
            examples=rows.examples(pairs(twins, copies)) if listed else (),
        ),
    )


CHECK = ImageCheck(code=CODE, title=TITLE, question="Are images nearly the same as others?", run=find)
