"""Labels that look wrong.

What it looks for: rows whose label two simple models doubt. First a linear model of all columns, which has not learned
from these rows, must be so sure of another class that the label is more likely wrong than right. Some such rows are
normal, and the model's own probabilities say how many: only more than that count. A small forest, which sees what a
line does not, must then doubt the label as well.

Why it matters: a network of enough parameters learns wrong labels by heart, and wrong labels in the validation rows
hide what a change is worth.

How to read it: look at the rows named, the surest first, and correct those that are wrong. Hard rows are among them:
nothing is changed by itself.

Limits: more than 1 % of the rows beyond those expected is said, 5 % is a warning, both beyond 4 standard errors and
from 3 rows. Confident learning (Northcutt, Jiang and Chuang 2021) by a share of wrong labels that is estimated beside
the probabilities, at least 3.3 %, the mean of ten public test sets (Northcutt, Athalye and Mueller 2021). The forest
gives such a label less than 0.1, or than twice the share of wrong labels (chosen on public tables as they are: the line
alone reported 4 of 16, and both together none of those four). Not asked where the line ranks classes below a ROC AUC of
0.7, and not for classes of fewer than 20 rows.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.cheap_model import model_rows, out_of_fold
from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.telling_apart import describe_levels, describe_numbers
from autorecipe.checks.wording import name, percent, plural
from autorecipe.listing import some_of
from autorecipe.record.finding import Finding

CODE = "D021"
TITLE = "Labels that look wrong"
INFO_SHARE, WARN_SHARE = 0.01, 0.05  # of the rows, beyond those expected
N_ERRORS = 4.0  # standard errors of a count
MIN_SUSPECTS = 3
COMPARED_ROWS = 5_000
MAX_COLUMNS = 200  # the best by their own score: the model's cost grows with their square
FOREST_DOUBT = 0.1  # of the label, by the share of trees
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
    expected = suspects.n_expected
    if not _is_excess(len(suspects.places), expected, len(seen)):
        return ()
    said = _forest_says(rows, seen, rows.folds[places])[suspects.places]
    agreed = np.flatnonzero(said < max(FOREST_DOUBT, 2 * suspects.noise_share))
    n = len(agreed)
    if not _is_excess(n, expected, len(seen)):
        return ()
    excess, doubted = (n - expected) / len(seen), suspects.places[agreed]
    severe = excess > WARN_SHARE
    pairs = Counter(zip(labels[doubted].tolist(), suspects.looks_like[agreed].tolist(), strict=True))
    texts = [
        f"{k} labelled {name(rows.schema.classes[i])} like {name(rows.schema.classes[j])}"
        for (i, j), k in pairs.most_common()
    ]
    shown = some_of(texts, N_SHOWN, of="pairs of classes")
    return (
        Finding(
            code=CODE,
            severity="warn" if severe else "info",
            title=TITLE,
            message=f"{plural(n, 'label')} of {len(seen):,} look wrong ({expected:,.0f} expected; limit"
            f" {percent(WARN_SHARE if severe else INFO_SHARE)} beyond them): {shown}; to two simple models,"
            f" of which the linear one is right on {percent(suspects.accuracy)}",
            measured=excess,
            limit=WARN_SHARE if severe else INFO_SHARE,
            action="look",
            remedy="look at the rows named, the surest first; nothing is changed by itself",
            rows=tuple(int(r) for r in rows.row_numbers[seen[doubted[:N_ROWS_SHOWN]]]),
        ),
    )


def _is_excess(n: int, expected: float, n_rows: int) -> bool:
    beyond_noise = n > expected + N_ERRORS * math.sqrt(expected + 1)
    return n >= MIN_SUSPECTS and (n - expected) / n_rows > INFO_SHARE and beyond_noise


def _forest_says(rows: TrainingRows, seen: NDArray[np.int64], folds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the probability that a small forest, which has not learned from a row, gives its label."""
    labels = rows.target[seen].astype(np.int64)
    data = dataclasses.replace(model_rows(rows, seen), y=np.eye(len(rows.schema.classes))[labels])
    return out_of_fold(data, folds, seed=rows.config.seed)[np.arange(len(seen)), labels]


def _described(rows: TrainingRows, places: NDArray[np.int64]) -> NDArray[np.float32]:
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
