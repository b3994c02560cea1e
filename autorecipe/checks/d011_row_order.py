"""The place of a row in the file, or its id, predicts the target.

What it looks for: the out-of-fold score of the row number taken alone, and of ids that are numbers; and whether
a small forest of all columns does worse where whole stretches of the file are held back than where random rows
are.

Why it matters: a file sorted by the answer trains badly where batches are taken in order, and a part cut off
its end holds other answers than the rest. A file in the order of time, or of places, has neighbours that are
alike: random validation then says more than can be had on rows from elsewhere.

How to read it: rows are shuffled here, and ids are no features, so a file that is only sorted by its answer does no
harm. Whether it is more than that is told by the rows of one answer: where the features change along the file among
these as well, it is in the order of time, of places or of an experiment. Which of them, only you know. If it is that of
time and new rows come later, `--split-by-time COLUMN` tests the model as it will be used; without such a column
`profile DATA --fix --also D011 -o OUT.csv` writes the place of each row into one. Where a number rises or falls along
the whole file, the file is sorted by it, and there is nothing to decide.

Limits: R2 0.05, or ROC AUC 0.525 (deepchecks allows an id no predictive power at all), by the lower end of the
95 % interval, and beyond what the best of as many columns of noise reaches. From a lower end of 0.95 the file
counts as sorted. Stretches must cost two standard errors, and 0.02 of ROC AUC or 5 % of the root mean squared
error, as for dates (D017). The features change where a forest of them explains 10 % of the places among rows of one
answer (of one twentieth of the numbers), out of fold (choice; of 37 public tables, files sorted by their answer alone
have 7 % at most, those in the order of time 40 % or more). A file is sorted by a number whose rank correlation
(Spearman 1904) with the row number is 0.99 or more either way, over 95 % of the rows at least (choice); dates, and
numbers that are called so or count rows, are time. It is a note: half of these tables are in some order, and
later rows of most are predicted as well as random ones (measured); it warns where an id that predicts is used as a
feature. Where D017 or D018 say what the order is, or time is declared, it is not said again.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.cheap_model import MAX_ROWS, Gap, compare, deal_folds, model_rows, out_of_fold
from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.d010_id_columns import UNIQUE_SHARE
from autorecipe.checks.mending import drop_columns
from autorecipe.checks.rows import SCORED_ROWS, TrainingRows
from autorecipe.checks.single_feature import Score, chance_z, number_feature
from autorecipe.checks.time_gap import POINTS_LIMIT, RISE_LIMIT, stretches
from autorecipe.checks.wording import flag_value, name, percent
from autorecipe.data.names import is_date, is_key, word_set, words
from autorecipe.fix import Fix
from autorecipe.record.finding import Finding

CODE = "D011"
TITLE = "Row order"
MIN_ROWS = 100  # choice
AUC_LIMIT = 0.525  # lower 95 % bound: a Gini coefficient of 0.05
R2_LIMIT = 0.05  # lower 95 % bound
SORTED_LIMIT = 0.95  # lower 95 % bound of either, and rank correlation of a number
N_FOLDS = 5
N_BINS = 20  # of a number, within which rows count as of one answer; choice
DRIFT_LIMIT = 0.1  # share of the order that features explain among rows of one answer
SORTED_RANK, SORTED_ROWS = 0.99, 0.95  # rank correlation of a number with the row number, over so many of the rows
_TIMES = word_set("year yr month quarter season week hour minute second epoch cycle step")
ROW_NUMBER = ""  # no column is called so
PLACE = "row_number"  # the column that a fix writes it into


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return a note on the order of the file, and a warning for ids among the features that predict the target.

    Raises
    ------
    NotApplicable
        When there are few rows.
    """
    if rows.n_rows < MIN_ROWS:
        raise NotApplicable(f"{rows.n_rows} rows: fewer than {MIN_ROWS}")
    scores = order_scores(rows)
    beyond = {c: s for c, s in scores.items() if s.lower > _limit(rows) and s.z > chance_z(len(scores))}
    ids = {c: s for c, s in beyond.items() if c != ROW_NUMBER}
    return (*_ids(rows, ids), *(_order(rows, beyond[ROW_NUMBER]) if ROW_NUMBER in beyond else ()))


def order_scores(rows: TrainingRows) -> dict[str, Score]:
    """Score the row number, called "", and the ids among the features that are numbers."""
    features = {ROW_NUMBER: number_feature(rows.row_numbers[rows.scored_rows].astype(np.float64))}
    for column in rows.columns:
        if column.kind == "numeric" and column.name.strip() in {c.strip() for c in rows.config.keep}:
            numbers = rows.features.numbers[column.name]
            if len(rows.counts[column.name]) >= UNIQUE_SHARE * np.isfinite(numbers).sum() and is_key(column.name):
                features[column.name] = number_feature(numbers[rows.scored_rows])
    return rows.score_each(features)


def _ids(rows: TrainingRows, found: dict[str, Score]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"the id {name(column)} is used as a feature and predicts {name(rows.schema.target)}:"
            f" {_metric(rows)} {score.value:.3f}, at least {score.lower:.3f} (limit {_limit(rows)})",
            columns=(column,),
            measured=score.lower,
            limit=_limit(rows),
            action="ask",
            remedy=f"new ids lie beyond these: --drop {flag_value(column)}",
            fixes=drop_columns([column]),
        )
        for column, score in found.items()
    )


def _order(rows: TrainingRows, score: Score) -> tuple[Finding, ...]:
    target, said = name(rows.schema.target), f"{_metric(rows)} {score.value:.3f}, at least {score.lower:.3f}"
    if score.lower >= SORTED_LIMIT and _rises_or_falls(rows):
        message = f"the file is sorted by {target}: the row number alone predicts it: {said} (limit {SORTED_LIMIT})"
        return (_note(message, score, SORTED_LIMIT, remedy="rows are shuffled here; elsewhere, shuffle them first"),)
    if rows.config.split_by_time or rows.structure.group is not None or rows.structure.time is not None:
        return ()
    gap = order_gap(rows)
    lost = gap.rise if gap.is_regression else gap.loose - gap.strict
    if gap.z <= 2 or lost <= (RISE_LIMIT if gap.is_regression else POINTS_LIMIT):
        return ()
    alone = f"the row number alone predicts {target}: {said} (limit {_limit(rows)})"
    by = sorted_by(rows)
    if by:
        message = f"the file is sorted by {name(by)} (rank correlation {SORTED_RANK} or more): {alone}"
        return (_note(message, score, _limit(rows), remedy=_unless_time(by)),)
    explained = explained_beyond_target(rows)
    if explained < DRIFT_LIMIT:
        message = f"{alone}; features say nothing of its place beyond that: what is in order is {target} itself"
        return (_in_time(rows, message, score, before="rows are shuffled here, which is right for a sorted file; "),)
    message = (
        f"{alone}; a small model reaches {gap} on stretches of the file that it has not seen. The features change along"
        f" the file too: among rows of one {target}, they explain {percent(explained)} of its order (limit"
        f" {percent(DRIFT_LIMIT)})"
    )
    return (_in_time(rows, message, score),)


def _in_time(rows: TrainingRows, message: str, score: Score, *, before: str = "") -> Finding:
    """Offer to split by the row number, once a column holds it."""
    flag = f"--split-by-time {flag_value(PLACE)}"
    fix, how = Fix(kind="split by time", columns=(PLACE,), flag=flag), flag
    if PLACE not in {str(column).strip() for column in rows.frame.columns}:
        fix = Fix(kind="add column", to=PLACE)
        how = f"profile DATA --fix --also {CODE} -o OUT.csv adds a column {PLACE}; fit that file with {flag}"
    remedy = f"{before}if the file is in order of time, and new rows come later: {how}; else nothing is to be done"
    return replace(_note(message, score, _limit(rows), remedy=remedy), fixes=(fix,))


def sorted_by(rows: TrainingRows) -> str:
    """Return the number that rises or falls along the file; "" where none does, or where it may be time."""
    found: dict[str, float] = {}
    for column in rows.of_kind("numeric"):
        numbers = rows.features.numbers[column]
        known = ~np.isnan(numbers)
        if known.mean() >= SORTED_ROWS and len(rows.counts[column]) > 1:
            found[column] = abs(_rank_correlation(numbers[known], rows.row_numbers[known]))
    best = max(found, key=lambda c: found[c], default="")
    if not best or found[best] < SORTED_RANK:
        return ""
    return "" if any(_may_be_time(rows, c) for c, rank in found.items() if rank >= SORTED_RANK) else best


def _unless_time(column: str) -> str:
    return f"rows are shuffled here: nothing is to be done, unless {name(column)} says when a row was recorded"


def _rank_correlation(numbers: NDArray[np.float64], places: NDArray[np.int64]) -> float:
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(numbers), rankdata(places))[0, 1])


def _may_be_time(rows: TrainingRows, column: str) -> bool:
    """Is a number called a time, or different in each row as a count of rows is?"""
    return (
        is_date(column)
        or not _TIMES.isdisjoint(words(column))
        or len(rows.counts[column]) >= UNIQUE_SHARE * rows.n_rows
    )


def _rises_or_falls(rows: TrainingRows) -> bool:
    """Of numbers, whether they rise or fall; classes that the row number predicts stand together."""
    if not rows.is_regression:
        return True
    ranks = np.argsort(np.argsort(rows.target))
    return bool(abs(np.corrcoef(ranks, rows.row_numbers)[0, 1]) >= SORTED_LIMIT)


def order_gap(rows: TrainingRows) -> Gap:
    """Compare random folds with folds of whole stretches of the file."""
    seed = rows.config.seed
    chosen = np.random.default_rng(seed).permutation(rows.n_rows)[:MAX_ROWS]
    places = chosen[np.argsort(rows.row_numbers[chosen])]
    data = model_rows(rows, places)
    loose = out_of_fold(data, deal_folds(data.twins, data.order, n_folds=N_FOLDS, seed=seed), seed=seed)
    strict = out_of_fold(data, np.arange(len(places)) * N_FOLDS // len(places), seed=seed)
    return compare(data, loose, strict, clusters=stretches(np.arange(len(places), dtype=np.float64)))


def explained_beyond_target(rows: TrainingRows) -> float:
    """Return the share of the file's order that features explain among rows of one class, or of numbers near by.

    It is the out-of-fold R2 of a small forest for the rank of the row number, less the mean rank of its class.
    """
    seed = rows.config.seed
    places = np.sort(np.random.default_rng(seed).permutation(rows.n_rows)[:MAX_ROWS])
    rank = np.argsort(np.argsort(rows.row_numbers[places])).astype(np.float64)
    codes = _classes(rows, places)
    left = rank - (np.bincount(codes, weights=rank) / np.maximum(np.bincount(codes), 1))[codes]
    y = left / (left.std() or 1.0)
    data = replace(model_rows(rows, places), y=y[:, None], is_regression=True)
    found = out_of_fold(data, deal_folds(data.twins, data.order, n_folds=N_FOLDS, seed=seed), seed=seed)
    return 1 - float(((y - found[:, 0]) ** 2).sum()) / max(float((y**2).sum()), 1e-300)


def _classes(rows: TrainingRows, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the class of each row, or to which twentieth of the numbers it belongs."""
    target = rows.target[places]
    if not rows.is_regression:
        return target.astype(np.int64)
    rank = np.argsort(np.argsort(target, kind="stable"))
    return np.asarray(rank * N_BINS // len(target), dtype=np.int64)


def _note(message: str, score: Score, limit: float, *, remedy: str) -> Finding:
    return Finding(
        code=CODE, severity="info", title=TITLE, message=message, measured=score.lower, limit=limit, remedy=remedy
    )


def _metric(rows: TrainingRows) -> str:
    return "R2" if rows.is_regression else "ROC AUC"


def _limit(rows: TrainingRows) -> float:
    return R2_LIMIT if rows.is_regression else AUC_LIMIT


CHECK = Check(
    code=CODE,
    title=TITLE,
    question="Does the place of a row in the file tell its target?",
    run=find,
    max_rows=SCORED_ROWS,
)
