"""Copies of training rows among the validation and test rows.

What it looks for: validation and test rows that are equal to a training row in every feature and, where it is
known, in the target.

Why it matters: the model has seen the answer, so the score flatters it.

How to read it: AutoRecipe's own split keeps copies together, so this speaks of a test file of yours, or of a
split by time or group that separates copies. Remove the copies from the test file; `--allow D016` goes on
regardless.

Limits: any is said, above 1 % of the rows it is a warning. A test file stops above 5 % (deepchecks
TrainTestSamplesMix), when that is more than twice the share of copies within the training rows: tables with
natural copies have them everywhere.
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.d015_duplicate_rows import with_target
from autorecipe.checks.drift import OTHER_TABLE, are_given
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import percent, plural
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D016"
TITLE = "Duplicates across the split"
WARN_SHARE = 0.01  # of the other rows
STOP_SHARE = 0.05  # of the other rows
NATURAL_FACTOR = 2.0  # times the share of copies within the training rows


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the number of copies.

    Raises
    ------
    NotApplicable
        When there are no validation or test rows to compare with.
    """
    if rows.other_frame is None or not len(rows.other_frame):
        raise NotApplicable("no validation or test rows apart from the training rows")
    ours, theirs = rows.row_hashes, rows.other_row_hashes
    if rows.other_target is not None:
        ours, theirs = with_target(ours, rows.target), with_target(theirs, rows.other_target)
    n_copies = int(np.isin(theirs, ours).sum())
    if n_copies == 0:
        return ()
    share = n_copies / len(theirs)
    natural_share = 1 - len(np.unique(ours)) / len(ours)
    certain = are_given(rows) and share > max(STOP_SHARE, NATURAL_FACTOR * natural_share)
    limit = STOP_SHARE if certain else WARN_SHARE
    return (
        Finding(
            code=CODE,
            severity="stop" if certain else ("warn" if share > WARN_SHARE else "info"),
            title=TITLE,
            message=f"copies of training rows: {_called(n_copies, rows)} ({percent(share)}; limit {percent(limit)})",
            measured=share,
            limit=limit,
            action="ask",
            remedy=_remedy(rows, certain=certain),
            fixes=(Fix(kind="ask", flag=f"--allow {CODE}"),) if certain else (),
        ),
    )


def _called(n_copies: int, rows: TrainingRows) -> str:
    if rows.is_against:
        return f"{plural(n_copies, 'row')} of the {OTHER_TABLE}"
    return plural(n_copies, "test row" if rows.config.test_path else "validation or test row")


def _remedy(rows: TrainingRows, *, certain: bool) -> str:
    if certain:
        where = OTHER_TABLE if rows.is_against else "test file"
        return f"remove them from the {where}, or --allow {CODE}"
    if rows.is_against:
        return "a score on that table flatters a model of these rows that much"
    return "the scores flatter the model that much"


CHECK = Check(code=CODE, title=TITLE, question="Were validation or test rows seen in training?", run=find)
