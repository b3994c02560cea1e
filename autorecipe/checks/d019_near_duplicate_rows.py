"""Validation and test rows that nearly repeat a training row.

What it looks for: validation and test rows whose nearest training row is far nearer than neighbours are among these
rows: numbers compared by rank, levels by whether they are equal. Exact copies are D016's and not counted again.

Why it matters: a row measured twice, or copied with small changes, is a question whose answer was given in training.
The score then says how well a model knows such rows again.

How to read it: it is said where the two rows have the same target as well, beyond what neighbours have; otherwise no
answer is given away. Look at the training rows named: if what they share is a column (a person, a machine, a place),
keep its rows together with `--split-by-group COLUMN`.

Limits: a distance below 0.05 of the median distance to the nearest training row (Cleanlab: 0.13) and below 0.1 of the
distance to the tenth nearest, so that dense parts of a table are no near copies; 0.5 % of the rows beyond chance is
said, 2 % a warning. Chance follows from the rows' intrinsic dimension (Facco et al. 2017): in a table of one or two
dimensions neighbours are close. Needs 3 numbers of over 20 values, and a median distance above 0. At most 1,000 rows
are compared with 10,000 training rows, so that of larger tables the share is a lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.parse import ParsedFeatures
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import percent, plural
from autorecipe.run import Finding

CODE = "D019"
TITLE = "Near duplicates across the split"
NEAR = 0.05  # of the median distance
NEAR_LOCALLY = 0.1  # of the distance to the tenth nearest
N_NEIGHBOURS = 10
INFO_SHARE, WARN_SHARE = 0.005, 0.02  # of the other rows, beyond chance
MIN_ROWS = 3  # near copies
MIN_NUMBERS, MIN_DISTINCT = 3, 20
OTHER_ROWS, TRAINING_ROWS = 1_000, 10_000
MAX_COLUMNS = 200  # a seeded sample of more
SAME_LABEL = 0.95  # of near copies, and more than among neighbours, for a leak
SAME_NUMBER = 0.25  # of the neighbours' usual difference in the target
N_ROWS_SHOWN = 10

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbours:
    """The nearest training rows of each other row.

    Attributes
    ----------
    nearest : int64 ndarray, shape (n_other,)
        Place of the nearest among the training rows compared.
    distances : float ndarray, shape (n_other, N_NEIGHBOURS)
        Rising.
    """

    nearest: Ints
    distances: NDArray[np.float64]

    def near(self) -> NDArray[np.bool_]:
        """Mark the rows whose nearest is far nearer than neighbours are."""
        first = self.distances[:, 0]
        return np.asarray((first < NEAR * np.median(first)) & (first < NEAR_LOCALLY * self.distances[:, -1]))

    def share_by_chance(self) -> float:
        """Return the share of rows that would be near by chance, by the rows' intrinsic dimension.

        Where rows lie evenly in d dimensions, the ratio of a row's second and first distance exceeds 2^(1/d) for half
        of them (Facco et al. 2017), and a share 1 - 2^(-NEAR^d) lies within NEAR times the median distance.
        """
        first, second = self.distances[:, 0], self.distances[:, 1]
        ratio = float(np.median(second[first > 0] / first[first > 0]))
        dimension = np.log(2) / max(np.log(ratio), 1e-9)
        return float(1 - 2.0 ** -(NEAR**dimension))


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the share of near copies.

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
    found = neighbours(*_scaled(rows, other, ours, theirs))
    if float(np.median(found.distances[:, 0])) <= 0:
        raise NotApplicable("half of the rows have an equal twin: the table is too coarse for distances")
    near = found.near()
    beyond = float(near.mean()) - found.share_by_chance()
    if near.sum() < MIN_ROWS or beyond <= INFO_SHARE or not _same_target(rows, ours, theirs, found):
        return ()
    severe = beyond > WARN_SHARE
    return (
        Finding(
            code=CODE,
            severity="warn" if severe else "info",
            title=TITLE,
            message=f"nearly equal to a training row: {plural(int(near.sum()), 'validation or test row')} of"
            f" {len(theirs):,} ({percent(float(near.mean()))}; {percent(found.share_by_chance())} by chance; limit"
            f" {percent(WARN_SHARE if severe else INFO_SHARE)} beyond it), with the same target",
            measured=beyond,
            limit=WARN_SHARE if severe else INFO_SHARE,
            action="ask" if severe else "none",
            remedy="compare the training rows named; --split-by-group COLUMN keeps together what they share",
            rows=tuple(int(r) for r in rows.row_numbers[ours[found.nearest[near]]][:N_ROWS_SHOWN]),
        ),
    )


def _compared(rows: TrainingRows) -> tuple[Ints, Ints]:
    random = np.random.default_rng(rows.config.seed)
    new = np.flatnonzero(~np.isin(rows.other_row_hashes, rows.row_hashes))
    if rows.other_target is not None:
        target = rows.other_target[new]
        new = new[np.isfinite(target) if rows.is_regression else target >= 0]
    ours = np.sort(random.permutation(rows.n_rows)[:TRAINING_ROWS])
    return ours, np.sort(random.permutation(new)[:OTHER_ROWS])


def _scaled(rows: TrainingRows, other: ParsedFeatures, ours: Ints, theirs: Ints) -> tuple[Floats, Floats]:
    """Return the rows as points: ranks among the training rows from 0 to 1, and levels that are 1 apart."""
    columns = list(rows.of_kind("numeric", "categorical", "boolean"))
    if len(columns) > MAX_COLUMNS:
        random = np.random.default_rng(rows.config.seed)
        columns = [columns[i] for i in np.sort(random.permutation(len(columns))[:MAX_COLUMNS])]
    parts = []
    for column in columns:
        if column in rows.features.numbers:
            both = rows.features.numbers[column][ours], other.numbers[column][theirs]
            ordered = np.sort(both[0][np.isfinite(both[0])])
            parts.append([_rank(side, ordered) for side in both])
        else:
            parts.append(_level_points(rows.features.categories[column][ours], other.categories[column][theirs]))
    return np.concatenate([part[0] for part in parts], axis=1), np.concatenate([part[1] for part in parts], axis=1)


def _rank(values: NDArray[np.float64], ordered: NDArray[np.float64]) -> Floats:
    """Return each number's place among the ordered ones, with straight lines between them; -1 where missing."""
    if not len(ordered):
        return np.zeros((len(values), 1), dtype=np.float32)
    distinct, first = np.unique(ordered, return_index=True)
    last = np.append(first[1:], len(ordered))
    middle = (first + last) / (2 * len(ordered))
    place = np.interp(values, distinct, middle)
    return np.where(np.isfinite(values), place, -1.0).astype(np.float32)[:, None]


def _level_points(ours: NDArray[np.object_], theirs: NDArray[np.object_]) -> list[Floats]:
    """Return two numbers for each level, at about a distance of 1 from those of any other.

    A mark for each level would take as many numbers as there are levels: a place on a circle of radius 1/2 and a hashed
    height tell any two apart, if not by exactly 1.
    """
    from pandas.util import hash_array

    points = []
    for side in (ours, theirs):
        hashed = hash_array(side, categorize=True)
        angle = (hashed & np.uint64(0xFFFF)).astype(np.float64) / 0x10000 * 2 * np.pi
        height = (hashed >> np.uint64(48)).astype(np.float64) / 0x10000
        points.append(np.stack([np.cos(angle) / 2, np.sin(angle) / 2, height], axis=1).astype(np.float32))
    return points


def neighbours(ours: Floats, theirs: Floats) -> Neighbours:
    """Find the nearest training rows of each other row.

    Parameters
    ----------
    ours, theirs : float32 ndarray, shape (n, n_columns), (m, n_columns)
    """
    nearest, distances = [], []
    lengths = (ours**2).sum(axis=1)
    for start in range(0, len(theirs), 500):
        block = theirs[start : start + 500]
        squared = lengths - 2 * (block @ ours.T)  # plus the block's own length, which orders nothing
        few = np.argpartition(squared, N_NEIGHBOURS, axis=1)[:, :N_NEIGHBOURS]
        exact = np.sqrt(((ours[few].astype(np.float64) - block[:, None, :]) ** 2).sum(axis=2))
        order = np.argsort(exact, axis=1)
        distances.append(np.take_along_axis(exact, order, axis=1))
        nearest.append(np.take_along_axis(few, order, axis=1)[:, 0])
    return Neighbours(nearest=np.concatenate(nearest).astype(np.int64), distances=np.concatenate(distances))


def _same_target(rows: TrainingRows, ours: Ints, theirs: Ints, found: Neighbours) -> bool:
    """Do near copies agree in the target, more than other neighbours do?"""
    if rows.other_target is None:
        return True
    near = found.near()
    mine, their = rows.target[ours[found.nearest]], rows.other_target[theirs]
    if rows.is_regression:
        apart = np.abs(mine.astype(np.float64) - their)
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
