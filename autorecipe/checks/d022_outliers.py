"""Numbers far from all others in their column.

What it looks for: numbers more than 6 robust standard deviations from the median, on the plain scale and on
the logarithmic one (the nearer counts, so a long tail is not a set of outliers), in less than 1 % of the
rows. A column is named when its farthest value is more than 9 out.

Why it matters: a single wrong value can set the scale of a whole column. A slip of the comma or a wrong unit
is worth mending at its source.

How to read it: nothing is removed: scaling by quantiles, or by median and quartiles with a smooth clip, keeps
such values from dominating. It is a warning where up to three values alone make up more than half of the
range. It is one, too, where at most 1 % of a column's positive numbers lie beyond a gap, and a power of ten brings
them back among the others: they look as if they were written in another unit.

Limits: 6 and 20 robust standard deviations (median absolute deviation x 1.4826). Tukey's 1.5 interquartile
ranges flag 7.8 % of clean lognormal values and 0.7 % of normal ones; 3.5 robust deviations 8.1 % of lognormal
ones. 9 (choice; measured on 37 public tables, the farthest of honest tails, hours worked in a week among them,
lies between 6 and 9). A gap is a factor of ten at least (choice), and one that a power law which falls as fast as the
column's own tail has in at most one of ten thousand columns (Hill 1975 estimates it; choice; measured: 7 of 106,000
columns of such numbers).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check
from autorecipe.checks.mending import raw_texts
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.spread import FAR_OUT, finite, robust_z
from autorecipe.checks.unit_slips import MAX_CHANCE, Slip, find_slip
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
N_ROWS_SHOWN = 10


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one warning for values that span their range, one for another unit, and one note for other outliers."""
    slips: dict[str, Slip] = {}
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
        elif slip := find_slip(rows.features.numbers[column]):
            slips[column] = slip
        elif 0 < n_out < MAX_SHARE * rows.n_rows and z.max() > NOTED_Z:
            worst[column], counts[column] = float(z.max()), n_out
    return (*_warning(rows, lonely), *_of_another_unit(rows, slips), *_note(rows, worst, counts))


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
            rows=tuple(int(r) for r in shown[:N_ROWS_SHOWN]),
            fixes=tuple(
                Fix(kind="mask values", columns=(c,), values=raw_texts(rows, c, rows.features.numbers[c] == x))
                for c, x in lonely.items()
            ),
            quoted=tuple(number(x) for x in lonely.values()),
        ),
    )


def _of_another_unit(rows: TrainingRows, slips: dict[str, Slip]) -> tuple[Finding, ...]:
    if not slips:
        return ()
    columns = tuple(slips)
    notes = [f"{plural(int(s.marked.sum()), 'row')}, about {_factor(s.power)} the rest" for s in slips.values()]
    places = [place for s in slips.values() for place in np.flatnonzero(s.marked)[:N_ROWS_SHOWN]]
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"numbers beyond a gap, as if in another unit: {names(columns, notes)}; limit: chance makes such"
            f" a gap in at most one column of {1 / MAX_CHANCE:,.0f}",
            columns=columns,
            action="clip",
            remedy=f"look at the rows named; mend them, or profile DATA --fix --also {CODE} -o OUT.csv empties them",
            rows=tuple(int(rows.row_numbers[place]) for place in places[:N_ROWS_SHOWN]),
            fixes=tuple(
                Fix(kind="mask values", columns=(c,), values=raw_texts(rows, c, s.marked)) for c, s in slips.items()
            ),
        ),
    )


def _factor(power: int) -> str:
    return f"{10**power:,} times" if power > 0 else f"1/{10**-power:,} of"


def _note(rows: TrainingRows, worst: dict[str, float], counts: dict[str, int]) -> tuple[Finding, ...]:
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
            rows=_farthest(rows, columns),
        ),
    )


def _farthest(rows: TrainingRows, columns: tuple[str, ...]) -> tuple[int, ...]:
    """Return the numbers of the rows that lie farthest out, those of the first column first."""
    found: dict[int, None] = {}
    for column in columns:
        z = robust_z(rows.features.numbers[column])
        far = np.argsort(-z, kind="stable")[: int((z > OUTLIER_Z).sum())]
        found.update(dict.fromkeys(int(r) for r in rows.row_numbers[far[:N_ROWS_SHOWN]]))
    return tuple(found)[:N_ROWS_SHOWN]


CHECK = Check(code=CODE, title=TITLE, question="Do numbers lie far from all others?", run=find)
