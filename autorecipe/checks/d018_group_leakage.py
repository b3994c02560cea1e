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
limit raised for the number of columns tried (Bonferroni), and its root by more than 3 %; both also on average with
a second draw of folds and forests, since the draw alone moves the rise by 0.7 standard errors (measured, on tables
of noise). Above 10 % it is a warning, and a stop where the column is an id or called like a thing that has several
rows (subject, patient, store). A number called so is a measurement all the same (Engine: 1248 CC) where its cells
carry a unit, or where its values lie far apart and their order tells the target. The values of other columns are
known for new rows more often than not: between 3 % and 10 % they are a note. Other whole numbers, which are
measurements most of the time, are a note above 10 %. The limits of 3 % and 10 % are a choice.
"""

from __future__ import annotations

from autorecipe.checks.cheap_model import MAX_ROWS, Gap
from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.group_gap import NOTE_LIMIT, WARN_LIMIT, KeyGap
from autorecipe.checks.group_keys import GroupKey
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
    fix, how = _fix(key)
    allow = f"--allow {flag_value(f'{CODE}:{key.column}')}"
    return Finding(
        code=CODE,
        severity=severity,
        title=TITLE,
        message=f"rows of one value tell each other's {name(rows.schema.target)}: {what} ({key.n_groups:,} values):"
        f" {_errors(gap)} with whole values held back: {100 * gap.rise:.0f} % more error (limit {percent(limit)}),"
        f" {gap.z:.1f} standard errors",
        columns=(key.column,),
        measured=gap.rise,
        limit=limit,
        action="none" if severity == "info" else "ask",
        remedy=f"if new values will come: {how}" + (f"; else {allow}" if severity == "stop" else ""),
        fixes=(fix, *ask(allow, key.column)) if severity == "stop" else (fix,),
    )


def _fix(key: GroupKey) -> tuple[Fix, str]:
    """Return what can be done, and how: a key that is part of a cell must have a column of its own first."""
    if not key.is_prefix:
        flag = f"--split-by-group {flag_value(key.column)}"
        return Fix(kind="split by group", columns=(key.column,), flag=flag), flag
    made = f"{key.column.strip()}_group"
    how = f"profile DATA --fix --also {CODE} -o OUT.csv adds a column {name(made)} of that part; fit that file with"
    return Fix(kind="add column", columns=(key.column,), to=made), f"{how} --split-by-group {flag_value(made)}"


def _errors(gap: Gap) -> str:
    if gap.is_regression:
        return f"a small model without it reaches {gap}"
    return (
        "the probabilities of a small model without it have a root mean squared error of"
        f" {gap.loose_error:.3f} with random folds, {gap.strict_error:.3f}"
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
