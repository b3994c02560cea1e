"""Rows of one patient, machine or household on both sides of a split.

What it looks for: columns of texts or whole numbers, ids and columns left out included, whose values come back
in 1.5 rows or more on average and are at least 20; and what stands before the last separator of an id ("309" of
"309_1"). For the three likeliest, a small forest that does not see the column predicts the target twice: with
random rows held back, and with all rows of some values held back. Equal rows stay together in both.

Why it matters: a model that recognizes a patient by age and voice knows the patient's outcome from the other
rows. With random splits this looks like skill, and it is gone with the next patient.

How to read it: if the model will meet new ones, split by the column, `--split-by-group COLUMN`: the score
becomes lower and true. If only those will come that are in the table (the same stores next month), the random
split is right: go on with `--allow D018:COLUMN`. One column is named, the one that matters most: others often
mark the same rows.

Limits: the squared error must rise by more than two of its standard errors, taken from group to group, the
limit raised for the number of columns tried (Bonferroni), and its root by more than 3 %. Above 10 % it is a
warning, and a stop where the column is an id or called like a thing that has several rows (subject, patient,
store). The values of other columns are known for new rows more often than not: between 3 % and 10 % they are a
note. Other whole numbers, which are measurements most of the time, are a note above 10 %. The limits of 3 % and
10 % are a choice.
"""

from __future__ import annotations

from autorecipe.checks.cheap_model import MAX_ROWS
from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.group_gap import NOTE_LIMIT, WARN_LIMIT, KeyGap
from autorecipe.checks.mending import ask
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import flag_value, name, percent
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding, Severity

CODE = "D018"
TITLE = "Group leakage"
MIN_ROWS = 100  # below, folds by group say nothing; choice


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the column that matters most.

    Raises
    ------
    NotApplicable
        When groups are declared, there are few rows, or no column could be a key.
    """
    if rows.config.split_by_group:
        raise NotApplicable(f"the rows are split by {name(rows.config.split_by_group)} as asked")
    if rows.n_rows < MIN_ROWS:
        raise NotApplicable(f"{rows.n_rows} rows: fewer than {MIN_ROWS}")
    found = rows.structure.group
    return () if found is None else (_finding(rows, found),)


def _finding(rows: TrainingRows, found: KeyGap) -> Finding:
    key, gap = found.key, found.gap
    severity = _severity(found)
    limit = WARN_LIMIT if gap.rise > WARN_LIMIT else NOTE_LIMIT
    what = f"the part of {name(key.column)} before the last separator" if key.is_prefix else name(key.column)
    flag = f"--split-by-group {flag_value(key.column)}"
    fix = (
        Fix(kind="ask", columns=(key.column,))
        if key.is_prefix
        else Fix(kind="split by group", columns=(key.column,), flag=flag)
    )
    how = "make a column of that part, and split by it with --split-by-group" if key.is_prefix else flag
    allow = f"--allow {flag_value(f'{CODE}:{key.column}')}"
    return Finding(
        code=CODE,
        severity=severity,
        title=TITLE,
        message=f"rows of one value tell each other's {name(rows.schema.target)}: {what} ({key.n_groups:,} values): a"
        f" small model without it reaches {gap} with whole values held back: {percent(gap.rise)} more error (limit"
        f" {percent(limit)}), {gap.z:.1f} standard errors",
        columns=(key.column,),
        measured=gap.rise,
        limit=limit,
        action="ask",
        remedy=f"if new values will come: {how}" + (f"; else {allow}" if severity == "stop" else ""),
        fixes=(fix, *ask(allow, key.column)) if severity == "stop" else (fix,),
    )


def _severity(found: KeyGap) -> Severity:
    if found.key.is_named:
        return "stop" if found.gap.rise > WARN_LIMIT else "warn"
    return "warn" if found.gap.rise > WARN_LIMIT and not found.key.is_number else "info"


CHECK = Check(
    code=CODE,
    title=TITLE,
    question="Do rows of one patient, machine or household give each other away?",
    run=find,
    max_rows=MAX_ROWS,
)
