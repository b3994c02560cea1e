"""Images that are the same, or nearly: whatever is split, they stay together."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.image_clusters import Seen, block_sums, cluster_images
from autorecipe.data.image_source import ImageMeasurements, ReadImages

Ints = NDArray[np.int64]

# Choice: flat images all resemble each other.
MIN_ENTROPY: Final = 2.0  # bits of the grey histogram that both must exceed
BURST_GAP_S: Final = 2.0  # between two photos of one camera, EXIF times being whole seconds; choice
SECONDS_PER_DAY: Final = 86_400


def near_duplicates(measured: ImageMeasurements) -> Ints:
    """Find clusters of equal and of nearly equal images.

    Images belong together when their pixels are equal; or when their 64-bit pHashes differ in at most 4 bits, their
    32 x 32 thumbnails by less than 8/255 on average, and neither is flat. Whatever hangs together over several such
    pairs is one cluster.

    Returns
    -------
    int64 array, shape (n_rows,)
        Cluster of each image, numbered 0, 1, ... in order of appearance.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(measured.pixel_hash)
    if n == 0:
        return np.empty(0, dtype=np.int64)
    first, second = (np.concatenate(side) for side in zip(_equal(measured), _near(measured), strict=True))
    edges = coo_matrix((np.ones(len(first), dtype=np.int8), (first, second)), shape=(n, n))
    return _by_appearance(connected_components(edges, directed=False)[1])


def clusters_of(images: ReadImages) -> Ints:
    """Return the clusters of near duplicates, found now unless they are known."""
    return near_duplicates(images.measured) if images.clusters is None else images.clusters


def with_clusters(images: ReadImages) -> ReadImages:
    """Return the images with their clusters of near duplicates, to be found once."""
    return dataclasses.replace(images, clusters=clusters_of(images))


def bursts(measured: ImageMeasurements) -> Ints:
    """Find photos that one camera took within seconds of each other: candidates for groups, no more.

    Returns
    -------
    int64 array, shape (n_rows,)
        Burst of each image, numbered in order of appearance; images without an EXIF time stand alone.
    """
    taken = measured.taken_at
    alone = np.arange(len(taken), dtype=np.int64)
    known = np.flatnonzero(np.isfinite(taken))
    if not len(known):
        return alone
    cameras = np.unique(measured.camera[known].astype(str), return_inverse=True)[1]
    order = known[np.lexsort((taken[known], cameras))]
    camera = np.sort(cameras)
    gap_s = np.diff(taken[order]) * SECONDS_PER_DAY
    is_new = np.concatenate([[True], (gap_s > BURST_GAP_S + 1e-3) | (np.diff(camera) != 0)])
    codes = alone.copy()
    codes[order] = order[np.flatnonzero(is_new)][np.cumsum(is_new) - 1]
    return _by_appearance(codes)


def _equal(measured: ImageMeasurements) -> tuple[Ints, Ints]:
    """Return each image with the first that has its pixels."""
    return np.arange(len(measured.pixel_hash), dtype=np.int64), _first_of(measured.pixel_hash)


def _near(measured: ImageMeasurements) -> tuple[Ints, Ints]:
    """Return each image that is not flat with one of its cluster of nearly equal ones."""
    rows = np.flatnonzero(measured.entropy > MIN_ENTROPY)
    _, of_first = np.unique(measured.pixel_hash[rows], return_index=True)
    rows = rows[np.sort(of_first)]  # copies are known by now
    thumbnails = measured.thumbnails.reshape(len(measured.thumbnails), -1)
    blocks = block_sums(measured.thumbnails, rows)
    seen = Seen(hashes=measured.perceptual_hash[rows], thumbnails=thumbnails, rows=rows, blocks=blocks)
    return rows, rows[_first_of(cluster_images(seen))]


def _first_of(values: NDArray[np.integer]) -> Ints:
    """Return the place of the first that is equal to each."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    return np.asarray(first[inverse], dtype=np.int64)


def _by_appearance(labels: NDArray[np.integer]) -> Ints:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
