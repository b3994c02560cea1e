"""Numbers far from all others in their column.

What it looks for: numbers more than 6 robust standard deviations from the median, on the plain scale and on
the logarithmic one (the nearer counts, so a long tail is not a set of outliers), in less than 1 % of the
rows. A column is named when its farthest value is more than 9 out.

Why it matters: a single wrong value can set the scale of a whole column. A slip of the comma or a wrong unit
is worth mending at its source.

How to read it: nothing is removed: scaling by quantiles, or by median and quartiles with a smooth clip, keeps
such values from dominating. It is a warning where up to three values alone make up more than half of the
range.

Limits: 6 and 20 robust standard deviations (median absolute deviation x 1.4826). Tukey's 1.5 interquartile
ranges flag 7.8 % of clean lognormal values and 0.7 % of normal ones; 3.5 robust deviations 8.1 % of lognormal
ones. 9 (choice; measured on 37 public tables, the farthest of honest tails, hours worked in a week among them,
lies between 6 and 9).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check
from autorecipe.checks.mending import raw_texts
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.spread import FAR_OUT, finite, robust_z
from autorecipe.checks.wording import names, number, plural
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D022"
TITLE = "Outliers"
OUTLIER_Z = 6.0  # robust standard deviations, from which a value is counted
NOTED_Z = 9.0  # of the farthest, from which a column is worth a note
MAX_SHARE = 0.01  # of the rows; more of them are a tail or a second group
MIN_DISTINCT = 20  # fewer are levels, whose spread has no tails
FEW = 3  # values that may together span most of the range
HALF_RANGE = 0.5


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one warning for values that span their column's range, and one note for other outliers."""
    worst: dict[str, float] = {}
    counts: dict[str, int] = {}
    lonely: dict[str, float] = {}
    for column in rows.of_kind("numeric"):
        values = finite(rows.features.numbers[column])
        if len(np.unique(values)) <= MIN_DISTINCT:
            continue
        z = robust_z(values)
        n_out = int((z > OUTLIER_Z).sum())
        if n_out and spans_range(values) and z.max() > FAR_OUT:
            lonely[column] = float(values[z.argmax()])
        elif 0 < n_out < MAX_SHARE * rows.n_rows and z.max() > NOTED_Z:
            worst[column], counts[column] = float(z.max()), n_out
    return (*_warning(rows, lonely), *_note(worst, counts))


def spans_range(values: NDArray[np.float64]) -> bool:
    """Do at most FEW of the values lie beyond a gap of more than half the range?"""
    ordered = np.sort(values)
    if len(ordered) < 2 * FEW + 2:
        return False
    gaps = np.diff(ordered)
    edge = max(gaps[:FEW].max(), gaps[-FEW:].max())
    return bool(edge > HALF_RANGE * (ordered[-1] - ordered[0]))


def _warning(rows: TrainingRows, lonely: dict[str, float]) -> tuple[Finding, ...]:
    if not lonely:
        return ()
    columns = tuple(lonely)
    shown = [rows.row_numbers[np.nanargmin(np.abs(rows.features.numbers[c] - x))] for c, x in lonely.items()]
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"up to {FEW} values span more than half of the range of"
            f" {names(columns, [number(x) for x in lonely.values()])}, over {FAR_OUT:.0f} robust standard"
            " deviations out: a slip of the comma, or a wrong unit?",
            columns=columns,
            limit=FAR_OUT,
            action="clip",
            remedy="scaled so that they do not dominate; mend them in the file if they are errors",
            rows=tuple(int(r) for r in shown[:10]),
            fixes=tuple(
                Fix(kind="mask values", columns=(c,), values=raw_texts(rows, c, rows.features.numbers[c] == x))
                for c, x in lonely.items()
            ),
            quoted=tuple(number(x) for x in lonely.values()),
        ),
    )


def _note(worst: dict[str, float], counts: dict[str, int]) -> tuple[Finding, ...]:
    if not worst:
        return ()
    columns = tuple(sorted(worst, key=lambda c: -worst[c]))
    notes = [f"{plural(counts[c], 'row')}, up to {worst[c]:.0f}" for c in columns]
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"values over {OUTLIER_Z:.0f} robust standard deviations out: {names(columns, notes)}",
            columns=columns,
            measured=worst[columns[0]],
            limit=OUTLIER_Z,
            action="clip",
            remedy="clipped smoothly, never removed",
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Do numbers lie far from all others?", run=find)
