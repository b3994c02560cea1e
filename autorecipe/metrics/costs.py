"""What decisions cost: from a file or Python values to a matrix in the order of a run's classes."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autorecipe.config import Config, Cost, CostMatrix
from autorecipe.data.schema import Schema
from autorecipe.errors import UserError, nearest

Costs = Mapping[Any, float] | ArrayLike | PathLike[str]
FIX = "write fn=5,fp=1 (or 5:1) for two classes, or name a CSV file: true labels down, predicted labels across"
USUAL = 1.0  # cost of a wrong decision that a mapping of pairs does not name; a right one costs 0


def read_cost_matrix(path: str) -> CostMatrix:
    """Read a CSV file whose first row names the predicted labels and whose first column names the true ones.

    Raises
    ------
    UserError
        When there is no such file, it is not square, its labels differ, or a cell is no number.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read the costs '{path}': {error}", where="--cost", fix=FIX) from error
    if len(rows) < 2 or any(len(row) != len(rows) for row in rows):
        raise UserError(f"the costs in '{path}' are no square table", where="--cost", fix=FIX)
    predicted, true = rows[0][1:], [row[0] for row in rows[1:]]
    try:
        cells = np.array([[float(cell) for cell in row[1:]] for row in rows[1:]])
    except ValueError as error:
        raise UserError(f"the costs in '{path}' are not all numbers: {error}", where="--cost", fix=FIX) from error
    if sorted(predicted) != sorted(true) or len(set(true)) < len(true):
        raise UserError(
            f"the labels across '{path}' are {', '.join(predicted)}, those down are {', '.join(true)}",
            where="--cost",
            fix="name the same labels in both, each once",
        )
    in_order = cells[:, [predicted.index(label) for label in true]]
    return CostMatrix(costs=_plain(in_order), classes=tuple(true), path=path)


def costs_from(cost: Costs | None) -> tuple[Cost | None, CostMatrix | None]:
    """Return what a Python value says of costs: of two kinds of mistakes, or of any true and predicted class.

    Parameters
    ----------
    cost : {"fn": ..., "fp": ...}, mapping of (true label, predicted label) to a cost, matrix, text, or None
        Text is what `--cost` takes: "5:1", "fn=5,fp=1" or the path of a CSV file.
        Pairs that a mapping leaves out cost 1, right labels 0. A matrix (n_classes, n_classes) has true classes in
        rows, in sorted order; a DataFrame's index and columns name them.

    Raises
    ------
    UserError
        When it is none of these.
    """
    if cost is None or (isinstance(cost, Mapping) and not cost):
        return None, None
    if isinstance(cost, Mapping):
        return _of_mapping(cost)
    if isinstance(cost, str | PathLike):
        from autorecipe.flags import parse_cost  # which reads files with what stands here

        read = parse_cost(str(cost))
        return (read, None) if isinstance(read, Cost) else (None, read)
    if hasattr(cost, "columns"):
        return None, _of_frame(cost)
    try:
        cells = np.asarray(cost, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UserError(f"the costs are no table of numbers: {error}", where="cost", fix=FIX) from error
    if cells.ndim != 2 or cells.shape[0] != cells.shape[1]:
        raise UserError(f"costs of shape {cells.shape} are no square table", where="cost", fix=FIX)
    return None, CostMatrix(costs=_plain(cells))


def costs_in_order(matrix: CostMatrix, classes: tuple[str, ...]) -> tuple[tuple[float, ...], ...]:
    """Return the costs with rows and columns in the order of `classes`.

    Raises
    ------
    UserError
        When the matrix names other classes or another number of them, or no wrong decision costs more than a right
        one.
    """
    own = matrix.classes or classes[: len(matrix.costs)]
    unknown = sorted(set(own) - set(classes))
    is_short = len(own) < len(classes) and matrix.others is None
    if unknown or is_short or len(matrix.costs) != len(own):
        near = nearest(unknown[0], classes) if unknown else ""
        what = f"costs speak of '{unknown[0]}'" if unknown else f"costs are for {len(matrix.costs)} classes"
        fix = f"did you mean '{near}'? " if near else ""
        raise UserError(
            f"{what}, the target has {len(classes)} classes",
            where="--cost",
            fix=f"{fix}name each of: {', '.join(classes)}",
        )
    cells = np.full((len(classes), len(classes)), matrix.others or 0.0)
    np.fill_diagonal(cells, 0.0)
    places = [classes.index(label) for label in own]
    cells[np.ix_(places, places)] = matrix.costs
    extra = cells - cells.diagonal()[:, None]
    if not np.isfinite(cells).all() or not (extra >= 0).all() or not (extra > 0).any():
        raise UserError(
            "costs must be finite, and a wrong label must cost at least what the right one does, some more",
            where="--cost",
            fix="give 0 on the diagonal and positive costs beside it",
        )
    return _plain(cells)


def cost_of_two(costs: tuple[tuple[float, ...], ...]) -> Cost:
    """Return a matrix of two classes as what the two kinds of mistakes cost beyond being right."""
    return Cost(fn=costs[1][0] - costs[1][1], fp=costs[0][1] - costs[0][0])


def check_costs(config: Config, schema: Schema) -> None:
    """Refuse costs that do not go with the target.

    Raises
    ------
    UserError
    """
    if config.cost is None and config.cost_matrix is None:
        return
    if schema.task == "regression":
        raise UserError(
            "costs of wrong decisions belong to classes, but this is regression",
            where="--cost",
            fix="leave --cost out",
        )
    if config.cost is not None and schema.task != "binary":
        raise UserError(
            "fn and fp are the mistakes of two classes, but this is multiclass",
            where="--cost",
            fix="name a CSV file of costs: true labels down, predicted labels across",
        )
    if config.cost_matrix is not None:
        costs_in_order(config.cost_matrix, schema.classes)


def _of_mapping(cost: Mapping[Any, float]) -> tuple[Cost | None, CostMatrix | None]:
    if set(cost) == {"fn", "fp"}:
        return Cost(fn=float(cost["fn"]), fp=float(cost["fp"])), None
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in cost):
        raise UserError(
            f"cannot read the costs {dict(cost)!r}",
            where="cost",
            fix='give {"fn": 5, "fp": 1}, {(true label, predicted label): cost, ...}, or a matrix',
        )
    pairs = {(str(true), str(predicted)): float(value) for (true, predicted), value in cost.items()}
    return None, _of_pairs(pairs)


def _of_frame(frame: Any) -> CostMatrix:
    # Any: of pandas, which this module does not import
    labels, across = [str(v) for v in frame.index], [str(v) for v in frame.columns]
    if sorted(labels) != sorted(across) or len(set(labels)) < len(labels):
        raise UserError("index and columns of the costs differ", where="cost", fix="name the same labels in both, once")
    cells = np.asarray(frame, dtype=np.float64)[:, [across.index(label) for label in labels]]
    return CostMatrix(costs=_plain(cells), classes=tuple(labels))


def _of_pairs(pairs: dict[tuple[str, str], float]) -> CostMatrix:
    labels = tuple(sorted({label for pair in pairs for label in pair}))
    cells = np.full((len(labels), len(labels)), USUAL)
    np.fill_diagonal(cells, 0.0)
    for (true, predicted), value in pairs.items():
        cells[labels.index(true), labels.index(predicted)] = value
    return CostMatrix(costs=_plain(cells), classes=labels, others=USUAL)


def _plain(cells: np.ndarray[Any, Any]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(cell) for cell in row) for row in cells)
