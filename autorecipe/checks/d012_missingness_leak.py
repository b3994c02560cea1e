"""The target shows in how a cell is written: missing or not, or with how many decimals.

What it looks for: the out-of-fold score of two marks of each column, each taken alone: "this cell is
missing", and the number of decimals of a number.

Why it matters: a cell that is filled in only after the outcome, or data of two sources joined with the
outcome as the only difference, gives the answer away. New rows will not have it.

How to read it: ask how the column is filled in. `--drop COLUMN` leaves it out. Columns that D013 reports
already are not repeated, and decimals count only where they predict better than the value itself.

Limits: by the lower end of the 95 % interval: AUC 0.925 (DataRobot's moderate leak, normalised Gini 0.85), R2
0.85. Missing cells that are legitimately known when the model is used seldom reach them. Nothing is reported
below what the best of as many columns of noise reaches in 99.9 % of cases, measured by shuffling the target.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check
from autorecipe.checks.d013_target_leakage import WARN_LIMIT
from autorecipe.checks.mending import drop_columns
from autorecipe.checks.rows import SCORED_ROWS, TrainingRows
from autorecipe.checks.single_feature import Feature, Score, score_classes, score_number
from autorecipe.checks.wording import flag_value, name, names
from autorecipe.data.cells import to_text
from autorecipe.record.finding import Finding

CODE = "D012"
TITLE = "Leak by missing cells or format"
AUC_LIMIT = 0.925  # lower 95 % bound
R2_LIMIT = 0.85  # lower 95 % bound
MAX_DECIMALS = 9  # of floats: more are as many as fit
ROUNDING = 1e-12  # relative: float64 holds some 16 digits
SCREENED_ROWS = 500  # reading the text of cells is slow: all rows only where these reach half-way to the limit


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding for the missing cells and one for the decimals."""
    reported = {c for c, score in rows.scores.items() if score.lower >= WARN_LIMIT}
    gaps = {c: s for c, s in rows.missing_scores.items() if c not in reported}
    decimals = {
        c: s
        for c, s in rows.score_each(_decimals(rows)).items()
        if c not in reported and c not in gaps and c in rows.scores and s.lower > rows.scores[c].value
    }
    return (
        *_finding(rows, gaps, what="whether a cell is missing"),
        *_finding(rows, decimals, what="the number of decimals"),
    )


def _decimals(rows: TrainingRows) -> dict[str, Feature]:
    """Return the number of decimals of each column where a few rows say that they might predict."""
    few = np.linspace(0, len(rows.scored_rows) - 1, min(SCREENED_ROWS, len(rows.scored_rows))).astype(np.int64)
    marks = {}
    for column in rows.of_kind("numeric"):
        numbers = rows.features.numbers[column][rows.scored_rows]
        if np.all(numbers[np.isfinite(numbers)] % 1 == 0) or not _may_predict(rows, column, few):
            continue
        marks[column] = _counted_decimals(rows, column, rows.scored_rows)
    return marks


def _may_predict(rows: TrainingRows, column: str, few: NDArray[np.int64]) -> bool:
    mark = _counted_decimals(rows, column, rows.scored_rows[few])
    if len(np.unique(mark.codes)) < 2:
        return False
    target, folds = rows.target[rows.scored_rows[few]], rows.folds[few]
    if rows.is_regression:
        score = score_number(mark, target.astype(np.float64), folds)
        return score is None or score.value >= R2_LIMIT / 2
    score = score_classes(mark, target.astype(np.int64), folds)
    return score is None or score.value >= (0.5 + AUC_LIMIT) / 2


def _counted_decimals(rows: TrainingRows, column: str, places: NDArray[np.int64]) -> Feature:
    cells = rows.frame[column].iloc[places]
    if cells.dtype.kind == "f":
        return Feature(codes=_decimals_of_floats(cells.to_numpy(dtype=np.float64)))
    return Feature(codes=np.array([len(text.strip().partition(".")[2]) for text in to_text(cells)], dtype=np.int64))


def _decimals_of_floats(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count the decimals of numbers whose text is not known, up to MAX_DECIMALS."""
    finite = np.where(np.isfinite(numbers), numbers, 0.0)
    codes = np.full(len(numbers), MAX_DECIMALS, dtype=np.int64)
    for n_decimals in reversed(range(MAX_DECIMALS)):
        scaled = finite * 10.0**n_decimals
        codes[np.abs(scaled - np.rint(scaled)) <= ROUNDING * np.maximum(np.abs(scaled), 1.0)] = n_decimals
    return codes


def _finding(rows: TrainingRows, scores: dict[str, Score], *, what: str) -> tuple[Finding, ...]:
    metric, limit = ("R2", R2_LIMIT) if rows.is_regression else ("AUC", AUC_LIMIT)
    found = {c: s for c, s in scores.items() if s.lower >= limit}
    if not found or max(s.lower for s in found.values()) < rows.structure.null_band:
        return ()
    found = {c: s for c, s in found.items() if s.lower >= rows.structure.null_band}
    columns = tuple(sorted(found, key=lambda c: -found[c].lower))
    notes = [f"{metric} {found[c].value:.3f}, at least {found[c].lower:.3f}" for c in columns]
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"{what} predicts {name(rows.schema.target)}: {names(columns, notes)}; limit {limit}"
            f" (noise stays below {rows.structure.null_band:.2f})",
            columns=columns,
            measured=found[columns[0]].lower,
            limit=limit,
            action="ask",
            remedy="if it is decided only with the outcome: " + " ".join(f"--drop {flag_value(c)}" for c in columns),
            fixes=drop_columns(columns),
        ),
    )


CHECK = Check(
    code=CODE,
    title=TITLE,
    question="Does the way a cell is written give the target away?",
    run=find,
    max_rows=SCORED_ROWS,
)
