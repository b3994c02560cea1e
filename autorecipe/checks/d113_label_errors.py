"""Labels that look wrong.

What it looks for: images whose label a simple model doubts. It is a linear model of colours, gradients and 8 x 8
means, and it has not learned from the images that it judges. It must be so sure of another class that the label is more
likely wrong than right. How many labels are wrong is estimated along with it, so that a weak model doubts few labels
instead of many (confident learning, Northcutt et al. 2021).

Why it matters: a network of enough parameters learns wrong labels by heart, and wrong labels in the validation rows
hide what a change is worth.

How to read it: only a person can tell, so even a few are shown to you. Look at the images named, the surest first; the
contact sheet says what each looks like. Move the wrong ones. Hard images and rare classes are among them: nothing is
changed by itself.

Limits: from 3 images it is said, above 5 % of them it is a warning (choices; one or two may be chance). Not asked
where the model ranks classes below an AUC of 0.7.
"""

from __future__ import annotations

from collections import Counter

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import EMBEDDED_ROWS, ImageRows
from autorecipe.checks.wording import files, name, percent, plural
from autorecipe.listing import some_of
from autorecipe.record.finding import Finding

CODE = "D113"
TITLE = "Label errors"
MIN_SUSPECTS = 3  # images
WARN_SHARE = 0.05
N_SHOWN = 2  # pairs of classes named


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the images whose label looks wrong.

    Raises
    ------
    NotApplicable
        For a regression, and where no simple model can tell the classes apart.
    """
    if rows.is_regression:
        raise NotApplicable("the target is a number")
    suspects = rows.suspects
    if suspects is None:
        raise NotApplicable("no simple model tells the classes apart well enough to doubt a label")
    places = rows.embedded[suspects.places]
    share = len(places) / len(rows.embedded)
    if len(places) < MIN_SUSPECTS:
        return ()
    examples = rows.examples(places)
    return (
        Finding(
            code=CODE,
            severity="warn" if share > WARN_SHARE else "info",
            title=TITLE,
            message=f"{plural(len(places), 'label')} ({percent(share)}) {'looks' if len(places) == 1 else 'look'}"
            f" wrong (a warning above {percent(WARN_SHARE)}): {_confusions(rows)}; to a linear model that is right on"
            f" {percent(suspects.accuracy)}",
            measured=share,
            limit=WARN_SHARE,
            action="look",
            remedy=f"look at the images, the surest first ({files(examples, len(places))});"
            " nothing is changed by itself",
            examples=examples,
        ),
    )


def _confusions(rows: ImageRows) -> str:
    suspects, labels = rows.suspects, rows.schema.classes
    if suspects is None:
        return ""
    given = rows.target[rows.embedded[suspects.places]]
    pairs = Counter(zip(given.tolist(), suspects.looks_like.tolist(), strict=True)).most_common()
    texts = [f"{n} labelled {name(labels[int(is_)])} like {name(labels[looks])}" for (is_, looks), n in pairs]
    return some_of(texts, N_SHOWN, of="pairs of classes")


CHECK = ImageCheck(code=CODE, title=TITLE, question="Do labels look wrong?", run=find, max_rows=EMBEDDED_ROWS)
