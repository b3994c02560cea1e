"""Validation and test rows that nearly repeat a training row.

What it looks for: validation and test rows that lie very close to a training row, much closer than rows of this table
usually lie to each other. Numbers are compared by their rank, levels by whether they are equal. Exact copies are
D016's and not counted again.

Why it matters: a row measured twice, or copied with small changes, is a question whose answer was given in training.
The score then says how well a model knows such rows again.

How to read it: it is said only where near copies also have the same target, more often than neighbours do: otherwise
no answer is given away. Many of them are mended without you: near copies are put into clusters, the split is drawn
anew so that each cluster lies in one part, and the finding is then a note. The split stays as it is where you chose
it (by time, or with test rows of your own), in tables of over 20,000,000 cells, and where near copies tie over a tenth
of the table together. Groups of yours always stay whole. Look at the training rows named. If they share a person, a
machine or a place, keep its rows together with `--split-by-group COLUMN`.

Limits: two rows are near copies when their distance is below 0.05 of the median distance of a training row to its
nearest (Cleanlab: 0.13), and below 0.1 of the distance to the tenth nearest: so dense parts of a table do not count.
It is said from 0.5 % of the rows, and a warning from 2 %, both beyond what chance explains. Chance is taken from the
number of dimensions in which the rows really vary (Facco et al. 2017): with one or two of them, neighbours are close
anyway. Asked only of tables with 3 numbers or more of over 20 values each. At most 1,000 rows are compared with 10,000
training rows: in larger tables more near copies may exist than are counted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.parse import ParsedFeatures
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import percent, plural
from autorecipe.data.near_rows import (
    N_NEIGHBOURS,
    Floats,
    NearRows,
    Neighbours,
    level_points,
    neighbours,
    rank_points,
)
from autorecipe.data.units import Ints
from autorecipe.record.finding import Finding

CODE = "D019"
TITLE = "Near duplicates across the split"
INFO_SHARE, WARN_SHARE = 0.005, 0.02  # of the other rows, beyond chance
MIN_ROWS = 3  # near copies
MIN_NUMBERS, MIN_DISTINCT = 3, 20
OTHER_ROWS, TRAINING_ROWS = 1_000, 10_000
COMPARED_KINDS = ("numeric", "categorical", "boolean")
MAX_COLUMNS = 200  # a seeded sample of more
SAME_LABEL = 0.95  # of near copies, and more than among neighbours, for a leak
SAME_NUMBER = 0.25  # of the neighbours' usual difference in the target
N_ROWS_SHOWN = 10


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the share of near copies, or with the clusters that the split keeps together.

    Raises
    ------
    NotApplicable
        When there are no other rows, too few of any, or the rows are too coarse.
    """
    near = rows.near_rows or compare(rows)
    if near.n_clusters:
        return (_kept_together(near),)
    if not is_many(near, beyond=INFO_SHARE):
        return ()
    severe = is_many(near, beyond=WARN_SHARE)
    return (
        Finding(
            code=CODE,
            severity="warn" if severe else "info",
            title=TITLE,
            message=f"nearly equal to a training row: {plural(near.n_near, 'validation or test row')} of"
            f" {near.n_compared:,} ({percent(near.share)}; {percent(near.by_chance)} by chance; limit"
            f" {percent(WARN_SHARE if severe else INFO_SHARE)} beyond it), with the same target",
            measured=near.beyond,
            limit=WARN_SHARE if severe else INFO_SHARE,
            action="ask" if severe else "none",
            remedy="compare the training rows named; --split-by-group COLUMN keeps together what they share",
            rows=near.rows,
        ),
    )


def _kept_together(near: NearRows) -> Finding:
    return Finding(
        code=CODE,
        severity="info",
        title=TITLE,
        message=f"nearly equal to each other: {plural(near.n_together, 'row')} in {plural(near.n_clusters, 'cluster')};"
        f" {percent(near.share)} of the validation and test rows would have lain beside a near copy in training (limit"
        f" {percent(WARN_SHARE)}), with the same target",
        measured=near.beyond,
        limit=WARN_SHARE,
        action="regroup",
        remedy="the split was drawn so that each cluster lies in one part; compare the rows named",
        rows=near.rows,
    )


def is_many(near: NearRows, *, beyond: float = WARN_SHARE) -> bool:
    """Whether so many rows are near copies, beyond chance, that answers are given away."""
    return near.n_near >= MIN_ROWS and near.beyond > beyond and near.is_same_target


def compare(rows: TrainingRows) -> NearRows:
    """Hold the other rows, or a sample of them, against the training rows.

    Raises
    ------
    NotApplicable
        When there are no other rows, too few of any, or the rows are too coarse.
    """
    numbers = [c for c in rows.of_kind("numeric") if len(rows.counts[c]) > MIN_DISTINCT]
    other = rows.other_features
    if other is None or len(numbers) < MIN_NUMBERS:
        raise NotApplicable(f"fewer than {MIN_NUMBERS} numbers of over {MIN_DISTINCT} values, or no other rows")
    ours, theirs = _compared(rows)
    if len(theirs) < N_NEIGHBOURS or len(ours) <= N_NEIGHBOURS:
        raise NotApplicable(f"fewer than {N_NEIGHBOURS} rows to compare")
    found = neighbours(*points_of(rows, other, ours, theirs))
    if found.radius <= 0:
        raise NotApplicable("half of the rows have an equal twin: the table is too coarse for distances")
    near = found.near()
    return NearRows(
        n_compared=len(theirs),
        n_near=int(near.sum()),
        by_chance=found.share_by_chance(),
        is_same_target=bool(near.any()) and _same_target(rows, ours, theirs, found),
        rows=tuple(int(r) for r in rows.row_numbers[ours[found.nearest[near]]][:N_ROWS_SHOWN]),
        radius=found.radius,
    )


def _compared(rows: TrainingRows) -> tuple[Ints, Ints]:
    random = np.random.default_rng(rows.config.seed)
    new = np.flatnonzero(~np.isin(rows.other_row_hashes, rows.row_hashes))
    if rows.other_target is not None:
        target = rows.other_target[new]
        new = new[np.isfinite(target) if rows.is_regression else target >= 0]
    ours = np.sort(random.permutation(rows.n_rows)[:TRAINING_ROWS])
    return ours, np.sort(random.permutation(new)[:OTHER_ROWS])


def points_of(rows: TrainingRows, other: ParsedFeatures, ours: Ints, theirs: Ints) -> tuple[Floats, Floats]:
    """Return rows as points: ranks among the training rows from 0 to 1, and levels that are 1 apart.

    Parameters
    ----------
    ours, theirs : int64 ndarrays
        Places of training rows, and of other rows.
    """
    columns = list(rows.of_kind(*COMPARED_KINDS))
    if len(columns) > MAX_COLUMNS:
        random = np.random.default_rng(rows.config.seed)
        columns = [columns[i] for i in np.sort(random.permutation(len(columns))[:MAX_COLUMNS])]
    mine, their = list[Floats](), list[Floats]()
    for column in columns:
        if column in rows.features.numbers:
            numbers = rows.features.numbers[column][ours]
            ordered = np.sort(numbers[np.isfinite(numbers)])
            mine.append(rank_points(numbers, ordered))
            their.append(rank_points(other.numbers[column][theirs], ordered))
        else:
            mine.append(level_points(rows.features.categories[column][ours]))
            their.append(level_points(other.categories[column][theirs]))
    return np.concatenate(mine, axis=1), np.concatenate(their, axis=1)


def _same_target(rows: TrainingRows, ours: Ints, theirs: Ints, found: Neighbours) -> bool:
    """Do near copies agree in the target, more than other neighbours do?"""
    if rows.other_target is None:
        return True
    near = found.near()
    mine, their = rows.target[ours[found.nearest]], rows.other_target[theirs]
    if rows.is_regression:
        apart: NDArray[np.float64] = np.abs(mine.astype(np.float64) - their)
        return float(np.median(apart[near])) < SAME_NUMBER * float(np.median(apart[~near]))
    agree = mine == their
    return bool(agree[near].mean() >= max(SAME_LABEL, float(agree[~near].mean())))


CHECK = Check(
    code=CODE,
    title=TITLE,
    question="Do validation or test rows nearly repeat training rows?",
    run=find,
    max_rows=TRAINING_ROWS,
)
