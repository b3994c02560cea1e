"""One image with several labels.

What it looks for: training images with equal pixels and different labels (for a number: different values), and near
duplicates with different labels.

Why it matters: at most one of the labels is right. Whichever the network learns, it is wrong on the other, and a file
that was copied into two class folders is often one of many slips.

How to read it: look at the pairs named and delete the wrong copy of each. Blank images are D109's.

Limits: any exact pair is a warning (deepchecks ConflictingLabels asks for 0); near pairs alone are a note, since two
labels may be right for two frames of one scene.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.twins import Ints, find_twins, pair_key
from autorecipe.checks.wording import files, percent, plural
from autorecipe.record.finding import Finding

CODE = "D121"
TITLE = "One image, several labels"


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding for equal images, and one for near duplicates."""
    exact = _conflicting(rows.measured.pixel_hash, rows)
    exact = exact[~rows.is_blank[exact]]  # D109 names blank ones: they are alike because nothing is on them
    near = _conflicting(rows.own_clusters, rows)
    near = near[~np.isin(near, exact)]
    if rows.is_regression:  # two frames of one scene are seldom of equal value
        near = near[:0]
    return (
        *_finding(rows, exact, what="with the same pixels as another one of another label", severe=True),
        *_finding(rows, near, what="nearly the same as one of another label", severe=False),
    )


def _conflicting(keys: NDArray[np.generic], rows: ImageRows) -> Ints:
    """Return the places of images that share a key with one of another target, those of a key beside each other."""
    twins = find_twins(keys)
    alike = find_twins(pair_key(keys, rows.target))
    places = np.flatnonzero(twins.size != alike.size)
    return places[np.argsort(twins.first[places], kind="stable")]


def _finding(rows: ImageRows, places: Ints, *, what: str, severe: bool) -> tuple[Finding, ...]:
    if not len(places):
        return ()
    share, examples = len(places) / rows.n_rows, rows.examples(places)
    return (
        Finding(
            code=CODE,
            severity="warn" if severe else "info",
            title=TITLE,
            message=f"{plural(len(places), 'image')} ({percent(share)}; limit 0) {what}",
            measured=share,
            limit=0.0,
            action="look",
            remedy=f"look at them and delete the wrong copies ({files(examples, len(places))})",
            examples=examples,
        ),
    )


CHECK = ImageCheck(code=CODE, title=TITLE, question="Has an image several labels?", run=find)
