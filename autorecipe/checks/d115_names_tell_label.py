"""File names that tell the label.

What it looks for: how well a tree of three levels tells each class from the rest by the pattern of the file names
(their letters, the class's own name left out), the number of digits and the last number, out of fold.

Why it matters: a network does not see names, but classes whose files were named by different hands or cameras often
come from different sources, and sources show in the pixels.

How to read it: it is a note. Where the names only spell the class in another way, nothing is wrong. Else look at D114
and D124 with other eyes, and at the contact sheet of the classes.

Limits: balanced accuracy above 0.9 by the lower end of the 95 % interval (as D114; choice).
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.d114_file_property_leak import tellings
from autorecipe.checks.file_names import last_number, pattern, stem
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import PROPERTY_ROWS, ImageRows
from autorecipe.checks.label_properties import tell_labels, telling_examples
from autorecipe.record.finding import Finding

CODE = "D115"
TITLE = "Names tell the label"
LIMIT = 0.90  # balanced accuracy, chance 0.5
LIMIT_R2 = 0.90
MIN_PATTERN_IMAGES = 5  # patterns that fewer names follow count as one: random letters make one each


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the classes that the names tell.

    Raises
    ------
    NotApplicable
        When the images came as an array.
    """
    if not rows.has_files:
        raise NotApplicable("the images came as an array")
    names = [rows.names[row] for row in rows.rows[rows.scored]]
    patterns = [pattern(name, rows.schema.classes) for name in names]
    common = [text for text, n in Counter(patterns).most_common() if n >= MIN_PATTERN_IMAGES]
    rank = {text: place for place, text in enumerate(common)}
    properties = {
        "pattern": np.array([rank.get(text, len(rank)) for text in patterns], dtype=np.float64),
        "digits": np.array([sum(map(str.isdigit, stem(name))) for name in names], dtype=np.float64),
        "number": np.array([last_number(name) for name in names], dtype=np.float64),
    }
    limit = LIMIT_R2 if rows.is_regression else LIMIT
    found = tell_labels(properties, rows, limit=limit)
    if not found:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"file names alone tell {tellings(found, rows, limit)}",
            measured=found[0].lower,
            examples=telling_examples(found, properties, rows),
            limit=limit,
            remedy="no network sees names; do the classes come from different sources?",
        ),
    )


CHECK = ImageCheck(
    code=CODE, title=TITLE, question="Do the file names tell the label?", run=find, max_rows=PROPERTY_ROWS
)
