"""A column that measures how long something lasted says most about the target.

What it looks for: the one feature that says far more of the target than every other, and whose name speaks of a
length of time that is over: "duration" or "elapsed", or "length", "time", "seconds", "minutes", "hours" or "days"
beside "call", "talk", "visit", "session", "stay", "trip" or "spent".

Why it matters: how long a call lasted is known when it has ended, and then its outcome is known too. A model that
leans on it cannot be asked before the call.

How to read it: nothing in the rows can prove when a cell was filled in, so this asks and never stops. If the column
is known when you predict (the term of a loan is), go on; otherwise `--drop COLUMN`.

Limits: the lower end of the 95 % interval must reach AUC 0.7 or R2 0.3, and 1.5 times what the next best column
reaches above chance (choice; measured on 37 public tables, it asks for one column, the length of a bank's calls,
whose own description says to leave it out: 0.29 above chance beside 0.16). What D013 reports is not repeated.
"""

from __future__ import annotations

from autorecipe.checks.check import Check
from autorecipe.checks.d013_target_leakage import WARN_LIMIT
from autorecipe.checks.event_length import AUC_LIMIT, R2_LIMIT, event_length
from autorecipe.checks.mending import drop_columns
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import flag_value, name
from autorecipe.record.finding import Finding

CODE = "D042"
TITLE = "Length of an event"


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one warning for the length of an event that says far more of the target than any other column."""
    column, rival = event_length(rows)
    if not column or rows.scores[column].lower >= WARN_LIMIT:
        return ()
    best, second = rows.scores[column], rows.scores[rival]
    least = R2_LIMIT if rows.is_regression else AUC_LIMIT
    metric = "R2" if rows.is_regression else "AUC"
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"{name(column)} is called like the length of an event, known when that is over, and says most of"
            f" {name(rows.schema.target)}: {metric} {best.value:.2f}, at least {best.lower:.2f}, the next"
            f" {name(rival)} {second.value:.2f}; limit {least:g}",
            columns=(column,),
            measured=best.lower,
            limit=least,
            action="ask",
            remedy=f"if not known when you predict: --drop {flag_value(column)}",
            fixes=drop_columns([column]),
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Is the best column known only when all is over?", run=find)
