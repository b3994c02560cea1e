"""Classes with hardly any images.

What it looks for: classes with fewer than 10 training images.

Why it matters: a network cannot learn what a class looks like from so few, and its score cannot be measured.

How to read it: such images stay in training; classes too rare to be scored are listed as that. Collect more, or merge
the class with a similar one.

Limits: 10 images (choice; tables ask for 5 rows, D031: pixels vary more than columns).
"""

from __future__ import annotations

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import N_PICTURED, ImageRows
from autorecipe.checks.wording import names, plural
from autorecipe.record.finding import Finding

CODE = "D123"
TITLE = "Classes with hardly any images"
FEW_IMAGES = 10


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the rare classes.

    Raises
    ------
    NotApplicable
        For a regression.
    """
    if rows.is_regression:
        raise NotApplicable("the target is a number")
    counts = dict(zip(rows.schema.classes, rows.class_counts.tolist(), strict=True))
    rare = sorted((label for label, n in counts.items() if n < FEW_IMAGES), key=lambda label: counts[label])
    if not rare:
        return ()
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"hardly any images of {names(rare, [plural(counts[label], 'image') for label in rare])};"
            f" limit {FEW_IMAGES}",
            measured=float(counts[rare[0]]),
            limit=float(FEW_IMAGES),
            examples=rows.some(*(rows.target == rows.schema.classes.index(label) for label in rare[:N_PICTURED])),
            remedy="kept in training; collect more, or merge them with similar classes",
        ),
    )


CHECK = ImageCheck(code=CODE, title=TITLE, question="Have classes hardly any images?", run=find)
