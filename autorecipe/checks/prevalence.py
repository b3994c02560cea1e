"""What single images show: listed one by one where few do, a property of the whole set where many do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.wording import percent, plural
from autorecipe.record.finding import Finding, Severity

MAX_PREVALENCE = 0.30  # of the images; beyond it nothing is listed; choice (CleanVision 0.5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Oddity:
    """Something that single images show.

    Attributes
    ----------
    code, title : str
        Those of the check.
    what : str
        What such images are, to follow a count: "dark: ...".
    marked : bool ndarray, shape (n_rows,)
        Which images show it.
    badness : float ndarray, shape (n_rows,)
        The larger, the plainer: examples begin with the largest.
    limit : float
        The bound that marks an image.
    remedy : str
        What is done, or may be.
    severity : str
        Where few images show it.
    """

    code: str
    title: str
    what: str
    marked: NDArray[np.bool_]
    badness: NDArray[np.float64]
    limit: float
    remedy: str
    severity: Severity = "info"


def report_oddity(rows: ImageRows, oddity: Oddity) -> tuple[Finding, ...]:
    """Return a finding that lists the images where few show it; where many do, one that says it is what they are like.

    Returns
    -------
    tuple of Finding
        Empty when no image shows it.
    """
    n = int(oddity.marked.sum())
    if n == 0:
        return ()
    share = n / rows.n_rows
    count = f"{plural(n, 'image')} ({percent(share)})"
    if share > MAX_PREVALENCE:
        return (
            Finding(
                code=oddity.code,
                severity="info",
                title=oddity.title,
                message=f"{count} {'is' if n == 1 else 'are'} {oddity.what}",
                measured=share,
                limit=MAX_PREVALENCE,
                remedy="so many that it is what the images are like, no defect of some",
            ),
        )
    places = np.flatnonzero(oddity.marked)
    worst = places[np.argsort(-oddity.badness[places], kind="stable")]
    return (
        Finding(
            code=oddity.code,
            severity=oddity.severity,
            title=oddity.title,
            message=f"{count} {'is' if n == 1 else 'are'} {oddity.what}",
            measured=share,
            limit=oddity.limit,
            remedy=oddity.remedy,
            examples=rows.examples(worst),
        ),
    )
