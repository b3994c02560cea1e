"""Test images that were in the training folder too.

What it looks for: images of your own test (or validation) part that have the same pixels as an image of an earlier
part, or are near duplicates of one.

Why it matters: the network has seen the answer, so the score flatters it.

How to read it: splits that AutoRecipe draws keep copies together, so this speaks of folders or files of yours. Remove
the copies, or give a share: `--test 0.15` shares out the images of all folders anew, and copies stay on one side (test
images named by `--test FOLDER` are then left out). `--allow D122` goes on regardless.

Limits: any is said. Exact copies above 0.5 % of the test images are a stop (choice; deepchecks' TrainTestSamplesMix
allows 5 % of table rows, where equal rows come about by chance; equal pixels do not). Near copies above 1 % are a
warning.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import N_EXAMPLES, ImageRows
from autorecipe.checks.mending import ask
from autorecipe.checks.twins import N_PAIRS
from autorecipe.checks.wording import percent, plural
from autorecipe.config import DEFAULT_TEST_SHARE
from autorecipe.record.finding import Finding

CODE = "D122"
TITLE = "Images shared by the splits"
STOP_SHARE = 0.005  # exact copies per image of the later part
WARN_SHARE = 0.01  # near copies
EARLIER = {"validation": ("train",), "test": ("train", "validation")}

Pairs = list[tuple[int, int]]


def share_anew(rows: ImageRows) -> str:
    """Write how to have a split drawn in place of the user's own."""
    if rows.config.test_path:
        return f"leave them out: --test {DEFAULT_TEST_SHARE:g} draws some of the other images to test on"
    return f"--test {DEFAULT_TEST_SHARE:g} shares all images out anew, copies on one side"


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding for exact and one for near copies.

    Raises
    ------
    NotApplicable
        When the split is not the user's own.
    """
    parts = np.array(rows.parts, dtype=object)
    if not np.isin(parts, list(EARLIER)).any():
        raise NotApplicable("the split is drawn here: D110 and D111 say what stays together")
    hashes = _all_hashes(rows)
    exact = _shared(hashes, parts)
    known = {late for _, late in exact}
    near = [pair for pair in _shared(rows.clusters, parts) if pair[1] not in known]
    n_late = int(np.isin(parts, list(EARLIER)).sum())
    return (*_exact_finding(rows, exact, n_late), *_near_finding(rows, near, n_late))


def _all_hashes(rows: ImageRows) -> NDArray[np.uint64]:
    hashes = np.zeros(len(rows.names), dtype=np.uint64)
    hashes[rows.rows] = rows.measured.pixel_hash
    if rows.other is not None:
        hashes[rows.other.rows] = rows.other.measured.pixel_hash
    return hashes


def _shared(keys: NDArray[np.generic], parts: NDArray[np.object_]) -> Pairs:
    """Return (earlier row, later row) for each row of a later part whose key is in an earlier one."""
    found: Pairs = []
    for late, earlier in EARLIER.items():
        source = np.flatnonzero(np.isin(parts, earlier))
        values, first = np.unique(keys[source], return_index=True)
        rows = np.flatnonzero(parts == late)
        place = np.minimum(np.searchsorted(values, keys[rows]), max(len(values) - 1, 0))
        if len(values):
            hits = values[place] == keys[rows]
            found += zip(source[first[place[hits]]].tolist(), rows[hits].tolist(), strict=True)
    return found


def _exact_finding(rows: ImageRows, copies: Pairs, n_late: int) -> tuple[Finding, ...]:
    if not copies:
        return ()
    share = len(copies) / n_late
    stops = share > STOP_SHARE
    return (
        Finding(
            code=CODE,
            severity="stop" if stops else "info",
            title=TITLE,
            message=f"copies of training images: {plural(len(copies), 'validation or test image')} ({percent(share)};"
            f" limit {percent(STOP_SHARE)})",
            measured=share,
            limit=STOP_SHARE,
            action="ask" if stops else "none",
            remedy=f"remove them, or {share_anew(rows)}, or --allow D122"
            if stops
            else "the scores flatter the model that much",
            examples=_names(rows, copies),
            fixes=(*ask(f"--test {DEFAULT_TEST_SHARE:g}"), *ask(f"--allow {CODE}")) if stops else (),
        ),
    )


def _near_finding(rows: ImageRows, copies: Pairs, n_late: int) -> tuple[Finding, ...]:
    if not copies:
        return ()
    share = len(copies) / n_late
    return (
        Finding(
            code=CODE,
            severity="warn" if share > WARN_SHARE else "info",
            title=TITLE,
            message=f"nearly the same as a training image: {plural(len(copies), 'validation or test image')}"
            f" ({percent(share)}; limit {percent(WARN_SHARE)})",
            measured=share,
            limit=WARN_SHARE,
            remedy=f"the scores flatter the model that much; {share_anew(rows)}",
            examples=_names(rows, copies),
        ),
    )


def _names(rows: ImageRows, copies: Pairs) -> tuple[str, ...]:
    return tuple(rows.names[row] for pair in copies[:N_PAIRS] for row in pair)[:N_EXAMPLES]


CHECK = ImageCheck(code=CODE, title=TITLE, question="Are test images in the training folder too?", run=find)
