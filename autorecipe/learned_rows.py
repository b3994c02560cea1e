"""Which rows of a table did a run learn from?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.checks.d016_duplicates_across_splits import NATURAL_FACTOR
from autorecipe.data.cells import to_categories, to_numbers
from autorecipe.data.row_hash import Hashes, hash_rows
from autorecipe.data.schema import Column, Schema
from autorecipe.data.split import load_split
from autorecipe.data.tables import Table
from autorecipe.data.task import target_is_missing
from autorecipe.errors import UserError
from autorecipe.intake import as_table
from autorecipe.record.run import Run
from autorecipe.store.contents import SPLIT_NAME

UNKNOWN = "whether the model learned from some of these rows cannot be known"
NOT_COMPARED = "whether the model learned from some of these images is not known: they are not compared with its own"


def learned_notes(run: Run, directory: Path, table: Table) -> tuple[str, ...]:
    """Say how many rows of a table the model learned from, or that it cannot be known; nothing where it is none.

    A row counts that is equal to one outside the run's test rows in every feature and in the target. Where rows of the
    run are often alike, so are others, and no more than that is not said.

    Parameters
    ----------
    table : Table
        With every feature of the run and its target.
    """
    try:
        learned = _learned_rows(run, directory)
    except UserError as error:
        return (f"{UNKNOWN}: {error.what}",)
    ours, theirs = (_hashes(frame, run.schema) for frame in (learned, _with_target(table.frame, run.schema)))
    n, share = len(theirs), float(np.isin(theirs, ours).mean())
    natural_share = 1 - len(np.unique(ours)) / len(ours)
    if share <= NATURAL_FACTOR * natural_share and table.fingerprint != run.data.fingerprint:
        return ()
    return (_learned_text(round(share * n), n),)


def learned_image_notes(run: Run, directory: Path, source: str) -> tuple[str, ...]:
    """Say how many images of a place the model learned from, where the run's own images are there."""
    kept = directory / SPLIT_NAME
    is_own = bool(run.data.path) and Path(source).resolve() == Path(run.data.path).resolve()
    if not is_own or not kept.exists():
        return (NOT_COMPARED,)
    return (f"the model learned from {len(load_split(kept).non_test):,} images of this place: the scores flatter it",)


def _learned_text(n_learned: int, n_rows: int) -> str:
    of_them = f"{n_learned:,} of these {n_rows:,} rows" if n_rows > 1 else "this row"
    return f"the model learned from {of_them} (equal in every feature and the target): the scores flatter it"


def _learned_rows(run: Run, directory: Path) -> pd.DataFrame:
    if not run.data.path:
        raise UserError("it was fitted on a table in memory")
    if not Path(run.data.path).exists():
        raise UserError(f"its data, '{run.data.path}', is not found from here")
    table, kept = as_table(run.data.path, run.config), directory / SPLIT_NAME
    if table.fingerprint != run.data.fingerprint or not kept.exists():
        raise UserError(f"its data, '{run.data.path}', has changed since")
    return _with_target(table.frame, run.schema).iloc[load_split(kept).non_test]


def _with_target(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    return frame[~target_is_missing(_cells(frame, schema.target))]


def _hashes(frame: pd.DataFrame, schema: Schema) -> Hashes:
    columns = (*schema.features, schema.column(schema.target))
    read = {str(i): _comparable(_cells(frame, column.name), column, schema) for i, column in enumerate(columns)}
    return hash_rows(pd.DataFrame(read))


def _comparable(cells: pd.Series, column: Column, schema: Schema) -> NDArray[np.generic]:
    """Return cells as they are the same of a file of texts and of one of numbers."""
    is_number = schema.task == "regression" if column.role == "target" else column.kind == "numeric"
    return to_numbers(cells, column) if is_number else to_categories(cells, column)


def _cells(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[next(c for c in frame.columns if str(c).strip() == name.strip())]
