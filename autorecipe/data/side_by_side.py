"""Columns worked on side by side: Arrow and NumPy let other threads run while they work on a column."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_THREADS: Final = 4  # beyond, they wait for Python itself; choice
BLOCK_ITEMS: Final = 8  # a thread takes at a time


def map_columns(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return what `work` makes of each item, in their order; the first error in this order is raised."""
    n_threads = min(
        MAX_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    blocks = [items[i : i + BLOCK_ITEMS] for i in range(0, len(items), BLOCK_ITEMS)]
    if n_threads == 1 or len(blocks) == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(n_threads) as pool:
        return [result for block in pool.map(lambda block: [work(item) for item in block], blocks) for result in block]
