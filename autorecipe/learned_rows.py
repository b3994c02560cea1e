"""Which rows of a table did a run learn from?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from autorecipe.checks.contradictions import MAX_P, p_as_often
from autorecipe.checks.d016_duplicates_across_splits import NATURAL_FACTOR
from autorecipe.data.cells import to_categories, to_days, to_numbers
from autorecipe.data.row_hash import Hashes, hash_rows
from autorecipe.data.schema import Column, Schema
from autorecipe.data.split import load_split
from autorecipe.data.tables import Table
from autorecipe.data.task import target_is_missing
from autorecipe.errors import UserError
from autorecipe.intake import as_table
from autorecipe.loaded import ServedModel, evaluate_rows
from autorecipe.metrics.choose import metric_named
from autorecipe.record.run import Run
from autorecipe.report.text_words import score_text
from autorecipe.store.contents import SPLIT_NAME

UNKNOWN = "whether the model learned from some of these rows cannot be known"
OWN_TEST = "these are the run's own test rows"
MIN_OTHERS = 20  # rows; the interval of a score of fewer is about as wide as its range; choice
NOT_COMPARED = "whether the model learned from some of these images is not known: they are not compared with its own"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldBeside:
    """Rows beside those of a run.

    Attributes
    ----------
    notes : tuple of str
        What is to be known of them before their scores, a sentence each.
    others : DataFrame or None
        The rows that the model did not learn from, where it learned from some and the others are enough to be scored.
    are_test : bool
        Whether all of these are the run's own test rows.
    """

    notes: tuple[str, ...]
    others: pd.DataFrame | None = None
    are_test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _RowHashes:
    """Of rows with a target: equal where all features are, and where the target is equal too."""

    features: Hashes
    whole: Hashes


def hold_beside(run: Run, directory: Path, table: Table) -> HeldBeside:
    """Say how many rows of a table the model learned from, and with which target, or that it cannot be known.

    A row counts as learned that is equal to one outside the run's test rows in every feature and in the target. Where
    rows of the run are often alike, so are others, and no more than that is not said.

    Parameters
    ----------
    table : Table
        With every feature of the run and its target.
    """
    try:
        learned, test = (_hashes(frame, run.schema) for frame in _own_rows(run, directory))
    except UserError as error:
        return HeldBeside(notes=(f"{UNKNOWN}: {error.what}",))
    given = _with_target(table.frame, run.schema)
    rows = _hashes(given, run.schema)
    natural_limit = _natural_limit(learned.whole)
    is_learned = np.isin(rows.whole, learned.whole)
    if _are_natural(is_learned, learned.whole) and table.fingerprint != run.data.fingerprint:
        is_learned = np.zeros(len(given), dtype=np.bool_)
    n_learned, n_others = int(is_learned.sum()), int((~is_learned).sum())
    in_test = np.isin(rows.whole[~is_learned], test.whole)
    are_test = bool(n_others and in_test.all() and natural_limit < 1)
    notes = (
        *((_learned_text(n_learned, len(given)),) if n_learned else ()),
        *((OWN_TEST,) if are_test and not n_learned else ()),
        *_contradiction_notes(rows, learned),
    )
    if not n_learned or n_others < MIN_OTHERS:
        return HeldBeside(notes=notes, are_test=are_test)
    return HeldBeside(notes=notes, others=given[~is_learned], are_test=are_test)


def others_note(served: ServedModel, beside: HeldBeside) -> tuple[str, ...]:
    """Say how good the model is on the rows that it did not learn from, where they stand beside learned ones."""
    if beside.others is None:
        return ()
    found = evaluate_rows(served, beside.others)
    score = next((s for s in found.scores if s.metric == found.metric), None)
    if score is None:
        return ()
    which = ", the run's own test rows" if beside.are_test else ""
    title = metric_named(found.metric, served.run.schema.task).title
    return (f"on the {found.n_rows:,} rows that it did not learn from{which}: {title} {score_text(score)}",)


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


def _contradiction_notes(rows: _RowHashes, learned: _RowHashes) -> tuple[str, ...]:
    """Tell rows whose features were learned with another target alone, where the run's own rows seldom contradict."""
    known = np.isin(rows.features, learned.features) & ~np.isin(rows.whole, learned.whole)
    own_share = float((_n_alike(learned.features) > _n_alike(learned.whole)).mean())
    if known.mean() <= NATURAL_FACTOR * own_share:
        return ()
    of_them = f"{int(known.sum()):,} of these {len(known):,} rows were" if len(known) > 1 else "this row was"
    return (f"{of_them} learned with another target (equal in every feature)",)


def _natural_limit(hashes: Hashes) -> float:
    return NATURAL_FACTOR * (1 - len(np.unique(hashes)) / len(hashes))


def _are_natural(is_learned: NDArray[np.bool_], hashes: Hashes) -> bool:
    """Are so many other rows equal to a run's as its own are alike?

    Where most of its rows repeat, the rows without an equal one are counted on both sides.
    """
    limit = _natural_limit(hashes)
    if limit < 1:
        return bool(is_learned.mean() <= limit)
    return p_as_often(_n_alike(hashes) == 1, ~is_learned) >= MAX_P


def _n_alike(hashes: Hashes) -> NDArray[np.int64]:
    _, codes, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    return np.asarray(counts[codes], np.int64)


def _own_rows(run: Run, directory: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that a run may have learned from, and its test rows."""
    if not run.data.path:
        raise UserError("it was fitted on a table in memory")
    if not Path(run.data.path).exists():
        raise UserError(f"its data, '{run.data.path}', is not found from here")
    table, kept = as_table(run.data.path, run.config), directory / SPLIT_NAME
    if table.fingerprint != run.data.fingerprint or not kept.exists():
        raise UserError(f"its data, '{run.data.path}', has changed since")
    frame, split = _with_target(table.frame, run.schema), load_split(kept)
    test = frame.iloc[split.test] if table.test is None else _with_target(table.test.frame, run.schema)
    return frame.iloc[split.non_test], test


def _with_target(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    return frame[~target_is_missing(_cells(frame, schema.target))]


def _hashes(frame: pd.DataFrame, schema: Schema) -> _RowHashes:
    columns = (*schema.features, schema.column(schema.target))
    read = {str(i): _comparable(_cells(frame, column.name), column, schema) for i, column in enumerate(columns)}
    cells = pd.DataFrame(read)
    return _RowHashes(features=hash_rows(cells.iloc[:, :-1]), whole=hash_rows(cells))


def _comparable(cells: pd.Series, column: Column, schema: Schema) -> NDArray[np.generic]:
    """Return cells as they are the same of a file of texts and of one of numbers."""
    if column.kind == "datetime" and column.role != "target":
        return to_days(cells, column)
    is_number = schema.task == "regression" if column.role == "target" else column.kind == "numeric"
    return to_numbers(cells, column) if is_number else to_categories(cells, column)


def _cells(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[next(c for c in frame.columns if str(c).strip() == name.strip())]
