"""Columns of numbers that say nearly the same.

What it looks for: groups of numeric columns whose ranks agree nearly perfectly with those of another column of the
group (Spearman's rho, its sign not looked at). Copies, equal up to a factor and an offset, are D029's.

Why it matters: importance is shared out among such columns, so that each looks less important than what they say
together, and each costs an input of the exported model. Networks and gradient boosting cope with them.

How to read it: all are kept. One of each group will mostly do: leave the others out with `--drop COLUMN` where they
are costly to measure.

Limits: |rho| above 0.98, in groups rather than pairs (EvalML and deepchecks report pairs from 0.9, ydata-profiling from
0.5, which floods reports). At least 30 rows with both values, 5,000 rows at most. Above 500 columns only those are
compared that random hyperplanes leave on one side (Charikar 2002), on 1,000 rows: a pair at the limit is found in 98 %
of cases.
"""

from __future__ import annotations

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.correlation import COMPARED_ROWS, MIN_RHO
from autorecipe.checks.d029_duplicate_columns import copied_columns
from autorecipe.checks.mending import drop_columns
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import names, plural
from autorecipe.record.finding import Finding

CODE = "D028"
TITLE = "Correlated columns"
N_SHOWN = 3  # groups named


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the groups.

    Raises
    ------
    NotApplicable
        With fewer than two numeric columns.
    """
    if len(rows.of_kind("numeric")) < 2:
        raise NotApplicable("fewer than two numeric columns")
    copies = copied_columns(rows)
    groups = [(tuple(c for c in g.columns if c not in copies), g.strength) for g in rows.groups]
    groups = [(columns, strength) for columns, strength in groups if len(columns) > 1]
    if not groups:
        return ()
    shown = "; ".join(f"{names(columns)} ({strength:.3f})" for columns, strength in groups[:N_SHOWN])
    more = f"; and {plural(len(groups) - N_SHOWN, 'group')} more" if len(groups) > N_SHOWN else ""
    spare = tuple(c for columns, _ in groups for c in _spare(rows, columns))
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"ranks agree nearly perfectly (|Spearman's rho| above {MIN_RHO}) in"
            f" {plural(len(groups), 'group')}: {shown}{more}",
            columns=tuple(c for columns, _ in groups for c in columns),
            measured=min(strength for _, strength in groups),
            limit=MIN_RHO,
            remedy="kept; --drop COLUMN leaves out those that are costly to measure",
            fixes=drop_columns(spare),
        ),
    )


def _spare(rows: TrainingRows, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return all but the column that predicts best alone."""
    best = max(columns, key=lambda c: rows.scores[c].value if c in rows.scores else float("-inf"))
    return tuple(c for c in columns if c != best)


CHECK = Check(code=CODE, title=TITLE, question="Do columns say nearly the same?", run=find, max_rows=COMPARED_ROWS)
