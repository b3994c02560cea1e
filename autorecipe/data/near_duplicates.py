"""Images that are the same, or nearly: whatever is split, they stay together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.image_source import ImageMeasurements

Ints = NDArray[np.int64]

# Reference checks, image row 11: candidates by pHash, confirmed on the thumbnails; flat images all resemble each other.
MAX_BITS: Final = 4  # of the 64 bits of two pHashes may differ
MAX_DIFFERENCE: Final = 8 / 255  # mean absolute difference of the 32 x 32 thumbnails, below which they are alike
MIN_ENTROPY: Final = 2.0  # bits of the grey histogram that both must exceed
# Hashes that differ in 4 bits at most agree on one of 5 bands of bits, whichever bits these are.
BANDS: Final = ((0, 13), (13, 13), (26, 13), (39, 13), (52, 12))  # first bit and number of bits
PAIRS_AT_ONCE: Final = 1 << 20  # whose bits are compared; 16 MB of hashes
CONFIRMED_AT_ONCE: Final = 4096  # pairs whose thumbnails are compared; 25 MB of thumbnails
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
    _, first, inverse = np.unique(measured.pixel_hash, return_index=True, return_inverse=True)
    return np.arange(len(inverse), dtype=np.int64), first[inverse].astype(np.int64)


def _near(measured: ImageMeasurements) -> tuple[Ints, Ints]:
    rows = np.flatnonzero(measured.entropy > MIN_ENTROPY)
    _, of_first = np.unique(measured.pixel_hash[rows], return_index=True)
    rows = rows[np.sort(of_first)]  # copies are known by now
    hashes = measured.perceptual_hash[rows]
    first, second = _close_pairs(hashes)
    alike = _alike(measured.thumbnails, rows[first], rows[second])
    return rows[first[alike]], rows[second[alike]]


def _close_pairs(hashes: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Return the pairs of hashes that differ in at most MAX_BITS bits."""
    found: list[Ints] = [np.empty((0, 2), dtype=np.int64)]
    for start, n_bits in BANDS:
        band = (hashes >> np.uint64(start)) & np.uint64((1 << n_bits) - 1)
        for first, second in _pairs_within(band):
            close = _n_different(hashes[first], hashes[second]) <= MAX_BITS
            found.append(np.column_stack([first[close], second[close]]))
    pairs = np.unique(np.concatenate(found), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _pairs_within(keys: NDArray[np.uint64]) -> Iterator[tuple[Ints, Ints]]:
    """Yield all pairs of rows with equal keys, a bounded number at once."""
    order = np.argsort(keys, kind="stable")
    ends = np.searchsorted(keys[order], keys[order], side="right")
    n_after = ends - np.arange(len(keys)) - 1  # rows of the same key that follow in the order
    if not n_after.any():
        return
    cuts = np.searchsorted(np.cumsum(n_after), np.arange(PAIRS_AT_ONCE, n_after.sum() + PAIRS_AT_ONCE, PAIRS_AT_ONCE))
    for low, high in zip(np.concatenate([[0], cuts[:-1] + 1]), cuts + 1, strict=True):
        places = np.arange(low, min(high, len(keys)))
        counts = n_after[places]
        first = np.repeat(places, counts)
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        yield order[first], order[first + 1 + steps]


def _n_different(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Count the bits in which hashes differ (the classic sums over 2, 4 and 8 bits; H. S. Warren, Hacker's Delight)."""
    bits = first ^ second
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return ((bits * np.uint64(0x0101010101010101)) >> np.uint64(56)).astype(np.uint8)


def _alike(thumbnails: NDArray[np.uint8], first: Ints, second: Ints) -> NDArray[np.bool_]:
    alike = np.zeros(len(first), dtype=np.bool_)
    for start in range(0, len(first), CONFIRMED_AT_ONCE):
        batch = slice(start, start + CONFIRMED_AT_ONCE)
        one, other = thumbnails[first[batch]].astype(np.int16), thumbnails[second[batch]]
        difference = np.abs(one - other).reshape(len(one), -1).mean(axis=1)
        alike[batch] = difference < MAX_DIFFERENCE * 255
    return alike


def _by_appearance(labels: NDArray[np.integer]) -> Ints:
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
