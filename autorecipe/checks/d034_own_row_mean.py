"""A column is the mean of the target over groups of rows, the row itself included.

What it looks for: columns of numbers whose value is, for the rows that share it, closer to the mean of their
target than the mean of other rows could be. For classes, their shares.

Why it matters: such a column was computed from the answers, the row's own among them: in small groups it tells
the answer. New rows have no such value, so the score here is not reached in use. It comes from replacing a
category by its mean target (target encoding) before the rows were split.

How to read it: a mean of few rows differs by chance from a value that was computed without them. "0.2 of what
chance leaves" means that the squared differences are a fifth of that: too close to be chance. Leave the column
out, `--drop COLUMN`, and give the category itself: the networks learn what it means, from training rows alone. If
the means come from other rows (last year's), they are not that close, and are not reported.

Limits: at most half of what chance leaves (choice: with 85 % of the file to learn from, and means over all of
it, 0.15 is expected), at least 20 groups of two rows or more, and a probability of at most 0.001 over all
columns by the chi-squared distribution (Bonferroni). Columns that D013 reports already are not repeated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.cheap_model import outputs
from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.d013_target_leakage import WARN_LIMIT
from autorecipe.checks.mending import drop_columns
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import flag_value, name, names
from autorecipe.record.finding import Finding

CODE = "D034"
TITLE = "Means of the target"
MIN_GROUPS = 20
RATIO_LIMIT = 0.5  # of the squared distance that chance leaves
CHANCE = 0.001  # of any column of noise
NO_NOISE = 1e-9  # of the target's variance within groups: the value is then the target itself, as D013 says

Floats = NDArray[np.float64]


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the columns that are means of the target.

    Raises
    ------
    NotApplicable
        When there is no column of numbers.
    """
    columns = rows.of_kind("numeric")
    if not columns:
        raise NotApplicable("no column of numbers")
    targets = rows.target.astype(np.float64)[:, None] if rows.is_regression else outputs(rows)
    reported = {c for c, score in rows.scores.items() if score.lower >= WARN_LIMIT}
    n_tried = len(columns) * targets.shape[1]
    ratios = {}
    for column in columns:
        if column not in reported:
            tried = [closeness(rows.features.numbers[column], y, n_tried=n_tried) for y in targets.T]
            ratios[column] = min(tried)
    found = {c: ratio for c, ratio in sorted(ratios.items(), key=lambda item: item[1]) if ratio <= RATIO_LIMIT}
    return _finding(rows, found) if found else ()


def closeness(values: Floats, target: Floats, *, n_tried: int) -> float:
    """Return how close values are to the mean target of the rows that share them, 1 being what chance leaves.

    Infinite where that cannot be said: too few groups, no noise within them, or not beyond chance.

    Parameters
    ----------
    values, target : float ndarray, shape (n,)
    n_tried : int
        Pairs of a column and a target that are looked at.
    """
    from scipy.special import chdtr

    known = np.isfinite(values)
    low, high = target.min(initial=np.inf), target.max(initial=-np.inf)
    if not known.any() or values[known].min() < low or values[known].max() > high:
        return np.inf  # a mean lies between the values
    distinct, codes, sizes = np.unique(values[known], return_inverse=True, return_counts=True)
    shared = sizes >= 2
    n_groups, y = int(shared.sum()), target[known]
    if n_groups < MIN_GROUPS:
        return np.inf
    means = np.bincount(codes, weights=y) / sizes
    within = float(((y - means[codes]) ** 2).sum() / max(len(y) - len(distinct), 1))
    if within <= NO_NOISE * float(y.var()):
        return np.inf
    distance = float((sizes * (means - distinct) ** 2)[shared].sum()) / within
    is_chance = chdtr(n_groups, distance) > CHANCE / n_tried
    return np.inf if is_chance else distance / n_groups


def _finding(rows: TrainingRows, found: dict[str, float]) -> tuple[Finding, ...]:
    columns = tuple(found)
    drop = " ".join(f"--drop {flag_value(c)}" for c in columns)
    notes = [f"{ratio:.2f} of what chance leaves" for ratio in found.values()]
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"means of {name(rows.schema.target)} that the rows themselves went into: {names(columns, notes)};"
            f" limit {RATIO_LIMIT}",
            columns=columns,
            measured=found[columns[0]],
            limit=RATIO_LIMIT,
            action="ask",
            remedy=f"give the category instead, and {drop}",
            fixes=drop_columns(columns),
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Is a column a mean of the target over the rows themselves?", run=find)
