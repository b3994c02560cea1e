"""The target is nearly the sum or difference of a few columns.

What it looks for: two to four columns of numbers that, added or subtracted with no factor but 1 and -1, give a
target that is a number: a total less its tips and tolls, or a total of its parts. The columns are picked one
after the other: each time the one that explains most of what is left (orthogonal matching pursuit, Pati et al. 1993).

Why it matters: who knows the total knows the fare. A model that finds the sum looks perfect, and fails where
the total is not known yet.

How to read it: "without" says how far the other columns come alone: the relation breaks without the column that
is named first. Leave it out with `--drop COLUMN`, or go on with `--allow D041:COLUMN` if all are known when you
predict. Where the target is itself the total, all its parts are named.

Limits: the sum must explain the target with an R2 of 0.98 at least, by the lower end of its 95 % interval, as a
column that tells the target alone (D013). The factors are exactly 1 and -1, which laws of physics seldom have. A column
whose factor by least squares is further than 0.2 from these is no part of it (choice: surcharges that are not in the
table shift it). Without the column that is needed most, R2 must fall below the limit. Columns that D013 stops on
already are not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.d013_target_leakage import STOP_LIMIT
from autorecipe.checks.mending import ask, drop_columns
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.single_feature import MIN_ROWS, Z_95
from autorecipe.checks.wording import flag_value, name
from autorecipe.record.finding import Finding

CODE = "D041"
TITLE = "Target is a sum"
MAX_ROWS = 5_000
MAX_CELLS = 5_000_000  # of the columns searched: fewer rows where there are more than 1,000 columns
R2_LIMIT = STOP_LIMIT  # lower 95 % bound
MAX_PICKED = 8  # columns in the search: some turn out to add nothing
MAX_TERMS = 4  # of the sum
TOLERANCE = 0.2  # of a factor of least squares
WORTH_A_TERM = 0.5  # of the error that a further column must leave at most; choice
MIN_PRESENT = 0.95  # of the cells of a column
MIN_CLASSES = 3  # of numbers that are taken for classes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A sum that nearly is the target.

    Attributes
    ----------
    columns : tuple of str
        The one that is needed most first.
    signs : tuple of int
        1 or -1 of each.
    r2, lower : float
        R2 and the lower end of its 95 % interval.
    without : tuple of float
        R2 of what least squares makes of the other columns, for each.
    """

    columns: tuple[str, ...]
    signs: tuple[int, ...]
    r2: float
    lower: float
    without: tuple[float, ...]

    @property
    def known_afterwards(self) -> tuple[str, ...]:
        """The columns to ask about: the total that holds the target, or the parts of the target."""
        added = [c for c, sign in zip(self.columns, self.signs, strict=True) if sign > 0]
        if len(added) == len(self.columns):
            return self.columns
        return tuple(added) if len(added) == 1 else self.columns[:1]

    def __str__(self) -> str:
        """Write the sum, added columns first."""
        terms = sorted(zip(self.columns, self.signs, strict=True), key=lambda term: -term[1])
        text = "".join(f" {'+' if sign > 0 else '-'} {name(column)}" for column, sign in terms)
        return text.removeprefix(" + ").strip()


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one stop with the columns of the sum.

    Raises
    ------
    NotApplicable
        When the target is no number, or there are fewer than two columns of numbers or 50 rows.
    """
    target = _numbers(rows)
    candidates = [c for c in rows.of_kind("numeric") if _is_candidate(rows, c)]
    if len(candidates) < 2 or len(target) < MIN_ROWS:
        raise NotApplicable("fewer than two columns of numbers" if len(target) >= MIN_ROWS else f"{rows.n_rows} rows")
    n = max(min(MAX_ROWS, MAX_CELLS // len(candidates)), MIN_ROWS)
    places = np.sort(np.random.default_rng(rows.config.seed).permutation(len(target))[:n])
    x = np.column_stack([rows.features.numbers[c][places] for c in candidates])
    found = find_sum(x, target[places], candidates)
    return () if found is None else (_finding(rows, found),)


def _numbers(rows: TrainingRows) -> Floats:
    if rows.is_regression:
        return rows.target.astype(np.float64)
    try:
        labels = np.array([float(label) for label in rows.schema.classes])
    except ValueError:
        labels = np.zeros(0)
    if len(labels) < MIN_CLASSES:
        raise NotApplicable("the target is no number")
    return np.asarray(labels[rows.target.astype(np.int64)])


def _is_candidate(rows: TrainingRows, column: str) -> bool:
    numbers = rows.features.numbers[column]
    finite = np.isfinite(numbers)
    tells_alone = column in rows.scores and rows.scores[column].lower >= STOP_LIMIT
    return bool(finite.mean() >= MIN_PRESENT and np.ptp(numbers[finite]) > 0) and not tells_alone


def find_sum(x: Floats, y: Floats, columns: Sequence[str]) -> Sum | None:
    """Look for a sum of two to four columns that nearly is a target; None without any.

    Parameters
    ----------
    x : float ndarray, shape (n, n_columns)
        NaN where a cell is missing.
    y : float ndarray, shape (n,)
    columns : sequence of str
        Names of the columns of `x`.
    """
    centre = np.nanmean(x, axis=0)
    filled = np.where(np.isfinite(x), x, centre) - centre
    left, picked = y - y.mean(), list[int]()
    best: Sum | None = None
    norms = np.sqrt((filled**2).sum(axis=0)) + 1e-300
    for _ in range(min(MAX_PICKED, x.shape[1])):
        alike = np.abs(left @ filled) / norms
        alike[picked] = -1.0
        picked.append(int(alike.argmax()))
        factors = np.linalg.lstsq(filled[:, picked], y - y.mean(), rcond=None)[0]
        left = y - y.mean() - filled[:, picked] @ factors
        found = _as_sum(x, y, [(i, f) for i, f in zip(picked, factors, strict=True)], columns)
        if found is not None and (best is None or 1 - found.r2 < WORTH_A_TERM * (1 - best.r2)):
            best = found
    return best


def _as_sum(x: Floats, y: Floats, terms: list[tuple[int, float]], columns: Sequence[str]) -> Sum | None:
    near = [(i, int(np.sign(f))) for i, f in terms if abs(abs(f) - 1) <= TOLERANCE]
    if not 2 <= len(near) <= MAX_TERMS:
        return None
    places = [i for i, _ in near]
    complete = np.isfinite(x[:, places]).all(axis=1)
    x, y = x[complete][:, places], y[complete]
    r2, lower = _r2(y, y - x @ np.array([sign for _, sign in near], dtype=np.float64))
    if lower < R2_LIMIT:
        return None
    without = [_best_r2(np.delete(x, j, axis=1), y) for j in range(len(places))]
    if min(without) >= R2_LIMIT:
        return None
    order = np.argsort(without, kind="stable")
    return Sum(
        columns=tuple(columns[places[j]] for j in order),
        signs=tuple(near[j][1] for j in order),
        r2=r2,
        lower=lower,
        without=tuple(without[j] for j in order),
    )


def _r2(y: Floats, left: Floats) -> tuple[float, float]:
    deviation, error = (y - y.mean()) ** 2, (left - left.mean()) ** 2
    value = 1 - error.sum() / max(deviation.sum(), 1e-300)
    influence = (error - (1 - value) * deviation) / max(deviation.mean(), 1e-300)
    return float(value), float(value - Z_95 * influence.std() / math.sqrt(len(y)))


def _best_r2(x: Floats, y: Floats) -> float:
    design = np.column_stack([x, np.ones(len(x))])
    return _r2(y, y - design @ np.linalg.lstsq(design, y, rcond=None)[0])[0]


def _finding(rows: TrainingRows, found: Sum) -> Finding:
    asked = found.known_afterwards
    drop = " ".join(f"--drop {flag_value(c)}" for c in asked)
    allow = " ".join(f"--allow {flag_value(f'{CODE}:{c}')}" for c in asked)
    without = found.without[found.columns.index(asked[0])]
    return Finding(
        code=CODE,
        severity="stop",
        title=TITLE,
        message=f"{name(rows.schema.target)} is nearly {found}: R2 {found.r2:.3f}, at least {found.lower:.3f} (limit"
        f" {R2_LIMIT}); without {name(asked[0])} {without:.3f}",
        columns=asked,
        measured=found.lower,
        limit=R2_LIMIT,
        action="ask",
        remedy=f"{drop} if not known when you predict, else {allow}",
        fixes=(*drop_columns(asked), *ask(allow, *asked)),
    )


CHECK = Check(
    code=CODE,
    title=TITLE,
    question="Is the target the sum or difference of a few columns?",
    run=find,
    max_rows=MAX_ROWS,
)
