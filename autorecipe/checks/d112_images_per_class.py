"""Classes with many images beside classes with few.

What it looks for: the ratio of the largest class to the smallest one that is not rare (rare classes are D123's).

Why it matters: accuracy is high for a network that never predicts the small class, and few of its images mean a noisy
score.

How to read it: the split is stratified and the output starts at the classes' shares. Judge by balanced accuracy or log
loss rather than accuracy (`--metric`). Reweighting classes is not done by default: it breaks the probabilities.

Limits: as for tables (D030): a ratio of 10 is said, from 50 it is a warning.
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.d030_class_imbalance import INFO_RATIO, WARN_RATIO
from autorecipe.checks.d123_rare_image_classes import FEW_IMAGES
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows
from autorecipe.checks.mending import ask
from autorecipe.checks.wording import name
from autorecipe.record.finding import Finding

CODE = "D112"
TITLE = "Images per class"


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the ratio.

    Raises
    ------
    NotApplicable
        For a regression.
    """
    if rows.is_regression:
        raise NotApplicable("the target is a number")
    counts = np.where(rows.class_counts >= FEW_IMAGES, rows.class_counts, 0)
    if (counts > 0).sum() < 2:
        return ()
    largest = int(counts.argmax())
    smallest = int(np.where(counts > 0, counts, counts.max() + 1).argmin())
    ratio = float(counts[largest] / counts[smallest])
    if ratio <= INFO_RATIO:
        return ()
    severe = ratio > WARN_RATIO
    told = bool((rows.class_counts < FEW_IMAGES).any())  # D123 warns of the same cause
    labels = rows.schema.classes
    return (
        Finding(
            code=CODE,
            severity="warn" if severe and not told else "info",
            title=TITLE,
            message=f"{counts[largest]:,} images of {name(labels[largest])}, {counts[smallest]:,} of"
            f" {name(labels[smallest])}: {ratio:.0f} times as many (limit {WARN_RATIO if severe else INFO_RATIO:.0f})",
            measured=ratio,
            limit=WARN_RATIO if severe else INFO_RATIO,
            examples=rows.some(rows.target == largest, rows.target == smallest),
            remedy="stratified, never reweighted; judge by --metric log_loss rather than accuracy",
            fixes=ask("--metric log_loss"),
        ),
    )


CHECK = ImageCheck(code=CODE, title=TITLE, question="Have the classes equally many images?", run=find)
