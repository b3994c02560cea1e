"""The label shows in the file, before a pixel is looked at.

What it looks for: how well a tree of three levels tells each class from the rest by format, suffix, colour mode,
width, height, bytes, bytes per pixel, EXIF orientation, time and camera alone, out of fold.

Why it matters: classes that were collected from different sources differ in how their files were made. A network sees
that in the pixels (compression, blur from resizing, colour) and learns the source instead of the label. On images of
one source it then fails.

How to read it: bring all images to one format and size, from the originals where possible, or collect each class from
every source. The name of the class and of the property say where to look. `--allow D114` goes on regardless.

Limits: balanced accuracy, lower end of the 95 % interval over all classes: 0.65 is a warning (0.15 above chance), 0.9
a stop (choices; deepchecks PropertyLabelCorrelation looks at pixels only). Not all properties
weigh the same: format, suffix, mode, camera and EXIF marks do not follow from what an image shows, and alone may stop;
width and height warn; bytes follow from the content (grass takes more than sky), so that they are only said, and a
warning from 0.9. For a number to be predicted: R2 of 0.15 and 0.9.
"""

from __future__ import annotations

from collections.abc import Sequence

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_properties import file_properties
from autorecipe.checks.image_rows import PROPERTY_ROWS, ImageRows
from autorecipe.checks.label_properties import Properties, Telling, tell_labels, telling_examples
from autorecipe.checks.mending import ask
from autorecipe.checks.wording import name
from autorecipe.listing import some_of
from autorecipe.record.finding import Finding, Severity

CODE = "D114"
TITLE = "Leak by file properties"
WARN_LIMIT = 0.65  # balanced accuracy, chance 0.5
STOP_LIMIT = 0.90
WARN_R2, STOP_R2 = 0.15, 0.90
# what does not follow from the content, and what hardly does; bytes do
SOURCE_MARKS = ("format", "suffix", "mode", "orientation", "camera", "has time")
SHAPES = ("width", "height", "area", "aspect ratio")
N_SHOWN = 3  # classes named


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the classes that the files tell.

    Raises
    ------
    NotApplicable
        When the images came as an array.
    """
    if not rows.has_files:
        raise NotApplicable("the images came as an array")
    properties = file_properties(rows.measured.take(rows.scored))
    severity, limit, found = _gravest(properties, rows)
    if not found:
        return ()
    stops = severity == "stop"
    return (
        Finding(
            code=CODE,
            severity=severity,
            title=TITLE,
            message=f"the files alone tell {tellings(found, rows, limit)}",
            measured=found[0].lower,
            examples=telling_examples(found, properties, rows),
            limit=limit,
            action="ask" if stops else "none",
            remedy="save all images alike, from the originals, or --allow D114"
            if stops
            else "do the classes come from different sources? Save all images alike",
            fixes=ask(f"--allow {CODE}") if stops else (),
        ),
    )


def _gravest(properties: Properties, rows: ImageRows) -> tuple[Severity, float, tuple[Telling, ...]]:
    """Return what the properties that weigh most say: their severity, the limit, the classes they tell."""
    warn, stop = (WARN_R2, STOP_R2) if rows.is_regression else (WARN_LIMIT, STOP_LIMIT)
    marks = {name: properties[name] for name in SOURCE_MARKS}
    made = {name: properties[name] for name in (*SOURCE_MARKS, *SHAPES)}
    asked: tuple[tuple[Severity, float, Properties], ...] = (
        ("stop", stop, marks),
        ("warn", stop, properties),
        ("warn", warn, made),
        ("info", warn, properties),
    )
    for severity, limit, some in asked:
        found = tell_labels(some, rows, limit=limit)
        if found:
            return severity, limit, found
    return "info", warn, ()


def tellings(found: Sequence[Telling], rows: ImageRows, limit: float) -> str:
    """Write which classes are told, how well, by what, and the limit of what is told at least."""
    if rows.is_regression:
        best = found[0]
        numbers = f"R2 {best.value:.2f}, at least {best.lower:.2f} (limit {limit:g})"
        return f"{name(rows.schema.target)}: {numbers}, by {best.by[0]}"
    shown = [f"{name(t.label)} ({t.value:.2f}, at least {t.lower:.2f}, by {' and '.join(t.by)})" for t in found]
    return f"{some_of(shown, N_SHOWN)} from the rest (balanced accuracy: chance 0.5, limit {limit:g})"


CHECK = ImageCheck(
    code=CODE, title=TITLE, question="Do the files give the label away?", run=find, max_rows=PROPERTY_ROWS
)
