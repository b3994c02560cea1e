"""Clusters of images that look nearly the same, without comparing all pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Pairs = Iterable[tuple[Ints, Ints]]

# Choices: candidates by pHash (imagededup allows 10 bits, CleanVision none), confirmed on the thumbnails.
MAX_BITS: Final = 4  # of the 64 bits of two pHashes may differ
MAX_DIFFERENCE: Final = 8 / 255  # mean absolute difference of the 32 x 32 thumbnails, below which they are alike
THUMBNAIL_PIXELS: Final = 32 * 32 * 3
# Hashes that differ in 4 bits at most agree on one of 5 bands of bits, whichever bits these are.
BANDS: Final = ((0, 13), (13, 13), (26, 13), (39, 13), (52, 12))  # first bit and number of bits
PIECES: Final = ((0, 10), (10, 10), (20, 10), (30, 10), (40, 12))  # likewise of the 51 or 52 other bits
MAX_BUCKET: Final = 256  # images that agree on these bits, all pairs of which are compared; choice
N_NEIGHBOURS: Final = 8  # images next to it, by each of three orders, that an image is compared with; choice
N_REPRESENTATIVES: Final = 32  # clusters of a larger bucket that each of its images is compared with; choice
MAX_UNLIKE: Final = 100_000  # thumbnails of close hashes that differ, in one round; some 0.3 s; choice
PAIRS_AT_ONCE: Final = 1 << 20  # whose bits are compared; 16 MB of hashes
CONFIRMED_AT_ONCE: Final = 4096  # pairs whose thumbnails are compared before those that they joined are left out
COMPARED_AT_ONCE: Final = 256  # thumbnails: 1.5 MB stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What images are compared by.

    Attributes
    ----------
    hashes : uint64 array, shape (n,)
    thumbnails : uint8 array, shape (n_all, n_pixels)
        Those of the images at `rows`.
    rows : int64 array, shape (n,)
    blocks : int16 array, shape (n, n_blocks)
        Sums of the thumbnails' pixels over blocks of 8 x 8: two images differ in these no more than in their pixels.
    """

    hashes: NDArray[np.uint64]
    thumbnails: NDArray[np.uint8]
    rows: Ints
    blocks: NDArray[np.int16]


def block_sums(thumbnails: NDArray[np.uint8], rows: Ints) -> NDArray[np.int16]:
    """Return the sums of thumbnails' pixels over 4 x 4 blocks and 3 channels, for the images at `rows`.

    Parameters
    ----------
    thumbnails : uint8 array, shape (n_all, 32, 32, 3)
    """
    blocks = np.zeros((len(rows), 4 * 4 * 3), dtype=np.int16)
    for start in range(0, len(rows), CONFIRMED_AT_ONCE):
        some = slice(start, start + CONFIRMED_AT_ONCE)
        pixels = thumbnails[rows[some]].reshape(-1, 4, 8, 4, 8, 3)
        blocks[some] = pixels.sum(axis=(2, 4), dtype=np.int16).reshape(len(pixels), -1)
    return blocks


def cluster_images(seen: Seen) -> Ints:
    """Find images whose hashes differ in at most MAX_BITS bits and whose thumbnails are alike, and what hangs together.

    All pairs that agree on a band of bits are compared, as long as no more than MAX_BUCKET images agree on it; of more,
    those that agree on a piece of the other bits as well. Where still more agree (frames of a fixed camera), each is
    compared with the images next to it and with one of each cluster: a cluster may then fall in two where only images
    in its middle are alike.

    Returns
    -------
    int64 array, shape (n,)
        Cluster of each image, in any numbering from 0.
    """
    labels = np.arange(len(seen.hashes), dtype=np.int64)
    earlier: list[Ints] = []  # what pairs agreed on that were compared, or passed over
    compared: list[Ints] = []  # what pairs agreed on all of which were compared
    for start, n_bits in BANDS:
        band = _bits(seen.hashes, start, n_bits)
        small, large = _by_size(band)
        labels = _joined(labels, _neighbours(band, seen), seen, known=earlier)
        labels = _joined(labels, _pairs_within(band, small), seen, known=compared)
        compared.append(_only(band, small))
        within = list(earlier)
        for keys in _pieces(seen.hashes, band, large, start=start, n_bits=n_bits):
            small, larger = _by_size(keys)
            labels = _joined(labels, _pairs_within(keys, small), seen, known=compared)
            labels = _joined(labels, _with_representatives(keys, larger, labels), seen, known=within)
            compared.append(_only(keys, small))
            within.append(keys)
        earlier.append(band)
    return labels


def _bits(hashes: NDArray[np.uint64], start: int, n_bits: int) -> Ints:
    return ((hashes >> np.uint64(start)) & np.uint64((1 << n_bits) - 1)).astype(np.int64)


def _pieces(hashes: NDArray[np.uint64], band: Ints, rows: Ints, *, start: int, n_bits: int) -> Iterator[Ints]:
    """Yield keys, equal for rows that agree on the band and on a piece of the other bits; no other row has its like."""
    if not len(rows):
        return
    others = _bits(hashes, 0, start) | _bits(hashes, start + n_bits, 64 - start - n_bits) << start
    for first, n in PIECES:
        yield _only(band << n | (others >> first) & ((1 << n) - 1), rows)


def _only(keys: Ints, rows: Ints) -> Ints:
    """Return the keys of these rows; each other row has one of its own."""
    alone = -1 - np.arange(len(keys), dtype=np.int64)
    alone[rows] = keys[rows]
    return alone


def _by_size(keys: Ints) -> tuple[Ints, Ints]:
    """Return the rows whose key few have, and those whose key more than MAX_BUCKET have."""
    _, codes, counts = np.unique(keys, return_inverse=True, return_counts=True)
    is_large = counts[codes] > MAX_BUCKET
    return np.flatnonzero(~is_large), np.flatnonzero(is_large)


def _joined(labels: Ints, pairs: Pairs, seen: Seen, *, known: Sequence[Ints]) -> Ints:
    """Return the labels once the pairs that are alike have one; those that agree on what is known are passed over."""
    n_left = MAX_UNLIKE
    for first, second in pairs:
        first, second = _kept(labels[first] != labels[second], first, second)
        first, second = _kept(_n_different(seen.hashes[first], seen.hashes[second]) <= MAX_BITS, first, second)
        for keys in known:
            first, second = _kept(keys[first] != keys[second], first, second)
        first, second = _kept(_alike(seen.blocks, first, second), first, second)
        while len(first):
            some, others = slice(0, CONFIRMED_AT_ONCE), slice(CONFIRMED_AT_ONCE, None)
            is_alike = _alike(seen.thumbnails, seen.rows[first[some]], seen.rows[second[some]])
            labels = _connect(labels, first[some][is_alike], second[some][is_alike])
            first, second = _kept(labels[first[others]] != labels[second[others]], first[others], second[others])
            n_left -= int((~is_alike).sum())
            if n_left < 0:
                return labels
    return labels


def _kept(is_kept: NDArray[np.bool_], first: Ints, second: Ints) -> tuple[Ints, Ints]:
    return first[is_kept], second[is_kept]


def _connect(labels: Ints, first: Ints, second: Ints) -> Ints:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not len(first):
        return labels
    edges = coo_matrix((np.ones(len(first), dtype=np.int8), (labels[first], labels[second])), shape=(len(labels),) * 2)
    return np.asarray(connected_components(edges, directed=False)[1], dtype=np.int64)[labels]


def _neighbours(keys: Ints, seen: Seen) -> Iterator[tuple[Ints, Ints]]:
    """Yield rows of one key that are next to each other: by their order, hash or brightness."""
    for values in (np.arange(len(keys)), seen.hashes, seen.blocks.sum(axis=1, dtype=np.int64)):
        order = np.lexsort((values, keys))
        for step in range(1, N_NEIGHBOURS + 1):
            first, second = order[:-step], order[step:]
            yield _kept(keys[first] == keys[second], first, second)


def _pairs_within(keys: Ints, rows: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield all pairs of rows with equal keys, a bounded number at once."""
    order = rows[np.argsort(keys[rows], kind="stable")]
    ends = np.searchsorted(keys[order], keys[order], side="right")
    n_after = ends - np.arange(len(order)) - 1  # rows of the same key that follow in the order
    if not n_after.any():
        return
    cuts = np.searchsorted(np.cumsum(n_after), np.arange(PAIRS_AT_ONCE, n_after.sum() + PAIRS_AT_ONCE, PAIRS_AT_ONCE))
    for low, high in zip(np.concatenate([[0], cuts[:-1] + 1]), cuts + 1, strict=True):
        places = np.arange(low, min(high, len(order)))
        counts = n_after[places]
        first = np.repeat(places, counts)
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        yield order[first], order[first + 1 + steps]


def _with_representatives(keys: Ints, rows: Ints, labels: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield each row with the first of each cluster among the rows of its key, of the largest clusters if many."""
    if not len(rows):
        return
    found = np.unique(keys[rows] * len(labels) + labels[rows], return_index=True, return_counts=True)
    bucket = found[0] // len(labels)
    largest_first = np.lexsort((-found[2], bucket))
    bucket, representative = bucket[largest_first], rows[found[1][largest_first]]
    begin = np.searchsorted(bucket, keys[rows])
    n_clusters = np.searchsorted(bucket, keys[rows], side="right") - begin
    at_once = max(1, PAIRS_AT_ONCE // len(rows))
    for rank in range(0, min(int(n_clusters.max()), N_REPRESENTATIVES), at_once):
        ranks = np.arange(rank, min(rank + at_once, N_REPRESENTATIVES))
        of_row, of_rank = np.nonzero(ranks < n_clusters[:, None])
        yield rows[of_row], representative[begin[of_row] + ranks[of_rank]]


def _n_different(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Count the bits in which hashes differ (the classic sums over 2, 4 and 8 bits; H. S. Warren, Hacker's Delight)."""
    bits = first ^ second
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return ((bits * np.uint64(0x0101010101010101)) >> np.uint64(56)).astype(np.uint8)


def _alike(values: NDArray[np.integer], first: Ints, second: Ints) -> NDArray[np.bool_]:
    """Tell which pairs differ little in all values together: pixels of thumbnails, or sums of these."""
    alike = np.zeros(len(first), dtype=np.bool_)
    for start in range(0, len(first), COMPARED_AT_ONCE):
        some = slice(start, start + COMPARED_AT_ONCE)
        one, other = values[first[some]], values[second[some]]
        difference = np.maximum(one, other)
        difference -= np.minimum(one, other)
        alike[some] = difference.sum(axis=1, dtype=np.int32) < MAX_DIFFERENCE * 255 * THUMBNAIL_PIXELS
    return alike
