"""The label shows in brightness, contrast or colour alone.

What it looks for: how well a tree of three levels tells each class from the rest by the image's brightness (mean,
darkest and brightest parts), contrast, shares of red, green and blue, and plain border alone, out of fold.

Why it matters: where a class was photographed in another light, with another camera or on another background, a
network learns that instead of the label.

How to read it: it may be real: sunflowers are yellow, nights are dark. Ask whether new images will differ in the same
way. If not, augment brightness, contrast and colour, crop the borders, or collect the classes alike.

Limits: balanced accuracy, lower end of the 95 % interval over all classes: 0.65 is said (deepchecks
PropertyLabelCorrelation 0.3 of the way from chance to 1), 0.9 is a warning. For a number to be predicted: R2 0.3 and
0.9.
"""

from __future__ import annotations

from autorecipe.checks.d114_file_property_leak import tellings
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_properties import pixel_properties
from autorecipe.checks.image_rows import PROPERTY_ROWS, ImageRows
from autorecipe.checks.label_properties import tell_labels, telling_examples
from autorecipe.record.finding import Finding

CODE = "D124"
TITLE = "Labels by pixel statistics"
INFO_LIMIT = 0.65  # balanced accuracy, chance 0.5: a predictive power of 0.3
WARN_LIMIT = 0.90
INFO_R2, WARN_R2 = 0.30, 0.90


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the classes that the statistics tell."""
    info, warn = (INFO_R2, WARN_R2) if rows.is_regression else (INFO_LIMIT, WARN_LIMIT)
    properties = pixel_properties(rows.measured.take(rows.scored))
    found = tell_labels(properties, rows, limit=info)
    if not found:
        return ()
    plain = found[0].lower > warn
    return (
        Finding(
            code=CODE,
            severity="warn" if plain else "info",
            title=TITLE,
            message=f"pixel statistics alone tell {tellings(found, rows, warn if plain else info)}",
            measured=found[0].lower,
            examples=telling_examples(found, properties, rows),
            limit=warn if plain else info,
            remedy="if new images will not differ so, augment brightness and colour, or collect the classes alike",
        ),
    )


CHECK = ImageCheck(
    code=CODE,
    title=TITLE,
    question="Do brightness or colour alone give the label away?",
    run=find,
    max_rows=PROPERTY_ROWS,
)
