"""One column alone predicts the target almost perfectly.

What it looks for: the out-of-fold score of each feature taken alone. For classes, the one-vs-rest ROC AUC
averaged over all classes with at least 20 rows (a flipper length that separates one penguin species is no
leak); the feature is cut into bins or levels, whose smoothed class rates are learned on four folds and judged
on the fifth. For numbers, R2 of the bins' means. Equal rows, and the groups that you declared, stay in one
fold.

Why it matters: such a column is usually the outcome under another name, or was written down after it. A model
that leans on it looks perfect here and fails where the column is not known yet.

How to read it: "at least" is the lower end of the 95 % interval: it counts, not the bare value, so that luck on
a few rows cannot raise it. If the column is known when you predict, go on with `--allow D013:COLUMN`; otherwise
leave it out with `--drop COLUMN`.

A note says where one column alone is as good as all together, unless D042 asks about it.

Limits: from 0.98 it stops, from 0.95 it warns (DriverlessAI flags AUC or R2 0.95; EvalML 0.95 of the in-sample
correlation; deepchecks a predictive power score of 0.8 and One AI AUC 0.85, which honest features reach), and
neither below the null band: what the best of as many columns stays below in 99.9 % of tables of noise, measured
by shuffling the target. Nothing is judged below 20 rows per class, or 50 rows for a number: the best of 100
columns of noise reached AUC 0.94 on 50 rows with 5 % positives. AUC intervals: Newcombe (2006), method 5. The
note asks for 0.98 of what a small forest of all columns reaches above chance, and for ROC AUC 0.85 or R2 0.7 at
least (choice).
"""

from __future__ import annotations

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.event_length import event_length
from autorecipe.checks.mending import ask, drop_columns
from autorecipe.checks.rows import SCORED_ROWS, TrainingRows
from autorecipe.checks.single_feature import MIN_CLASS_ROWS, MIN_ROWS, Score
from autorecipe.checks.wording import flag_value, name, names
from autorecipe.record.finding import Finding

CODE = "D013"
TITLE = "Target leakage"
STOP_LIMIT = 0.98  # lower 95 % bound of AUC or R2
WARN_LIMIT = 0.95  # lower 95 % bound of AUC or R2
WHOLE_SHARE = 0.98  # of what a model of all columns reaches above chance
NOTE_AUC, NOTE_R2 = 0.85, 0.7  # lower 95 % bound; below, the columns say little together


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return a stop for each column that gives the target away, and one warning for those that come near.

    Where there is neither, a note names a column that is as good as all together.

    Raises
    ------
    NotApplicable
        When there are too few rows to judge any column.
    """
    if rows.columns and not rows.scores:
        needed = f"{MIN_ROWS} rows" if rows.is_regression else f"{MIN_CLASS_ROWS} rows in two classes"
        raise NotApplicable(f"{rows.n_rows} rows: fewer than {needed}")
    ranked = sorted(rows.scores.items(), key=lambda item: -item[1].lower)
    if not ranked or ranked[0][1].lower < WARN_LIMIT:
        return _note(rows, *ranked[0]) if ranked else ()
    band = rows.structure.null_band
    certain = [(c, s) for c, s in ranked if s.lower >= max(STOP_LIMIT, band)]
    near = [(c, s) for c, s in ranked if max(WARN_LIMIT, band) <= s.lower and (c, s) not in certain]
    return (*(_stop(rows, c, s) for c, s in certain), *_warning(rows, near))


def _stop(rows: TrainingRows, column: str, score: Score) -> Finding:
    return Finding(
        code=CODE,
        severity="stop",
        title=TITLE,
        message=f"{name(column)} alone predicts {name(rows.schema.target)}: {_metric(rows)} {score.value:.3f}"
        f" out of fold, at least {score.lower:.3f} (limit {STOP_LIMIT}; {_band(rows)})",
        columns=(column,),
        measured=score.lower,
        limit=STOP_LIMIT,
        action="ask",
        remedy=f"--drop {flag_value(column)} if it is not known when you predict, else --allow"
        f" {flag_value(f'{CODE}:{column}')}",
        fixes=(*drop_columns([column]), *ask(f"--allow {flag_value(f'{CODE}:{column}')}", column)),
    )


def _warning(rows: TrainingRows, near: list[tuple[str, Score]]) -> tuple[Finding, ...]:
    if not near:
        return ()
    columns = tuple(c for c, _ in near)
    notes = [f"{_metric(rows)} {s.value:.3f}, at least {s.lower:.3f}" for _, s in near]
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"nearly predicts {name(rows.schema.target)} alone: {names(columns, notes)}; limit"
            f" {WARN_LIMIT}; {_band(rows)}",
            columns=columns,
            measured=near[0][1].lower,
            limit=WARN_LIMIT,
            action="ask",
            remedy="if not known when you predict: " + " ".join(f"--drop {flag_value(c)}" for c in columns),
            fixes=drop_columns(columns),
        ),
    )


def _note(rows: TrainingRows, column: str, score: Score) -> tuple[Finding, ...]:
    chance, least = (0.0, NOTE_R2) if rows.is_regression else (0.5, NOTE_AUC)
    if score.lower < least or len(rows.scores) < 2 or column == event_length(rows)[0]:
        return ()
    whole = rows.structure.whole_score
    share = (score.value - chance) / max(whole - chance, 1e-9)
    if share < WHOLE_SHARE:
        return ()
    return (
        Finding(
            code=CODE,
            severity="info",
            title=TITLE,
            message=f"{name(column)} alone ({_metric(rows)} {score.value:.3f}) is as good as a small model of all"
            f" columns ({whole:.3f}; limit {WHOLE_SHARE} of it)",
            columns=(column,),
            measured=share,
            limit=WHOLE_SHARE,
            remedy=f"ask whether it is known when you predict; else --drop {flag_value(column)}",
            fixes=drop_columns([column]),
        ),
    )


def _band(rows: TrainingRows) -> str:
    return f"the best of {len(rows.scores)} columns of noise stays below {rows.structure.null_band:.2f}"


def _metric(rows: TrainingRows) -> str:
    return "R2" if rows.is_regression else "ROC AUC"


CHECK = Check(
    code=CODE,
    title=TITLE,
    question="Does one column alone give the target away?",
    run=find,
    max_rows=SCORED_ROWS,
)
