"""Columns that are called like the target, or like a prediction of it.

What it looks for: features whose name has all the words of the target's name, or a word such as "prediction"
or "outcome", and that, taken alone, also predict the target well.

Why it matters: a score that another model gave, or an intermediate result on the way to the target, is often
not known for new rows, or not known in time.

How to read it: a name proves nothing, so this never stops. Ask when the column is filled in; `--drop COLUMN`
leaves it out. Columns that D013 reports already are not repeated.

Limits: the score must reach half-way from chance to D013's warning by the lower end of its 95 % interval, AUC
0.725 or R2 0.475; with both a word of prediction and all words of the target in the name, being beyond chance
suffices. Words such as "value" or "class" are no words of a target's name. With only a part of the target's
words in the name, and that in no other, R2 0.8 or AUC 0.9 (choice): motor_UPDRS beside total_UPDRS; a date that
shares one (order_date beside order_value) is none of these.
"""

from __future__ import annotations

import math

from autorecipe.checks.check import Check
from autorecipe.checks.d013_target_leakage import WARN_LIMIT
from autorecipe.checks.mending import drop_columns
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.single_feature import Score, chance_z
from autorecipe.checks.wording import flag_value, name, names
from autorecipe.data.names import words
from autorecipe.record.finding import Finding

CODE = "D014"
TITLE = "Names like the target's"
AUC_LIMIT = (0.5 + WARN_LIMIT) / 2  # lower 95 % bound
R2_LIMIT = WARN_LIMIT / 2  # lower 95 % bound
SHARED_AUC_LIMIT, SHARED_R2_LIMIT = 0.9, 0.8  # lower 95 % bound, where only some words are shared
MIN_WORD = 3  # letters of a word that counts
PLAIN_NAMES = frozenset({"target", "label", "class", "outcome", "result", "response", "value", "type"})
OUTCOME_WORDS = frozenset({"prediction", "predictions", "predicted", "pred", "outcome", "forecast"})


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the suspicious columns."""
    sharing = _alone_in_sharing_a_word(rows)
    found: dict[str, Score] = {}
    limits: dict[str, float] = {}
    for column, score in rows.scores.items():
        if score.lower >= WARN_LIMIT:
            continue
        limit = _limit(rows, column, is_alone=column in sharing)
        if score.lower >= limit and (limit > _chance(rows) or score.z > chance_z(len(rows.columns))):
            found[column], limits[column] = score, limit
    if not found:
        return ()
    metric = "R2" if rows.is_regression else "AUC"
    columns = tuple(sorted(found, key=lambda c: -found[c].lower))
    notes = [f"{metric} {found[c].value:.2f}, at least {found[c].lower:.2f}; limit {limits[c]:.3g}" for c in columns]
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"called like {name(rows.schema.target)} or a prediction, and predicts it: {names(columns, notes)}",
            columns=columns,
            measured=found[columns[0]].lower,
            limit=limits[columns[0]],
            action="ask",
            remedy="if not known when you predict: " + " ".join(f"--drop {flag_value(c)}" for c in columns),
            fixes=drop_columns(columns),
        ),
    )


def _chance(rows: TrainingRows) -> float:
    return 0.0 if rows.is_regression else 0.5


def _limit(rows: TrainingRows, column: str, *, is_alone: bool) -> float:
    """Return what the lower bound of a column's score must reach, by what its name says; infinite where it is plain."""
    like_target = contains_words(column, rows.schema.target)
    like_prediction = not OUTCOME_WORDS.isdisjoint(words(column))
    if like_target and like_prediction:
        return _chance(rows)
    is_whole_name = PLAIN_NAMES.isdisjoint(words(rows.schema.target))  # order_date says but half of order_value
    if (like_target and is_whole_name) or like_prediction:
        return R2_LIMIT if rows.is_regression else AUC_LIMIT
    if is_alone:
        return SHARED_R2_LIMIT if rows.is_regression else SHARED_AUC_LIMIT
    return math.inf


def _alone_in_sharing_a_word(rows: TrainingRows) -> set[str]:
    """Return the column that has a word of the target's name in common that no other has; dates name the row."""
    wanted = {word for word in words(rows.schema.target) if len(word) >= MIN_WORD} - PLAIN_NAMES
    sharing = {word: [c for c in rows.columns if word in words(c.name)] for word in wanted}
    return {found[0].name for found in sharing.values() if len(found) == 1 and found[0].kind != "datetime"}


def contains_words(column: str, target: str) -> bool:
    """Does a column's name have all words of the target's name, endings not looked at?

    >>> contains_words("bar_passed", "pass_bar"), contains_words("Sale Type", "SalePrice")
    (True, False)
    """
    wanted = {word for word in words(target) if len(word) >= MIN_WORD} - PLAIN_NAMES
    ours = words(column)
    return bool(wanted) and all(any(word.startswith(want) for word in ours) for want in wanted)


CHECK = Check(code=CODE, title=TITLE, question="Is a column called like the target?", run=find)
