"""Levels of validation and test rows that no training row has.

What it looks for: the share of validation and test rows whose level of a category does not occur in the
training rows; and classes of the target that occur there alone.

Why it matters: of such a level nothing was learned: all of them share one bucket. A class that was never seen
is never predicted.

How to read it: columns of very many levels (streets, product names) show new ones for ever: how many is known
from the levels that one training row alone holds (Good and Turing's estimate), and is a note. More than that is
a warning: the rows are of another place or time, or the levels are spelled in another way there.

Limits: 1 % of the rows (deepchecks NewCategoryTrainTest asks for 0), and for a warning more than 1 % and 4
standard errors above Good and Turing's estimate (Good 1953), taken over groups of equal rows or declared ones. What is
to be expected is said from 5 % (choice). A new class stops where test rows are your own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.drift import OTHER_TABLE, are_given
from autorecipe.checks.mending import drop_columns
from autorecipe.checks.parse import levels_of
from autorecipe.checks.rows import FEW_TWINS, TWINS_SHARE, TrainingRows
from autorecipe.checks.wording import N_NAMES, name, names, percent, plural
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding, Severity

CODE = "D027"
TITLE = "Unseen levels"
MIN_SHARE = 0.01  # of the other rows
MIN_USUAL_SHARE = 0.05  # of the other rows, where so many are to be expected; choice
N_ERRORS = 4.0  # standard errors above what is to be expected
MIN_EXPECTED_ROWS = 1.0  # below, the binomial error of a count says too little


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return up to three findings: new classes, more new levels than expected, as many as expected.

    Raises
    ------
    NotApplicable
        When there are no validation or test rows, or no categories.
    """
    theirs = rows.other_features
    if rows.other_frame is None or theirs is None or not len(rows.other_frame):
        raise NotApplicable("no validation or test rows apart from the training rows")
    shares = {c: _unseen(rows, c) for c in rows.of_kind("categorical", "boolean")}
    unseen = {c: share for c, share in shares.items() if share > MIN_SHARE}
    units = _units(rows) if unseen else np.zeros(0, dtype=np.int64)
    odd = {c: s for c, s in unseen.items() if s > MIN_SHARE + _to_expect(rows, c, units)}
    usual = {c: s for c, s in unseen.items() if c not in odd and s > MIN_USUAL_SHARE}
    where = "the test rows" if rows.config.test_path else "validation or test rows"
    where = f"the {OTHER_TABLE}" if rows.is_against else where
    return (*_new_classes(rows), *_finding(odd, "warn", where), *_finding(usual, "info", where))


def _unseen(rows: TrainingRows, column: str) -> float:
    if rows.other_features is None:
        return 0.0
    _, ours = levels_of(rows.features, column)
    codes, theirs = levels_of(rows.other_features, column)
    seen = {"", *ours}
    return float(np.array([level not in seen for level in theirs], dtype=bool)[codes].mean())


def _to_expect(rows: TrainingRows, column: str, units: NDArray[np.int64]) -> float:
    """Return Good and Turing's share of new levels, and N_ERRORS standard errors of seeing it in as many rows."""
    import pandas as pd

    codes, n_all = rows.codes[column], int(units.max(initial=0)) + 1
    pairs = pd.unique((codes * n_all + units)[codes >= 0])
    n_units = np.bincount(pairs // n_all, minlength=int(codes.max(initial=0)) + 1)
    expected = float((n_units[codes[codes >= 0]] == 1).sum()) / max(rows.n_rows, 1)
    sizes = np.bincount(units).astype(np.float64)
    n_other = len(rows.other_frame) if rows.other_frame is not None else 1
    n_alone = n_other * sizes.sum() / (sizes**2).sum()  # rows of one unit come together (Kish's effective size)
    spread = max(expected * (1 - expected), MIN_EXPECTED_ROWS / n_other)
    return expected + N_ERRORS * math.sqrt(spread / max(n_alone, 1.0))


def _units(rows: TrainingRows) -> NDArray[np.int64]:
    """Number what comes together: declared groups, or equal rows that are few enough to stay on one side."""
    import pandas as pd

    group = next((c.name for c in rows.schema.columns if c.role == "group"), None)
    codes = np.asarray(pd.factorize(rows.row_hashes if group is None else rows.frame[group])[0], dtype=np.int64)
    if group is not None:
        return codes
    n_twins = np.bincount(codes)[codes]
    common = n_twins > max(FEW_TWINS, TWINS_SHARE * rows.n_rows)
    return np.unique(np.where(common, len(codes) + np.arange(len(codes)), codes), return_inverse=True)[1]


def _new_classes(rows: TrainingRows) -> tuple[Finding, ...]:
    if rows.is_regression or rows.other_frame is None or rows.other_target is None:
        return ()
    from autorecipe.data.cells import to_categories

    target = rows.schema.column(rows.schema.target)
    labels = to_categories(rows.other_frame[target.name], target)[rows.other_target < 0]
    known = [label for label in labels if label]
    if not known:
        return ()
    new = sorted(set(known))
    share = len(known) / len(rows.other_target)
    return (
        Finding(
            code=CODE,
            severity="stop" if are_given(rows) else "warn",
            title=TITLE,
            message=f"{plural(len(known), 'row')} of the others ({percent(share)}; limit 0) hold a {name(target.name)}"
            f" that no training row has: {names(new)}",
            measured=share,
            limit=0.0,
            action="ask",
            remedy="leave these rows out, or give training rows of the class; --allow D027 goes on regardless",
            fixes=(Fix(kind="ask", columns=(target.name,), values=tuple(new), flag="--allow D027"),),
            quoted=tuple(new[:N_NAMES]),
        ),
    )


def _finding(shares: dict[str, float], severity: Severity, where: str) -> tuple[Finding, ...]:
    if not shares:
        return ()
    columns = tuple(sorted(shares, key=lambda c: -shares[c]))
    odd = severity == "warn"
    limit = MIN_SHARE if odd else MIN_USUAL_SHARE
    reason = "more than the training rows lead to expect" if odd else "as expected of so many levels"
    return (
        Finding(
            code=CODE,
            severity=severity,
            title=TITLE,
            message=f"levels that no training row has, in {where}:"
            f" {names(columns, [percent(shares[c]) for c in columns])}; {reason}; limit {percent(limit)}",
            columns=columns,
            measured=shares[columns[0]],
            limit=limit,
            action="regroup",
            remedy="they share one bucket with rare levels"
            + (f"; look how {name(columns[0])} is spelled there" if odd else "")
            + "; --drop COLUMN leaves one out",
            fixes=drop_columns(columns),
        ),
    )


CHECK = Check(
    code=CODE, title=TITLE, question="Do validation or test rows hold levels never seen in training?", run=find
)
