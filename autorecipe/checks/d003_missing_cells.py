"""Columns with missing cells, and whether being missing predicts the target.

What it looks for: the share of missing cells of each feature, the out-of-fold score of the mark "this cell is
missing" taken alone, and features that are missing in exactly the same rows.

Why it matters: above 95 % there is almost nothing to learn from, unless being missing is itself the
information ("no second phone number"). Where it predicts, make sure that cells are missing for the same
reason when the model is used: a form filled in only after the outcome leaks it.

How to read it: columns above 95 % are left out, unless being missing predicts; `--keep COLUMN` keeps one. All
other columns are imputed and get a mark that the network sees, so their missing cells are no problem in
themselves.

Limits: 95 % and 50 % (EvalML's NullDataCheck and imputation rule; ydata-profiling's 1 % fires on almost every
table). The mark must lie beyond chance (Bonferroni over the columns) and reach AUC 0.55 or R2 0.01 to be
worth a sentence. Gaps in common are said from 1 % of the rows, 10 at least (choice).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from autorecipe.checks.check import Check
from autorecipe.checks.mending import drop_columns, leave_out
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.single_feature import chance_z
from autorecipe.checks.wording import name, names, percent
from autorecipe.data.cells import NULL_TOKENS, to_text
from autorecipe.record.finding import Finding

if TYPE_CHECKING:
    import pandas as pd

CODE = "D003"
TITLE = "Missing cells"
MOSTLY_MISSING = 0.95  # share of the rows
HALF_MISSING = 0.5  # share of the rows
TELLING_AUC = 0.55  # of the mark "missing"; below, the sentence is not worth reading
TELLING_R2 = 0.01
MIN_TOGETHER, MIN_ROWS_TOGETHER = 0.01, 10  # share of the rows, and rows, that are missing in common; choice
N_GROUPS = 3  # named


def missing_share(rows: TrainingRows, column: str) -> float:
    """Return the share of a feature's cells that are missing."""
    return float(rows.features.missing[column].mean())


def empty_columns(rows: TrainingRows) -> tuple[str, ...]:
    """Return the columns that the schema left out because no cell of theirs holds anything."""
    asked = {c.strip() for c in rows.config.drop}
    left_out = (c for c in rows.schema.columns if c.role == "dropped" and c.name.strip() not in asked)
    return tuple(c.name for c in left_out if _is_empty(rows.frame[c.name]))


def _is_empty(cells: pd.Series) -> bool:
    return {text.strip().casefold() for text in to_text(cells)} <= set(NULL_TOKENS)


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return up to four findings: columns left out, half empty ones, those whose gaps predict, and gaps in common."""
    shares = {c.name: missing_share(rows, c.name) for c in rows.columns}
    shares |= dict.fromkeys(empty_columns(rows), 1.0)
    telling = _telling(rows)
    empty = {c: s for c, s in shares.items() if s > MOSTLY_MISSING and c not in telling}
    half = {c: s for c, s in shares.items() if s > HALF_MISSING and c not in telling and c not in empty}
    return (*_left_out(empty), *_half_empty(half), *_predicting(rows, telling), *_together(rows))


def _telling(rows: TrainingRows) -> dict[str, float]:
    limit = chance_z(len(rows.columns))
    least = TELLING_R2 if rows.is_regression else TELLING_AUC
    return {c: s.value for c, s in rows.missing_scores.items() if s.z > limit and s.value >= least}


def _left_out(shares: dict[str, float]) -> tuple[Finding, ...]:
    if not shares:
        return ()
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message="missing in nearly every row:"
            f" {names(tuple(shares), [percent(s) for s in shares.values()])};"
            f" limit {percent(MOSTLY_MISSING)}",
            columns=tuple(shares),
            measured=max(shares.values()),
            limit=MOSTLY_MISSING,
            action="drop",
            remedy="left out of the features; --keep COLUMN keeps one",
            fixes=leave_out(tuple(shares)),
        ),
    )


def _half_empty(shares: dict[str, float]) -> tuple[Finding, ...]:
    if not shares:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"missing in most rows: {names(tuple(shares), [percent(s) for s in shares.values()])};"
            f" limit {percent(HALF_MISSING)}",
            columns=tuple(shares),
            measured=max(shares.values()),
            limit=HALF_MISSING,
            action="impute",
            remedy="imputed, with a mark that the network sees; --drop COLUMN leaves one out",
            fixes=drop_columns(shares),
        ),
    )


def _predicting(rows: TrainingRows, telling: dict[str, float]) -> tuple[Finding, ...]:
    if not telling:
        return ()
    metric, least = ("R2", TELLING_R2) if rows.is_regression else ("AUC", TELLING_AUC)
    columns = tuple(sorted(telling, key=lambda c: -telling[c]))
    notes = [f"{percent(missing_share(rows, c))} missing, {metric} {telling[c]:.2f}" for c in columns]
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"being missing predicts {name(rows.schema.target)}: {names(columns, notes)};"
            f" worth naming from {metric} {least}",
            columns=columns,
            measured=telling[columns[0]],
            limit=least,
            action="impute",
            remedy="imputed, with a mark that the network sees; check that cells are missing for the same"
            " reason when you predict",
            fixes=drop_columns(columns),
        ),
    )


def _together(rows: TrainingRows) -> tuple[Finding, ...]:
    by_mask: dict[bytes, list[str]] = defaultdict(list)
    for column, mask in rows.features.missing.items():
        if MIN_TOGETHER * rows.n_rows <= mask.sum() < rows.n_rows and mask.sum() >= MIN_ROWS_TOGETHER:
            by_mask[hashlib.blake2b(np.packbits(mask).tobytes(), digest_size=16).digest()].append(column)
    groups = sorted((tuple(same) for same in by_mask.values() if len(same) > 1), key=len, reverse=True)
    if not groups:
        return ()
    shown = "; ".join(f"{names(same)} ({percent(missing_share(rows, same[0]))})" for same in groups[:N_GROUPS])
    more = f"; and {len(groups) - N_GROUPS} more groups" if len(groups) > N_GROUPS else ""
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"missing in exactly the same rows: {shown}{more}; named from {percent(MIN_TOGETHER)} of the rows",
            columns=tuple(column for same in groups for column in same),
            measured=missing_share(rows, groups[0][0]),
            limit=MIN_TOGETHER,
            action="impute",
            remedy="imputed; they were not recorded together, so one mark says it for all",
        ),
    )


CHECK = Check(code=CODE, title=TITLE, question="Are cells missing, and does that predict the target?", run=find)
