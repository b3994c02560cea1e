"""Random validation flatters a model that will meet later rows.

What it looks for: for each column of dates (at most two that order the rows differently), a small forest
predicts the later three quarters of the rows twice: once from the rows before each quarter alone, once from as
many random rows.

Why it matters: rows of one week are alike. With random splits the model learns from the same week, and even
from the weeks after, what it is asked; in use it has the past alone.

How to read it: if the model will meet rows later than these, `--split-by-time COLUMN` tests it as it will be
used. If the date is a trait of the row (when a customer joined) and new rows come from all of its range, the
random split is right.

Limits: the squared error must rise by more than 2.08 of its standard errors, or 2.41 where two columns are tried:
beyond them lies 2.5 % of tables in which time says nothing (choice; Student's t, as the error is taken from one of
30 stretches of time to the next; Bonferroni). It must also cost 0.02 of ROC AUC or 5 % of the root mean squared
error (choice). Both must also hold on average with a second draw of random rows and forests: on noise, the draw
alone moves the rise by up to three standard errors (measured). Dates of birth, of founding and the like are not
looked at.
"""

from __future__ import annotations

from autorecipe.checks.cheap_model import MAX_ROWS
from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.time_gap import POINTS_LIMIT, RISE_LIMIT, TimeGap, dates
from autorecipe.checks.wording import flag_value, name
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D017"
TITLE = "Time leakage"
MIN_ROWS = 200  # fewer leave no quarter to learn from; choice


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the date by which the score falls most.

    Raises
    ------
    NotApplicable
        When time is declared, there are few rows, or there is no date.
    """
    if rows.config.split_by_time:
        raise NotApplicable(f"the rows are split by {name(rows.config.split_by_time)} as asked")
    if rows.n_rows < MIN_ROWS:
        raise NotApplicable(f"{rows.n_rows} rows: fewer than {MIN_ROWS}")
    if not dates(rows):
        raise NotApplicable("no column of dates that orders the rows")
    found = rows.structure.time
    return () if found is None else (_finding(rows, found),)


def _finding(rows: TrainingRows, found: TimeGap) -> Finding:
    lost = f"{100 * found.measured:.0f} % more error" if rows.is_regression else f"{found.measured:.3f} less"
    limit = f"{100 * RISE_LIMIT:.0f} %" if rows.is_regression else f"{POINTS_LIMIT}"
    flag = f"--split-by-time {flag_value(found.column)}"
    return Finding(
        code=CODE,
        severity="warn",
        title=TITLE,
        message=f"random validation flatters: by {name(found.column)}, a small model reaches {found.gap} from"
        f" earlier rows alone: {lost} (limit {limit}), {found.gap.z:.2f} standard errors (limit"
        f" {found.least_z:.2f})",
        columns=(found.column,),
        measured=found.measured,
        limit=found.limit,
        action="ask",
        remedy=f"if the model will meet later rows: {flag}",
        fixes=(Fix(kind="split by time", columns=(found.column,), flag=flag),),
    )


CHECK = Check(
    code=CODE,
    title=TITLE,
    question="Does a model do worse on later rows than random validation says?",
    run=find,
    max_rows=MAX_ROWS,
)
