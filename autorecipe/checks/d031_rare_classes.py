"""Classes with hardly any rows.

What it looks for: classes with fewer than 5 training rows.

Why it matters: such a class cannot be in every one of five folds, so its score cannot be measured, and a
network cannot learn it.

How to read it: its rows stay in training and are listed as not scored. Merge the class with a similar one in
the file, or collect more rows. If the classes are steps of one scale, `--task regression` uses their order. Of a count
it is a note: whole numbers from 0 or 1, of which only some above the most frequent are rare. Counts have such a tail by
nature, and there is nothing to merge or to collect.

Limits: 5 rows, one per fold (EvalML asks for 2 per fold; AutoGluon drops rare classes without asking).
"""

from __future__ import annotations

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.d032_target_type import FEW_VALUES
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import name, names, plural
from autorecipe.record.finding import Finding

CODE = "D031"
TITLE = "Rare classes"
MIN_CLASS_ROWS = 5  # one per fold
COUNTS_BEGIN = (0, 1)  # at 1 where nothing is listed that did not happen


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the rare classes.

    Raises
    ------
    NotApplicable
        For a regression.
    """
    if rows.is_regression:
        raise NotApplicable("the target is a number")
    counts = dict(zip(rows.schema.classes, rows.class_counts, strict=True))
    rare = sorted((label for label, n in counts.items() if n < MIN_CLASS_ROWS), key=lambda c: counts[c])
    if not rare:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info" if _are_tail_of_count(rows, rare) else "warn",
            title=TITLE,
            message=f"hardly any rows of {name(rows.schema.target)}:"
            f" {names(rare, [plural(int(counts[c]), 'row') for c in rare])}; limit {MIN_CLASS_ROWS}",
            measured=float(counts[rare[0]]),
            limit=float(MIN_CLASS_ROWS),
            remedy=_remedy(rows),
        ),
    )


def _remedy(rows: TrainingRows) -> str:
    merge = "kept in training, not scored; merge them with similar classes in the file"
    return f"{merge}, or if they are counts or steps: --task regression" if _are_numbers(rows) else merge


def _are_tail_of_count(rows: TrainingRows, rare: list[str]) -> bool:
    """Are the classes whole numbers from 0 or 1, and the rare ones all above the most frequent?"""
    if not _are_numbers(rows):
        return False
    known = [int(label) for label in rows.schema.classes]
    mode = known[int(rows.class_counts.argmax())]
    return min(known) in COUNTS_BEGIN and all(int(label) > mode for label in rare)


def _are_numbers(rows: TrainingRows) -> bool:
    classes = rows.schema.classes
    return len(classes) >= FEW_VALUES and all(label.lstrip("-").isdigit() for label in classes)


CHECK = Check(code=CODE, title=TITLE, question="Do classes have hardly any rows?", run=find)
