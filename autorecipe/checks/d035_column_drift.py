"""Columns that are distributed differently in the test rows.

What it looks for: where the split is your own (a test file, or a split by time), features whose values in the
other rows are distributed otherwise than in the training rows: numbers by the Kolmogorov-Smirnov distance,
levels by half the sum of the differences of their shares, missing cells by the difference of their shares.
Dates and texts are not compared.

Why it matters: the score on such rows says how the model does elsewhere, or later. A column whose unit or
coding has changed makes it worse than it need be.

How to read it: 0 means equal, 1 that no value is shared. On purpose (another place, a later year) it is a fair
question, and the answer will be lower. By accident, draw the test rows at random (`--test 0.15`), or leave the
column out.

Limits: a distance of 0.1 that chance does not explain: p below 0.001, shared out over the columns
(Bonferroni), by the asymptotic test and then by 999 permutations of the rows. Both are needed: deepchecks' 0.2
alone misses shifts in large tables, and a p alone alarms at any of them. The population stability index is not
used: simulated on 200 and 50 rows without any drift it exceeds its usual 0.1 in 93 % of columns. With declared
groups one row of each is compared: rows of a group are no independent witnesses.
"""

from __future__ import annotations

from autorecipe.checks.check import Check
from autorecipe.checks.drift import COMPARED_ROWS, Drift, column_drifts, permuted_p, require_given_rows
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import flag_value, name, names
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D035"
TITLE = "Column drift"
MIN_DISTANCE = 0.1
MAX_P = 0.001  # shared out over the columns
N_PERMUTATIONS = 999
DRAWN_ANEW = "--test 0.15 draws test rows at random, or "
MAX_PERMUTED = 50  # columns, those that differ most; the asymptotic test has judged all


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the columns that differ.

    Raises
    ------
    NotApplicable
        When the split is not the user's own.
    """
    theirs = require_given_rows(rows)
    drifted = drifted_columns(rows)
    if not drifted:
        return ()
    columns = tuple(drifted)
    largest = drifted[columns[0]].distance
    is_other = rows.is_against
    share_out = Fix(kind="ask", columns=columns, flag="--test 0.15")
    left_out = Fix(kind="drop column", columns=columns, flag=" ".join(f"--drop {flag_value(c)}" for c in columns))
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"distributed otherwise in the {theirs}:"
            f" {names(columns, [f'distance {d.distance:.2f}' for d in drifted.values()])};"
            f" limit {MIN_DISTANCE}, p below {MAX_P}",
            columns=columns,
            measured=largest,
            limit=MIN_DISTANCE,
            action="ask",
            remedy=f"as it should be if on purpose; otherwise {'' if is_other else DRAWN_ANEW}--drop"
            f" {flag_value(columns[0])} leaves {name(columns[0])} out",
            fixes=(*(() if is_other else (share_out,)), left_out),
        ),
    )


def drifted_columns(rows: TrainingRows) -> dict[str, Drift]:
    """Return the columns whose distance is above the limit beyond chance, the most different first."""
    drifts = column_drifts(rows)
    suspects = {c: d for c, d in drifts.items() if d.distance > MIN_DISTANCE and d.p * len(drifts) < MAX_P}
    ranked = sorted(suspects, key=lambda c: -suspects[c].distance)
    by_chance = {
        c
        for c in ranked[:MAX_PERMUTED]
        if permuted_p(suspects[c], n_permutations=N_PERMUTATIONS, seed=rows.config.seed) > MAX_P
    }
    return {c: suspects[c] for c in ranked if c not in by_chance}


CHECK = Check(
    code=CODE,
    title=TITLE,
    question="Are columns distributed differently in the test rows?",
    run=find,
    max_rows=COMPARED_ROWS,
)
