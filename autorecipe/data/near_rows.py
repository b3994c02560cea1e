"""Rows of a table that nearly repeat each other: as points, compared, and put together in clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.units import Ints, codes_of

NEAR: Final = 0.05  # of the median distance; Cleanlab: 0.13, which calls clean rows near
NEAR_LOCALLY: Final = 0.1  # of the distance to the tenth nearest, so that dense parts of a table are no copies; choice
N_NEIGHBOURS: Final = 10
# numbers of a point up to which a tree is faster (1,000,000 rows of 20: 53 s and 484 s, 100,000 of 60: 67 s and 23 s)
TREE_WIDTH: Final = 30

Floats = NDArray[np.float32]


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

    @property
    def radius(self) -> float:
        """Distance below which a row may be a near copy."""
        return float(NEAR * np.median(self.distances[:, 0]))

    def near(self) -> NDArray[np.bool_]:
        """Mark the rows whose nearest is far nearer than neighbours are."""
        first = self.distances[:, 0]
        return np.asarray((first < self.radius) & (first < NEAR_LOCALLY * self.distances[:, -1]))

    def share_by_chance(self) -> float:
        """Return the share of rows that would be near by chance, by the rows' intrinsic dimension.

        Where rows lie evenly in d dimensions, the ratio of a row's second and first distance exceeds 2^(1/d) for half
        of them (Facco et al. 2017), and a share 1 - 2^(-NEAR^d) lies within NEAR times the median distance.
        """
        first, second = self.distances[:, 0], self.distances[:, 1]
        ratio = float(np.median(second[first > 0] / first[first > 0]))
        dimension = np.log(2) / max(np.log(ratio), 1e-9)
        return float(1 - 2.0 ** -(NEAR**dimension))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearRows:
    """How many rows that decide or test nearly repeat a training row, and what the split made of it.

    Attributes
    ----------
    n_compared, n_near : int
        Rows that were held out: all or a sample of them, and those beside a near copy.
    by_chance : float
        Share of them that would be near by chance.
    is_same_target : bool
        Whether near copies agree in the target, more than other neighbours do.
    rows : tuple of int
        A few training rows that are nearly repeated, from 1.
    radius : float
        Distance below which a row may be a near copy.
    n_together, n_clusters : int
        Rows in clusters of near copies that the split was drawn anew to keep in one part each; 0 where it was not.
    """

    n_compared: int
    n_near: int
    by_chance: float
    is_same_target: bool
    rows: tuple[int, ...]
    radius: float
    n_together: int = 0
    n_clusters: int = 0

    @property
    def share(self) -> float:
        """Share of the rows compared that are near."""
        return self.n_near / self.n_compared

    @property
    def beyond(self) -> float:
        """The same, beyond chance."""
        return self.share - self.by_chance


def rank_points(values: NDArray[np.float64], ordered: NDArray[np.float64]) -> Floats:
    """Return each number's place among the ordered ones, with straight lines between them; -1 where missing.

    Returns
    -------
    float32 ndarray, shape (n_rows, 1)
        From 0 to 1.
    """
    if not len(ordered):
        return np.zeros((len(values), 1), dtype=np.float32)
    distinct, first = np.unique(ordered, return_index=True)
    last = np.append(first[1:], len(ordered))
    middle = (first + last) / (2 * len(ordered))
    place = np.interp(values, distinct, middle)
    return np.where(np.isfinite(values), place, -1.0).astype(np.float32)[:, None]


def level_points(levels: NDArray[np.object_]) -> Floats:
    """Return three numbers for each level, at about a distance of 1 from those of any other.

    A mark for each level would take as many numbers as there are levels: a place on a circle of radius 1/2 and a hashed
    height tell any two apart, if not by exactly 1.

    Returns
    -------
    float32 ndarray, shape (n_rows, 3)
    """
    from pandas.util import hash_array

    hashed = hash_array(levels, categorize=True)
    angle = (hashed & np.uint64(0xFFFF)).astype(np.float64) / 0x10000 * 2 * np.pi
    height = (hashed >> np.uint64(48)).astype(np.float64) / 0x10000
    return np.stack([np.cos(angle) / 2, np.sin(angle) / 2, height], axis=1).astype(np.float32)


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


def clusters_of_rows(points: Floats, among: Floats, *, radius: float) -> Ints:
    """Put rows that nearly repeat each other together.

    Two rows belong together when they are nearer than the radius and nearer than a tenth of the distance that either
    has to its tenth nearest row; whatever hangs together over several such pairs is one cluster. Each row is compared
    with its nine nearest: with more than that within the radius it lies in a dense part.

    Parameters
    ----------
    points : float32 ndarray, shape (n_rows, n_columns)
    among : float32 ndarray, shape (n_training, n_columns)
        Training rows, or a sample of them, that say how far the tenth nearest row is.

    Returns
    -------
    int64 ndarray, shape (n_rows,)
        Cluster of each row; a row without a near copy is one of its own.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    as_bytes = np.ascontiguousarray(points + np.float32(0)).view(np.dtype((np.void, points.shape[1] * 4)))[:, 0]
    _, first, place = np.unique(as_bytes, return_index=True, return_inverse=True)
    one, other = _near_pairs(points[first], among, radius=radius)
    n = len(first)
    edges = coo_matrix((np.ones(len(one), dtype=np.int8), (one, other)), shape=(n, n))
    return codes_of(connected_components(edges, directed=False)[1][place])


def _near_pairs(distinct: Floats, among: Floats, *, radius: float) -> tuple[Ints, Ints]:
    from scipy.spatial import KDTree

    tree = KDTree(distinct.astype(np.float64))
    n_near = min(N_NEIGHBOURS, len(distinct))
    ranks = [*range(1, n_near + 1)]
    found_pairs = tree.query(tree.data, k=ranks, distance_upper_bound=radius, workers=-1)
    distance, found = map(np.asarray, found_pairs)
    one, rank = np.nonzero(np.isfinite(distance))
    other, apart = found[one, rank], distance[one, rank]
    is_pair = (one != other) & (apart > 0)
    one, other, apart = one[is_pair], other[is_pair], apart[is_pair]
    if not len(one):
        return one, other
    reach = np.zeros(len(distinct))
    rows = np.unique(np.concatenate([one, other]))
    reach[rows] = NEAR_LOCALLY * _tenth_nearest(among, distinct[rows], within=radius / NEAR_LOCALLY)
    is_near = apart < np.maximum(reach[one], reach[other])
    return one[is_near], other[is_near]


def _tenth_nearest(among: Floats, points: Floats, *, within: float) -> NDArray[np.float64]:
    """Return how far the tenth nearest row is, shape (n_points,); infinity for some that lie beyond a distance."""
    if points.shape[1] > TREE_WIDTH:
        return neighbours(among, points).distances[:, -1]
    from scipy.spatial import KDTree

    tree = KDTree(among.astype(np.float64))
    found = tree.query(points.astype(np.float64), k=[N_NEIGHBOURS], distance_upper_bound=within, workers=-1)
    return np.asarray(found[0])[:, 0]
