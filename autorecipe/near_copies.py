"""A split of a table whose near copies lie on both sides, drawn anew with each cluster of them in one part."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.d019_near_duplicate_rows import (
    COMPARED_KINDS,
    MAX_COLUMNS,
    OTHER_ROWS,
    TRAINING_ROWS,
    compare,
    is_many,
    points_of,
)
from autorecipe.checks.parse import parse_features
from autorecipe.checks.rows import TrainingRows, training_rows
from autorecipe.config import Config
from autorecipe.data.near_rows import NearRows, clusters_of_rows
from autorecipe.data.sampling import MOST_CELLS
from autorecipe.data.schema import Schema
from autorecipe.data.split import Split
from autorecipe.data.units import Ints, pair_codes

if TYPE_CHECKING:
    import pandas as pd

MAX_CLUSTER_SHARE = 0.1  # of the rows; half of one of five folds: with more, parts could not be alike; choice


def keep_together(
    split: Split,
    frame: pd.DataFrame,
    schema: Schema,
    config: Config,
    *,
    row_numbers: Ints,
    redraw: Callable[[Ints], Split],
) -> tuple[Split, NearRows | None]:
    """Return a split without near copies across its parts, and what was found; as it was where they are few.

    Parameters
    ----------
    split : Split
        Drawn with equal rows and declared groups kept together.
    row_numbers : int64 array, shape (n_rows,)
        Rows of the file, from 1.
    redraw : function of an int64 array, shape (n_rows,)
        Draws the split with the rows of each cluster, and all that was kept together before, in one part.

    Returns
    -------
    split : Split
    near : NearRows or None
        Of the split that was given; None where it cannot be told, or the table is too large to put in clusters.
    """
    if frame.size > MOST_CELLS:
        return split, None
    schema = _narrowed(schema, seed=config.seed)
    rows = _sampled(split, frame, schema, config, row_numbers)
    near = _compared(rows)
    if near is None or not is_many(near):
        return split, near
    clusters = _clusters(rows, frame, schema, radius=near.radius)
    most_rows = MAX_CLUSTER_SHARE * len(frame)
    if np.bincount(clusters).max() > most_rows:
        return split, near
    drawn = redraw(clusters)
    if _largest_unit(drawn) > max(most_rows, _largest_unit(split)):  # clusters may tie groups together
        return split, near
    after = _compared(_sampled(drawn, frame, schema, config, row_numbers))
    if any(np.intersect1d(clusters[one], clusters[other]).size for one, other in _parts(drawn)):
        return split, near
    if after is not None and is_many(after):
        return split, near
    n_together, n_clusters = _count(clusters, split)
    return drawn, dataclasses.replace(near, n_together=n_together, n_clusters=n_clusters)


def _narrowed(schema: Schema, *, seed: int) -> Schema:
    """Return the schema of the columns that distances are taken in: of a wide table a sample, and the target."""
    features = [c for c in schema.features if c.kind in COMPARED_KINDS]
    if len(features) <= MAX_COLUMNS:
        return schema
    chosen = np.sort(np.random.default_rng(seed).permutation(len(features))[:MAX_COLUMNS])
    return dataclasses.replace(schema, columns=(*(features[i] for i in chosen), schema.column(schema.target)))


def _sampled(split: Split, frame: pd.DataFrame, schema: Schema, config: Config, row_numbers: Ints) -> TrainingRows:
    """Return a sample of the training rows, and of those held out as the other rows."""
    ours = split.training_rows
    theirs = np.setdiff1d(np.arange(len(frame)), ours, assume_unique=True)
    if not len(theirs):  # no test rows
        ours, theirs = split.folds[0].train, split.folds[0].validation
    random = np.random.default_rng(config.seed)
    ours = np.sort(random.permutation(ours)[:TRAINING_ROWS])
    theirs = np.sort(random.permutation(theirs)[:OTHER_ROWS])
    return training_rows(
        frame.iloc[ours],
        other_frame=frame.iloc[theirs],
        schema=schema,
        config=config,
        row_numbers=row_numbers[ours],
    )


def _compared(rows: TrainingRows) -> NearRows | None:
    try:
        return compare(rows)
    except NotApplicable:
        return None


def _clusters(rows: TrainingRows, frame: pd.DataFrame, schema: Schema, *, radius: float) -> Ints:
    every = np.arange(len(frame))
    among, points = points_of(rows, parse_features(frame, schema), np.arange(rows.n_rows), every)
    return clusters_of_rows(points, among, radius=radius)


def _largest_unit(split: Split) -> int:
    return 1 if split.groups is None else int(np.bincount(split.groups).max())


def _count(clusters: Ints, before: Split) -> tuple[int, int]:
    """Return how many rows and clusters hold more than what was kept together before."""
    units = np.arange(len(clusters)) if before.groups is None else before.groups
    _, first = np.unique(pair_codes(clusters, units), return_index=True)
    is_new = np.bincount(clusters[first], minlength=clusters.max() + 1) > 1
    return int(is_new[clusters].sum()), int(is_new.sum())


def _parts(split: Split) -> Iterator[tuple[Ints, Ints]]:
    yield split.test, split.non_test
    for fold in (*split.folds, *split.bag, *split.fresh):
        yield fold.train, fold.validation
