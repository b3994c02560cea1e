"""Test rows of another kind than the training rows.

What it looks for: where the split is your own (a test file, or a split by time), how well a linear model tells
the other rows from the training rows out of fold, by the ranks of the numbers, their squares, missing cells and
frequent levels. Ids, dates, texts and columns that only count the rows are not looked at.

Why it matters: many small differences add up to other rows than those learned from. The score then says how the
model does elsewhere, or later.

How to read it: 0.5 means that the rows cannot be told apart, 1 that every row can. The columns named differ
most. On purpose it is a fair question, and the answer will be lower; by accident, draw the test rows at random
(`--test 0.15`). It never stops a run: test rows of another place or time may be what is wanted.

Limits: a lower 95 % bound of the ROC AUC of 0.6 is said, of 0.7 a warning (deepchecks warns from 0.625), unless
D035 has warned of the columns already; and no more than 1 % of 199 permutations of the marks may reach it. The
bound is Newcombe's (2006), method 5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.d035_column_drift import MIN_DISTANCE, drifted_columns
from autorecipe.checks.drift import column_drifts, compared_rows, require_given_rows
from autorecipe.checks.parse import ParsedFeatures
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.single_feature import auc_lower_bound
from autorecipe.checks.telling_apart import describe_levels, describe_numbers, permuted_aucs
from autorecipe.checks.wording import names
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D036"
TITLE = "Row drift"
INFO_AUC, WARN_AUC = 0.6, 0.7  # lower 95 % bounds
COMPARED_ROWS = 4_000  # of each side: the AUC is then known to about 0.01
N_PERMUTATIONS = 199
MAX_P = 0.01
COUNTS_ROWS = 0.98  # |correlation| with the row's place, above which a number only counts the rows
MAX_COLUMNS = 300  # a seeded sample of more: the model's cost grows with their square
N_SHOWN = 3


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding when the other rows can be told from the training rows.

    Raises
    ------
    NotApplicable
        When the split is not the user's own, or no column can be looked at.
    """
    called = require_given_rows(rows)
    columns = _columns(rows)
    if not columns or rows.other_features is None:
        raise NotApplicable("no column can tell rows apart")
    our_rows, their_rows = compared_rows(rows, at_most=COMPARED_ROWS)
    features = _describe(rows, rows.other_features, columns, (our_rows, their_rows))
    is_theirs = np.arange(len(features)) >= len(our_rows)
    aucs = permuted_aucs(features, is_theirs, n_permutations=N_PERMUTATIONS, seed=rows.config.seed)
    lower = auc_lower_bound(float(aucs[0]), len(their_rows), len(our_rows))
    p = float((aucs >= aucs[0]).mean())
    if lower <= INFO_AUC or p > MAX_P:
        return ()
    drifts = {c: d for c, d in column_drifts(rows).items() if c in columns}
    ranked = sorted(drifts, key=lambda c: -drifts[c].distance)
    ranked = [c for i, c in enumerate(ranked[:N_SHOWN]) if i == 0 or drifts[c].distance > MIN_DISTANCE]
    is_other = rows.is_against
    severe = lower > WARN_AUC and not drifted_columns(rows)
    return (
        Finding(
            code=CODE,
            severity="warn" if severe else "info",
            title=TITLE,
            message=f"a linear model tells the {called} from the training rows: ROC AUC {aucs[0]:.2f}, at least"
            f" {lower:.2f} (chance 0.5; limit {WARN_AUC if lower > WARN_AUC else INFO_AUC}); most in"
            f" {names(ranked, [f'distance {drifts[c].distance:.2f}' for c in ranked])}",
            columns=tuple(ranked),
            measured=lower,
            limit=WARN_AUC if lower > WARN_AUC else INFO_AUC,
            action="ask",
            remedy="as it should be if on purpose; otherwise "
            + ("ask how either table was drawn" if is_other else "--test 0.15 draws test rows at random"),
            fixes=() if is_other else (Fix(kind="ask", columns=tuple(ranked), flag="--test 0.15"),),
        ),
    )


def _columns(rows: TrainingRows) -> tuple[str, ...]:
    found = [c for c in rows.of_kind("numeric", "categorical", "boolean") if not _counts_rows(rows, c)]
    if len(found) > MAX_COLUMNS:
        random = np.random.default_rng(rows.config.seed)
        found = [found[i] for i in np.sort(random.permutation(len(found))[:MAX_COLUMNS])]
    return tuple(found)


def _counts_rows(rows: TrainingRows, column: str) -> bool:
    numbers = rows.features.numbers.get(column)
    if numbers is None or not np.isfinite(numbers).all() or np.ptp(numbers) == 0:
        return False
    return abs(float(np.corrcoef(numbers, rows.row_numbers)[0, 1])) > COUNTS_ROWS


def _describe(
    rows: TrainingRows, theirs: ParsedFeatures, columns: tuple[str, ...], places: tuple[NDArray[np.int64], ...]
) -> NDArray[np.float32]:
    """Return what the linear model sees of the rows, ours first, shape (n_ours + n_theirs, n_described)."""
    ours, described = rows.features, []
    for column in columns:
        if column in ours.numbers:
            numbers = ours.numbers[column][places[0]], theirs.numbers[column][places[1]]
            described.append(describe_numbers(np.concatenate(numbers)))
        else:
            levels = ours.categories[column][places[0]], theirs.categories[column][places[1]]
            described.append(describe_levels(np.concatenate(levels)))
    return np.concatenate(described, axis=1)


CHECK = Check(code=CODE, title=TITLE, question="Are the test rows of the same kind?", run=find, max_rows=COMPARED_ROWS)
