"""Images that share a key: equal pixels, or a cluster of near duplicates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
N_PAIRS = 25  # pairs shown: two names each, and a finding carries fifty


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Twins:
    """Images that share a key with another one.

    Attributes
    ----------
    codes : int64 ndarray, shape (n,)
        Number of each image's key, from 0.
    first : int64 ndarray, shape (n,)
        Place of the first image with its key.
    size : int64 ndarray, shape (n,)
        How many images have its key.
    """

    codes: Ints
    first: Ints
    size: Ints

    @property
    def is_copy(self) -> NDArray[np.bool_]:
        """Whether an earlier image has the same key, shape (n,)."""
        return np.asarray(self.first != np.arange(len(self.first)))


def find_twins(keys: NDArray[np.generic]) -> Twins:
    """Group images by a key.

    Parameters
    ----------
    keys : ndarray, shape (n,)

    >>> find_twins(np.array([7, 3, 7])).is_copy.tolist()
    [False, False, True]
    """
    _, first, codes, size = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    codes = np.asarray(codes, dtype=np.int64).reshape(-1)
    return Twins(codes=codes, first=first[codes].astype(np.int64), size=size[codes].astype(np.int64))


def pair_key(*keys: NDArray[np.generic]) -> Ints:
    """Return one number for each combination of keys, shape (n,): equal where all of them are."""
    codes = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        values, place = np.unique(key, return_inverse=True)
        combined = codes * len(values) + place.reshape(-1)
        codes = np.unique(combined, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return codes


def n_apart(of: Twins, copies: Ints, units: Ints) -> int:
    """Return how many copies are of another unit than the first of their key: a split may part them.

    >>> n_apart(find_twins(np.array([7, 3, 7, 7])), np.array([2, 3]), np.array([0, 1, 0, 2]))
    1
    """
    return int((units[copies] != units[of.first[copies]]).sum())


def pairs(of: Twins, copies: Ints) -> Ints:
    """Return the places of copies, each after the first of its key: at most N_PAIRS pairs, one after the other."""
    shown = copies[:N_PAIRS]
    return np.stack([of.first[shown], shown], axis=1).reshape(-1)
