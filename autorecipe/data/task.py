"""Which column is predicted, and is it a class or a number?"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.config import Config, Task
from autorecipe.data import columns, kinds, names
from autorecipe.data.cells import ALWAYS_NULL, NULL_TOKENS, to_categories, to_text
from autorecipe.data.evidence import Evidence, Reading, gather, read_numbers
from autorecipe.data.number_rules import number_rule
from autorecipe.data.parse_texts import parse_numbers
from autorecipe.data.patterns import is_in, lower, strip
from autorecipe.data.schema import Column
from autorecipe.data.target import find_target
from autorecipe.errors import UserError, nearest

__all__ = ["ClassDtype", "find_target", "infer_task", "target_column", "target_is_missing"]

ClassDtype = Literal["str", "int", "float", "bool"]

# Choices: AutoGluon takes whole numbers for classes up to a share of the rows, which makes classes of ages and scores.
MAX_INTEGER_CLASSES = 20  # distinct integers up to which they are classes
MAX_CLASSES = 100  # more are names or numbers, not classes
MIN_ROWS_PER_CLASS = 2  # on average; below, nearly every row would be its own class
# more integers than MAX_INTEGER_CLASSES are classes all the same when they are the codes 0 ... K - 1 and none is rare
MIN_ROWS_PER_CODE = 20  # on average; choice: with fewer, the thin tail of a count looks like any other code
LEAST_EVEN_SHARE = 0.1  # of 1 / K, for the rarest code; choice: the tails of counts and of ages fall below it

# The counterpart decides: in {1, 2} a 1 is not the positive class.
_POSITIVE_PAIRS = (
    *kinds.BOOLEAN_PAIRS,
    ("-1", "1"),
    ("negative", "positive"),
    ("neg", "pos"),
    ("bad", "good"),
    ("fail", "pass"),
    ("failure", "success"),
)


def target_is_missing(values: pd.Series) -> NDArray[np.bool_]:
    """Which rows have no target: an empty cell, a null token or, among numbers, a cell that is none?

    Returns
    -------
    bool array, shape (n,)
    """
    evidence = gather(values, str(values.name))
    texts = strip(to_text(values))
    reading = read_numbers(evidence)
    if reading is None or _stands_for_levels(evidence, reading):
        return is_in(lower(texts), ALWAYS_NULL)
    missing = is_in(lower(texts), NULL_TOKENS)
    if reading.wrong:
        missing |= np.isnan(parse_numbers(texts, number_rule(reading.rule)))
    return missing


def infer_task(values: pd.Series, config: Config) -> tuple[Task, str, tuple[str, ...], ClassDtype]:
    """Decide whether the target is a class or a number.

    Parameters
    ----------
    values : Series
        The target's raw cells, rows without one removed; its name is the column's.

    Returns
    -------
    task : "binary", "multiclass" or "regression"
    reason : str
        The evidence, and the flag that overrides it where the choice is open.
    classes : tuple of str
        (negative, positive) for a binary task, in natural order for more classes, empty for regression.
    class_dtype : str
        What a label is in Python.

    Raises
    ------
    UserError
        When there is no target or only one value, the task asked for does not fit, or the positive class is
        unknown.
    """
    evidence = gather(values, str(values.name))
    _check_values(evidence)
    reading = read_numbers(evidence)
    task, reason = _task_asked(evidence, reading, config.task) or _task_found(evidence, reading)
    if config.positive and task != "binary":
        raise UserError(
            f"a positive class belongs to two classes, but this is {task}: {reason}",
            where=f"--positive '{config.positive}'",
            fix="leave --positive out" + (", or add --task binary" if len(evidence.texts) == 2 else ""),
        )
    if task == "regression":
        return task, reason, (), "float"
    labels = pd.Series(to_categories(values, target_column(values, task)))
    counts = labels.value_counts()
    classes = _in_order([str(label) for label in counts.index])
    if task == "binary":
        classes = _with_positive_last(classes, counts, config.positive)
        share = f"{counts[classes[1]] / len(labels):.0%}".replace("%", " %")
        reason = f"{_name(evidence)} is {classes[0]} or {classes[1]}, {share} are {classes[1]}"
    return task, reason, classes, _class_dtype(evidence, values.iloc[0])


def target_column(values: pd.Series, task: Task) -> Column:
    """Return the target as a column: numeric for regression, categorical (case kept) otherwise."""
    evidence = gather(values, str(values.name))
    if task != "regression":
        column = columns.category(evidence, reason="the target")
    else:
        reading = read_numbers(evidence, least=0.0)
        if reading is None:
            raise _no_numbers(evidence)
        column = columns.numeric(evidence, reading.rule, reason=f"the target: {columns.describe_numbers(reading)}")
    return replace(column, role="target")


def _check_values(evidence: Evidence) -> None:
    if evidence.n_present == 0:
        raise UserError(
            f"the target '{evidence.name}' is missing in every row",
            where=f"column '{evidence.name}'",
            fix="name another column: --target NAME",
        )
    if len(evidence.texts) == 1:
        raise UserError(
            f"the target '{evidence.name}' is '{evidence.texts[0]}' in all {evidence.n_present} rows: "
            "there is nothing to learn",
            where=f"column '{evidence.name}'",
            fix="name another column (--target NAME), or give rows of at least two outcomes",
        )


def _task_found(evidence: Evidence, reading: Reading | None) -> tuple[Task, str]:
    name, n = _name(evidence), len(evidence.texts)
    if n == 2:
        return "binary", f"{name} has two values"
    if isinstance(evidence.dtype, pd.CategoricalDtype):
        return "multiclass", f"{name} has {n} classes such as '{evidence.texts[0]}'"
    if reading is None or _stands_for_levels(evidence, reading):
        _check_classes(evidence)
        return "multiclass", f"{name} has {n} classes such as '{evidence.texts[0]}'"
    span = f"from {reading.numbers.min():.10g} to {reading.numbers.max():.10g}"
    if not (reading.numbers == np.floor(reading.numbers)).all():
        return "regression", f"{name} has numbers with fractions, {span}"
    n = len(reading.numbers)
    said = f"{name} has {n} whole values {span}"
    if n > MAX_CLASSES:
        return "regression", said
    if n * MIN_ROWS_PER_CLASS > evidence.n_present:
        return "regression", f"{said} in {evidence.n_present} rows: numbers"
    if n <= MAX_INTEGER_CLASSES or names.meaning(evidence.name) == "code":
        return "multiclass", f"{said}: classes; as numbers: --task regression"
    if _are_label_codes(evidence):
        return "multiclass", f"{said}, none of them rare: codes of classes; as numbers: --task regression"
    return "regression", f"{said}: numbers; as classes: --task multiclass"


def _are_label_codes(evidence: Evidence) -> bool:
    """Are the cells exactly the codes 0 ... K - 1, all frequent, and is the name not that of an amount?"""
    if not evidence.all_whole or names.meaning(evidence.name) == "quantity":
        return False
    k = len(evidence.numbers)
    if evidence.numbers[0] != 0 or evidence.numbers[-1] != k - 1:
        return False
    read = ~np.isnan(evidence.plain)
    rows = np.bincount(evidence.plain[read].astype(np.int64), weights=evidence.counts[read])
    return bool(rows.sum() >= MIN_ROWS_PER_CODE * k and rows.min() >= LEAST_EVEN_SHARE * rows.sum() / k)


def _task_asked(evidence: Evidence, reading: Reading | None, task: str) -> tuple[Task, str] | None:
    name, n = _name(evidence), len(evidence.texts)
    if task == "regression":
        if reading is None:
            raise _no_numbers(evidence)
        return "regression", f"{name} is numbers, as asked"
    if task == "binary":
        if n != 2:
            raise UserError(
                f"the target '{evidence.name}' has {n} different values, a binary task has two",
                where="--task binary",
                fix="leave --task out, or --task multiclass",
            )
        return "binary", f"{name} has two values, as asked"
    if task == "multiclass":
        _check_classes(evidence)
        return "multiclass", f"{name} has {n} classes, as asked"
    return None


def _stands_for_levels(evidence: Evidence, reading: Reading) -> bool:
    """Few different cells that only begin with a number ("1 star") are classes with names."""
    return reading.rule != "plain" and len(evidence.texts) <= MAX_INTEGER_CLASSES


def _check_classes(evidence: Evidence) -> None:
    n = len(evidence.texts)
    if isinstance(evidence.dtype, pd.CategoricalDtype):
        return  # folders of images, or a table whose owner says so
    if n > MAX_CLASSES or n * MIN_ROWS_PER_CLASS > evidence.n_present:
        raise UserError(
            f"the target '{evidence.name}' has {n} different values such as '{evidence.texts[0]}' in "
            f"{evidence.n_present} rows; classes are at most {MAX_CLASSES}, on average with "
            f"{MIN_ROWS_PER_CLASS} rows each",
            where=f"column '{evidence.name}'",
            fix="name another column (--target NAME), or group the rare values",
        )


def _no_numbers(evidence: Evidence) -> UserError:
    word = next((str(t) for t, x in zip(evidence.texts, evidence.plain, strict=True) if np.isnan(x)), "")
    return UserError(
        f"the target '{evidence.name}' holds words such as '{word}', regression needs numbers",
        where="--task regression",
        fix="leave --task out, or --task multiclass",
    )


def _in_order(labels: list[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted(labels, key=float))
    except ValueError:  # labels that are words
        return tuple(sorted(labels))


def _with_positive_last(classes: tuple[str, ...], counts: pd.Series, positive: str) -> tuple[str, ...]:
    first, second = classes
    if positive:
        chosen = _named_class(classes, positive)
    elif (pair := {first.lower(), second.lower()}) in [set(known) for known in _POSITIVE_PAIRS]:
        good = next(known[1] for known in _POSITIVE_PAIRS if set(known) == pair)
        chosen = first if first.lower() == good else second
    else:
        chosen = first if counts[first] < counts[second] else second
    return (second, first) if chosen == first else classes


def _named_class(classes: tuple[str, ...], positive: str) -> str:
    for fold in (str.strip, lambda text: text.strip().casefold()):
        found = [label for label in classes if fold(label) == fold(positive)]
        if len(found) == 1:
            return found[0]
    raise UserError(
        f"no class is called '{positive}'; the classes are '{classes[0]}' and '{classes[1]}'",
        where=f"--positive '{positive}'",
        fix=f"--positive '{nearest(positive, classes) or classes[1]}'",
    )


def _class_dtype(evidence: Evidence, first: object) -> ClassDtype:
    kind = getattr(evidence.dtype, "kind", "O")
    if isinstance(first, (bool, np.bool_)):
        return "bool"
    if not evidence.all_numbers or evidence.has_leading_zeros:
        return "str"
    written_whole = all(text.lstrip("+-").isdigit() for text in evidence.texts)
    return "int" if evidence.all_whole and written_whole and kind != "f" else "float"


def _name(evidence: Evidence) -> str:
    return evidence.name.strip()
