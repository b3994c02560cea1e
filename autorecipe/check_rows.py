"""The rows of a table as a model of the user's takes them: all columns but the target are numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.data.cells import NULL_TOKENS, to_text
from autorecipe.data.number_rules import number_rule
from autorecipe.data.parse_texts import parse_numbers
from autorecipe.data.patterns import is_in, lower, strip
from autorecipe.data.tables import Table, read_table
from autorecipe.data.target import find_target
from autorecipe.errors import UserError, nearest
from autorecipe.model_check import Inputs, Target

N_CLASSES_NAMED = 6  # text labels listed in a note; more would fill a line


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Inputs with their target, and what was done to get them.

    Attributes
    ----------
    x : DataFrame, ndarray or dict of ndarrays
    y : ndarray or Series
    validation : (x, y) or None
        Rows that the script sets apart.
    notes : tuple of str
        Sentences for the reader.
    """

    x: Inputs
    y: Target
    validation: tuple[Inputs, Target] | None = None
    notes: tuple[str, ...] = ()


def file_rows(data: str, *, target: str, drop: Sequence[str] = ()) -> Rows:
    """Read the rows of a table file, all of whose columns but the target are numbers.

    Raises
    ------
    UserError
        When the file cannot be read, has no such target or column to drop, or a column holds something else than
        numbers.
    """
    return rows_of(split_table(read_table(data), target=target, drop=drop, where=data))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplitTable:
    """A table whose target and inputs are known by name."""

    table: Table
    target: str
    inputs: tuple[str, ...]
    where: str


def split_table(table: Table, *, target: str, drop: Sequence[str], where: str) -> SplitTable:
    """Find the target and the inputs of a table.

    Raises
    ------
    UserError
        When there is no such target, no such column to drop, or no column but the target.
    """
    columns = list(table.frame.columns)
    name = find_target(columns, target)
    features = [column for column in columns if column != name]
    for column in drop:
        if column not in features:
            near = nearest(column, features)
            raise UserError(
                f"there is no input column '{column}'" if column != name else f"'{column}' is the target",
                where="--drop",
                fix=f"did you mean '{near}'?" if near else f"one of: {', '.join(features)}",
            )
    inputs = tuple(column for column in features if column not in drop)
    if not inputs:
        raise UserError(f"there is no column but the target '{name}'", where=where, fix="give a table with inputs")
    return SplitTable(table=table, target=name, inputs=inputs, where=where)


def rows_of(split: SplitTable) -> Rows:
    """Turn a table into arrays; rows without a target are left out.

    Raises
    ------
    UserError
        When an input holds something else than numbers, or no row has a target.
    """
    frame, name, where = split.table.frame, split.target, split.where
    known = ~_is_missing(frame[name]).to_numpy()
    if not known.any():
        raise UserError(f"every cell of the target '{name}' is missing", where=where, fix="name another --target")
    frame = frame[known]
    x = pd.DataFrame({column: _numbers(frame[column], where) for column in split.inputs}, dtype="float32")
    y, notes = _labels(frame[name])
    if not known.all():
        notes = (f"left out {int((~known).sum())} rows without a target", *notes)
    return Rows(x=x, y=y, notes=(*split.table.notes, *notes))


def _is_missing(values: pd.Series) -> pd.Series:
    return pd.Series(is_in(lower(strip(to_text(values))), NULL_TOKENS), index=values.index)


def _parsed(values: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the numbers of a column, NaN where there is none, and which cells hold something else."""
    if pd.api.types.is_numeric_dtype(values.dtype):  # booleans too
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        return numbers, np.zeros(len(numbers), bool)
    texts = strip(to_text(values))
    numbers = parse_numbers(texts, number_rule("plain"))
    return numbers, np.isnan(numbers) & ~is_in(lower(texts), NULL_TOKENS)


def _numbers(values: pd.Series, where: str) -> NDArray[np.float64]:
    numbers, is_other = _parsed(values)
    if is_other.any():
        example = str(values[is_other].iloc[0])
        raise UserError(
            f"column '{values.name}' holds '{example}'; all columns but the target must be numbers",
            where=where,
            fix=f'leave it out with --drop "{values.name}", turn it into numbers in load_data() of the script, or call '
            "autorecipe.check(model, X, y) in Python with the arrays that the model is given",
        )
    return numbers


def _labels(values: pd.Series) -> tuple[NDArray[np.generic], tuple[str, ...]]:
    numbers, is_other = _parsed(values)
    if not is_other.any():
        is_whole = bool((numbers == np.round(numbers)).all())
        return (numbers.astype("int64") if is_whole else numbers.astype("float32")), ()
    labels, codes = np.unique(strip(to_text(values)).astype(str), return_inverse=True)
    named = ", ".join(f"{label} = {code}" for code, label in enumerate(labels[:N_CLASSES_NAMED]))
    rest = "" if len(labels) <= N_CLASSES_NAMED else f", ... {labels[-1]} = {len(labels) - 1}"
    return codes.astype("int64"), (f"the labels of '{values.name}' are coded in sorted order: {named}{rest}",)
