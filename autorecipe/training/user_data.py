"""A user's arrays on the bench: as tensors, split, and what kind of task they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.config import Task
from autorecipe.errors import UserError
from autorecipe.training.array_rows import training_dtype
from autorecipe.training.bench import BenchRows

VALIDATION_SHARE = 0.2  # of the rows, where none are given
MIN_ROWS = 20  # fewer leave no rows to validate on
MIN_VALIDATION_ROWS = 2  # of which a spread can be taken
NUMERIC_KINDS = "biuf"
CLASS_LOSSES = ("crossentropy", "hinge", "kl_divergence", "kldivergence")
PROBABILITIES = ("softmax", "sigmoid")
BINARY = 2


def bench_rows(x: object, y: object, *, where: str = "") -> BenchRows:
    """Return arrays as tensors, with the dtypes that `Model.fit` would train on.

    Parameters
    ----------
    x : array, DataFrame, or dict, list or tuple of arrays
    y : array of shape (n_rows,) or (n_rows, n_outputs)
    where : str
        Put in front of "X" and "y" in messages.

    Raises
    ------
    UserError
        When an array does not hold numbers, or the numbers of rows differ.
    """
    inputs = _inputs(x, where=f"{where}X")
    target = _numbers(y, where=f"{where}y")
    for array in tf.nest.flatten(inputs):
        if len(array) != len(target):
            raise UserError(
                f"X has {len(array):,} rows, y has {len(target):,}", where=f"{where}X and y", fix="give as many of each"
            )
    tensors = tf.nest.map_structure(lambda a: tf.constant(a.astype(training_dtype(a))), inputs)
    return BenchRows(
        x=tensors, y=tf.constant(target.astype(training_dtype(target))), weight=tf.ones(len(target), "float32")
    )


def split_rows(rows: BenchRows, validation_data: Sequence[object] | None, *, seed: int) -> tuple[BenchRows, BenchRows]:
    """Return training and validation rows: what was given, or 80 % and 20 %, drawn by the seed.

    Raises
    ------
    UserError
        When there are fewer than 20 rows, or the validation data are not (x, y) of two or more rows formed as the
        others are.
    """
    if rows.n_rows < MIN_ROWS:
        raise UserError(f"{rows.n_rows} rows, expected at least {MIN_ROWS}", where="X", fix="give more rows")
    if validation_data is None:
        order = np.random.default_rng(seed).permutation(rows.n_rows)
        n = max(1, round(VALIDATION_SHARE * rows.n_rows))
        return rows.take(np.sort(order[n:])), rows.take(np.sort(order[:n]))
    if not isinstance(validation_data, list | tuple) or len(validation_data) != 2:
        is_several = isinstance(validation_data, list | tuple)
        found = f"{len(validation_data)} parts" if is_several else type(validation_data).__name__
        raise UserError(f"{found}, expected (x, y)", where="validation_data", fix="validation_data=(x, y)")
    validation = bench_rows(*validation_data, where="validation_data: ")
    _expect_same_form(rows, validation)
    return rows, validation


def column_names(x: object) -> tuple[str, ...]:
    """Return the names of a DataFrame's columns; empty for anything else."""
    return tuple(str(name) for name in getattr(x, "columns", ()))


def input_dtype(x: object) -> str:
    """Return NumPy's name of the inputs' dtype as they were given, several joined by "+"."""
    return "+".join(dict.fromkeys(str(np.asarray(a).dtype) for a in tf.nest.flatten(_structure(x))))


def task_of(loss: str, activation: str, y: NDArray[np.generic], n_outputs: int) -> tuple[Task, int]:
    """Return the task and its number of classes (1 for a regression).

    The loss decides, unless it contradicts the target: a cross-entropy of fractions is a regression, and a squared
    error of whole labels under a softmax or sigmoid is a classification. Which loss fits is for a check to say.

    Parameters
    ----------
    loss : str
        In snake case.
    activation : str
        The last one.

    Raises
    ------
    UserError
        When a row may have several classes at once.
    """
    wide = y.ndim > 1 and y.shape[-1] > 1
    finite = y[np.isfinite(y)] if y.dtype.kind == "f" else y.ravel()
    whole = bool((finite == np.round(finite)).all())
    names_classes = any(part in loss for part in CLASS_LOSSES)
    few = len(np.unique(finite)) <= max(BINARY, n_outputs)
    is_share = bool(len(finite) and finite.min() >= 0 and finite.max() <= 1)
    if not (whole or (names_classes and is_share)) or not (names_classes or (activation in PROBABILITIES and few)):
        return "regression", 1
    if wide and whole and bool((y.sum(axis=-1) != 1).any()):
        raise UserError(
            "rows of y have several classes at once, or none",
            where="y",
            fix="check one class at a time: a model with one output and loss='binary_crossentropy'",
        )
    n_classes = y.shape[-1] if wide else max(n_outputs, BINARY)
    return ("binary" if n_classes == BINARY else "multiclass"), n_classes


def _expect_same_form(rows: BenchRows, validation: BenchRows) -> None:
    if validation.n_rows < MIN_VALIDATION_ROWS:
        raise UserError(
            f"{validation.n_rows} rows, expected at least {MIN_VALIDATION_ROWS}",
            where="validation_data",
            fix="give more rows, or leave validation_data out: 20 % of the rows are set apart",
        )
    for name, ours, theirs in (("X", rows.x, validation.x), ("y", rows.y, validation.y)):
        expected, found = (tf.nest.map_structure(lambda a: tuple(a.shape[1:]), part) for part in (ours, theirs))
        is_label = name == "y" and {expected, found} <= {(), (1,)}  # Keras takes both
        if expected != found and not is_label:
            raise UserError(
                f"a row of {name} has the shape {found}, expected {expected} as in training",
                where="validation_data",
                fix="make both arrays as the training arrays were made",
            )


def _structure(x: object) -> Any:
    if isinstance(x, dict):
        return dict(x)
    several = isinstance(x, list | tuple) and bool(x) and all(hasattr(part, "shape") for part in x)
    return list(x) if several and isinstance(x, list | tuple) else [x]


def _inputs(x: object, *, where: str) -> Any:
    structure = _structure(x)
    if isinstance(structure, dict):
        return {name: _numbers(part, where=f"{where}['{name}']") for name, part in structure.items()}
    if isinstance(x, list | tuple) and structure[0] is not x:
        return [_numbers(part, where=f"{where}[{i}]") for i, part in enumerate(structure)]
    return _numbers(x, where=where)


def _numbers(values: object, *, where: str) -> NDArray[np.generic]:
    array = np.asarray(values)
    if array.ndim == 0 or array.dtype.kind not in NUMERIC_KINDS:
        raise UserError(
            f"{'a single value' if array.ndim == 0 else f'dtype {array.dtype}'}, expected an array of numbers",
            where=where,
            fix="encode text and dates as numbers first, or let `autorecipe fit` do it",
        )
    return array
