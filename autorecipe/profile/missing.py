"""Which cells are missing together."""

from __future__ import annotations

import numpy as np

from autorecipe.checks.rows import TrainingRows
from autorecipe.record.profile import MissingPattern

N_PATTERNS = 10


def missing_patterns(rows: TrainingRows) -> tuple[MissingPattern, ...]:
    """Return the commonest sets of two or more features that are missing in a row, and their rows.

    Every feature with missing cells gets a random number; a row's numbers are added up, so that rows of one
    pattern have one sum (two patterns share a sum by chance once in 2^64).
    """
    masks = {name: mask for name, mask in rows.features.missing.items() if mask.any()}
    if len(masks) < 2:
        return ()
    random = np.random.default_rng(rows.config.seed)
    sums, n_missing = np.zeros(rows.n_rows, dtype=np.uint64), np.zeros(rows.n_rows, dtype=np.int64)
    for mask, number in zip(masks.values(), random.integers(1, 2**63, len(masks), dtype=np.uint64), strict=True):
        sums += np.where(mask, number, np.uint64(0))
        n_missing += mask
    _, first, counts = np.unique(sums, return_index=True, return_counts=True)
    together = n_missing[first] > 1
    first, counts = first[together], counts[together]
    order = np.lexsort((first, -counts))[:N_PATTERNS]
    return tuple(
        MissingPattern(columns=tuple(c for c, mask in masks.items() if mask[row]), n_rows=int(n))
        for row, n in zip(first[order], counts[order], strict=True)
    )
