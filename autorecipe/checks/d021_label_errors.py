"""Labels that look wrong.

What it looks for: rows that a linear model of all columns (ranks of the numbers, their squares, frequent levels), which
has not learned from them, takes for another class, so surely that the label is more likely wrong than right. Their
number is held against how many such rows the model's own probabilities lead to expect: surprising rows are normal.

Why it matters: a network of enough parameters learns wrong labels by heart, and wrong labels in the validation rows
hide what a change is worth.

How to read it: look at the rows named, the surest first, and correct those that are wrong. Hard rows are among them:
nothing is changed by itself.

Limits: more than 1 % of the rows beyond those expected is said, 5 % is a warning, both beyond 4 standard errors and
from 3 rows. Confident learning (Northcutt, Jiang and Chuang 2021) by a share of wrong labels that is estimated beside
the probabilities, at least 3.3 %, the mean of ten public test sets (Northcutt, Athalye and Mueller 2021). Not asked
where the model ranks classes below a ROC AUC of 0.7, and not for classes of fewer than 20 rows.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.telling_apart import describe_levels, describe_numbers
from autorecipe.checks.wording import name, percent, plural
from autorecipe.run import Finding

CODE = "D021"
TITLE = "Labels that look wrong"
INFO_SHARE, WARN_SHARE = 0.01, 0.05  # of the rows, beyond those expected
N_ERRORS = 4.0  # standard errors of a count
MIN_SUSPECTS = 3
COMPARED_ROWS = 5_000
MAX_COLUMNS = 200  # the best by their own score: the model's cost grows with their square
N_ROWS_SHOWN = 10
N_SHOWN = 2  # pairs of classes named


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the rows whose label looks wrong.

    Raises
    ------
    NotApplicable
        For a regression, and where no simple model can tell the classes apart.
    """
    if rows.is_regression:
        raise NotApplicable("the target is a number")
    from autorecipe.profile.label_errors import find_suspects

    places = np.sort(np.random.default_rng(rows.config.seed).permutation(len(rows.scored_rows))[:COMPARED_ROWS])
    seen = rows.scored_rows[places]
    features, labels = _described(rows, seen), rows.target[seen].astype(np.int64)
    suspects = None
    if features.shape[1]:
        suspects = find_suspects(features, labels, rows.folds[places], len(rows.schema.classes))
    if suspects is None:
        raise NotApplicable("no simple model tells the classes apart well enough to doubt a label")
    n, expected = len(suspects.places), suspects.n_expected
    excess = (n - expected) / len(seen)
    if n < MIN_SUSPECTS or excess <= INFO_SHARE or n <= expected + N_ERRORS * math.sqrt(expected + 1):
        return ()
    severe = excess > WARN_SHARE
    pairs = Counter(zip(labels[suspects.places].tolist(), suspects.looks_like.tolist(), strict=True))
    said = [
        f"{k} labelled {name(rows.schema.classes[i])} like {name(rows.schema.classes[j])}"
        for (i, j), k in pairs.most_common(N_SHOWN)
    ]
    return (
        Finding(
            code=CODE,
            severity="warn" if severe else "info",
            title=TITLE,
            message=f"{plural(n, 'label')} of {len(seen):,} look wrong ({expected:,.0f} expected; limit"
            f" {percent(WARN_SHARE if severe else INFO_SHARE)} beyond them): {', '.join(said)}; to a linear model that"
            f" is right on {percent(suspects.accuracy)}",
            columns=(),
            measured=excess,
            limit=WARN_SHARE if severe else INFO_SHARE,
            remedy="look at the rows named, the surest first; nothing is changed by itself",
            rows=tuple(int(r) for r in rows.row_numbers[seen[suspects.places[:N_ROWS_SHOWN]]]),
        ),
    )


def _described(rows: TrainingRows, places: np.ndarray) -> np.ndarray:
    candidates = [c.name for c in rows.columns if c.kind in ("numeric", "datetime", "categorical", "boolean")]
    best = sorted(candidates, key=lambda c: -rows.scores[c].z if c in rows.scores else 0.0)[:MAX_COLUMNS]
    parts = [
        describe_numbers(rows.features.numbers[c][places])
        if c in rows.features.numbers
        else describe_levels(rows.features.categories[c][places])
        for c in best
    ]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(places), 0), dtype=np.float32)


CHECK = Check(code=CODE, title=TITLE, question="Do labels look wrong?", run=find, max_rows=COMPARED_ROWS)
