"""Rows of a Keras model in arrays: inputs, targets and weights, checked before anything is trained."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.errors import UserError

CHECKED_ROWS = 65_536  # at a time: bounds the memory of the check
N_TRIED_ROWS = 2  # in the dry run before training
SPARSE_NAMES = ("sparsecategoricalcrossentropy",)
FREE_SHAPE_NAMES = ("ctc", "sparsecategoricalfocal")  # losses whose targets have shapes of their own
KIND_NUMERIC = "biuf"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArrayRows:
    """Rows along the first axis of every array.

    Attributes
    ----------
    x, y : ndarray, or a tuple or dict of them
    weight : ndarray of shape (n_rows,) or None
        float32.
    """

    x: Any
    y: Any
    weight: NDArray[np.float32] | None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(keras.tree.flatten(self.x)[0])

    @property
    def n_bytes(self) -> int:
        """Size of a copy with the dtypes that training takes, in bytes."""
        return sum(math.prod(a.shape) * training_dtype(a).itemsize for a in keras.tree.flatten((self.x, self.y)))

    @property
    def cells_per_row(self) -> int:
        """Numbers in one row of the inputs."""
        return sum(math.prod(a.shape[1:]) for a in keras.tree.flatten(self.x))

    def take(self, places: NDArray[np.integer[Any]] | slice) -> tuple[Any, ...]:
        """Return (x, y) or (x, y, weight) at these places, with the dtypes that training takes."""
        kept = (self.x, self.y) if self.weight is None else (self.x, self.y, self.weight)
        taken: tuple[Any, ...] = keras.tree.map_structure(
            lambda a: np.asarray(a[places], dtype=training_dtype(a)), kept
        )
        return taken


def training_dtype(array: NDArray[np.generic]) -> np.dtype[Any]:
    """Return the dtype in which an array is trained on: every float becomes Keras' own, as in `Model.fit`."""
    return np.dtype(keras.config.floatx()) if array.dtype.kind == "f" else array.dtype


def rows_from(x: object, y: object, weight: object = None, *, where: str = "") -> ArrayRows:
    """Check arrays and put them together.

    Parameters
    ----------
    x, y : array, or list, tuple or dict of arrays
        Whatever NumPy can read: arrays, memory maps, DataFrames, tensors.
    weight : array of shape (n_rows,) or None
    where : str
        Put in front of "x", "y" and "sample_weight" in messages: "validation_data: ".

    Raises
    ------
    UserError
        When there are no rows, row counts differ, cells are not numbers or not finite, or a weight is negative.
    """
    inputs, targets = _arrays(x, where=f"{where}x"), _arrays(y, where=f"{where}y")
    named = [*_named(inputs, f"{where}x"), *_named(targets, f"{where}y")]
    n_rows = len(named[0][1])
    if n_rows == 0:
        raise UserError("there are no rows", where=named[0][0], fix="give at least one row")
    weights = None if weight is None else _weights(weight, n_rows, where=f"{where}sample_weight")
    for name, array in named:
        if len(array) != n_rows:
            raise UserError(
                f"{len(array):,} rows, but {named[0][0]} has {n_rows:,}",
                where=name,
                fix="the first axis of every array is the rows",
            )
        _expect_finite(array, where=name)
    return ArrayRows(x=inputs, y=targets, weight=weights)


def expect_same_form(rows: ArrayRows, others: ArrayRows, *, where: str) -> None:
    """Check that other rows have the arrays and widths of these.

    Raises
    ------
    UserError
        When they do not.
    """
    ours = [*_named(rows.x, "x"), *_named(rows.y, "y")]
    theirs = [*_named(others.x, "x"), *_named(others.y, "y")]
    if [name for name, _ in ours] != [name for name, _ in theirs]:
        expected, found = (", ".join(name for name, _ in named) for named in (ours, theirs))
        raise UserError(f"its arrays are {found}, expected {expected}", where=where, fix="give the arrays of x and y")
    for (name, a), (_, b) in zip(ours, theirs, strict=True):
        if a.shape[1:] != b.shape[1:]:
            raise UserError(
                f"a row of {name} has shape {b.shape[1:]}, expected {a.shape[1:]} as in training",
                where=where,
                fix="pass (x, y) or (x, y, sample_weight) made as the training arrays were",
            )


def expect_suits(model: keras.Model, rows: ArrayRows, *, where: str = "") -> None:
    """Call the model and its loss on two rows, which also builds it, and check the targets against the outputs.

    Raises
    ------
    UserError
        When the model cannot be called on them or has nothing to train, or a target has another width than its
        output, or a label lies outside the classes.
    """
    x, y, *_ = rows.take(slice(N_TRIED_ROWS))
    try:
        outputs = model(keras.tree.map_structure(keras.ops.convert_to_tensor, x), training=False)
    except (ValueError, TypeError, KeyError) as error:
        shapes = keras.tree.map_structure(lambda a: ("rows", *a.shape[1:]), rows.x)
        raise UserError(
            f"the model cannot be called on rows of shape {shapes}: {_first_line(error)}",
            where=f"{where}x",
            fix=f"the model's inputs have the shapes {getattr(model, 'input_shape', 'of its call')}",
        ) from error
    for loss, output, (name, target) in _matched(model, outputs, rows.y):
        _expect_target(loss, output, target, where=f"{where}{name}")
    try:
        model.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=None)
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(
            f"the loss cannot be computed: {_first_line(error)}",
            where=f"{where}y",
            fix="give y the structure and shapes of the model's outputs",
        ) from error
    if not model.trainable_variables:
        raise UserError(
            "no weight of the model is trainable", where="model", fix="layer.trainable = True, then compile"
        )


def _arrays(values: object, *, where: str) -> Any:
    if isinstance(values, dict):
        return {name: _array(value, where=f"{where}[{name!r}]") for name, value in values.items()}
    if isinstance(values, list | tuple) and values and all(hasattr(v, "shape") for v in values):
        return tuple(_array(value, where=f"{where}[{i}]") for i, value in enumerate(values))
    return _array(values, where=where)


def _array(values: object, *, where: str) -> NDArray[np.generic]:
    array = values if isinstance(values, np.ndarray) else np.asarray(values)
    if array.dtype.kind not in KIND_NUMERIC or array.ndim == 0:
        found = f"dtype {array.dtype}" if array.ndim else "a single value"
        raise UserError(
            f"{found}, expected numbers with rows along the first axis",
            where=where,
            fix="encode text and dates as numbers first, or let `autorecipe fit` do it",
        )
    return array


def _weights(values: object, n_rows: int, *, where: str) -> NDArray[np.float32]:
    weights = _array(values, where=where).astype("float32")
    if weights.shape != (n_rows,):
        raise UserError(f"shape {weights.shape}, expected ({n_rows},)", where=where, fix="give one weight per row")
    _expect_finite(weights, where=where)
    if weights.min() < 0 or weights.max() == 0:
        found = f"the smallest weight is {weights.min():g}" if weights.min() < 0 else "every weight is 0"
        raise UserError(found, where=where, fix="weights are 0 or more, and some row must count")
    return weights


def _named(arrays: Any, name: str) -> Iterator[tuple[str, NDArray[np.generic]]]:
    if isinstance(arrays, dict):
        yield from ((f"{name}[{key!r}]", array) for key, array in arrays.items())
    elif isinstance(arrays, tuple):
        yield from ((f"{name}[{i}]", array) for i, array in enumerate(arrays))
    else:
        yield name, arrays


def _expect_finite(array: NDArray[np.generic], *, where: str) -> None:
    if array.dtype.kind != "f":
        return
    for start in range(0, len(array), CHECKED_ROWS):
        part = array[start : start + CHECKED_ROWS]
        if not np.isfinite(part).all():
            place = np.argwhere(~np.isfinite(part))[0]
            column = f", column {', '.join(map(str, place[1:]))}" if len(place) > 1 else ""
            raise UserError(
                f"{part[tuple(place)]} in row {start + place[0]}{column} (counted from 0), expected a finite number",
                where=where,
                fix="fill missing cells first, with numpy.nan_to_num(x) or the column's median",
            )


def _matched(model: keras.Model, outputs: Any, y: Any) -> Iterator[tuple[object, Any, tuple[str, Any]]]:
    """Pair losses, outputs and targets where it is plain which belong together; the rest is left to Keras."""
    outs, targets = keras.tree.flatten(outputs), list(_named(y, "y"))
    if len(outs) != len(targets):
        return
    if isinstance(y, dict):
        keys = sorted(outputs) if isinstance(outputs, dict) else getattr(model, "output_names", [])
        if set(keys) != set(y):
            return
        targets = [(f"y[{key!r}]", y[key]) for key in keys]
        losses = [model.loss[key] for key in keys] if isinstance(model.loss, dict) else [model.loss] * len(keys)
    elif isinstance(model.loss, list | tuple):
        losses = list(model.loss)
    else:
        losses = [None if isinstance(model.loss, dict) else model.loss] * len(outs)
    if len(losses) == len(outs):
        yield from zip(losses, outs, targets, strict=True)


def _expect_target(loss: object, output: Any, target: NDArray[np.generic], *, where: str) -> None:
    name = _loss_name(loss)
    if name is None or any(free in name for free in FREE_SHAPE_NAMES):
        return
    shape, width = tuple(output.shape[1:]), target.shape[1:]
    if name in SPARSE_NAMES:
        _expect_labels(target, shape, where=where)
    elif width != shape and (*width, 1) != shape and width != (*shape, 1):
        is_label = "categorical" in name and len(width) < len(shape)
        raise UserError(
            f"a row of the target has shape {width}, but the model's output has {shape}",
            where=where,
            fix="for labels 0, 1, 2, ... compile with loss='sparse_categorical_crossentropy'"
            if is_label
            else f"give the last layer {width[-1] if width else 1} units, or the target the output's shape",
        )


def _expect_labels(target: NDArray[np.generic], shape: tuple[int, ...], *, where: str) -> None:
    if target.shape[1:] not in (shape[:-1], (*shape[:-1], 1)):
        raise UserError(
            f"a row of the target has shape {target.shape[1:]}, expected {shape[:-1]}: one label",
            where=where,
            fix="for one-hot rows compile with loss='categorical_crossentropy'",
        )
    least, most = int(target.min()), int(target.max())
    if most >= shape[-1] or least < 0:
        raise UserError(
            f"the labels run from {least} to {most}, but the model has {shape[-1]} outputs",
            where=where,
            fix=f"labels are 0 to {shape[-1] - 1}; or give the last layer {most + 1} units",
        )


def _loss_name(loss: object) -> str | None:
    """Return the name of one of Keras' own losses in small letters alone, None for any other."""
    if isinstance(loss, str):
        name = loss
    elif (
        loss is not None and type(loss).__module__.startswith("keras.") and getattr(loss, "ignore_class", None) is None
    ):
        name = type(loss).__name__
    else:
        return None
    return name.lower().replace("_", "")


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
