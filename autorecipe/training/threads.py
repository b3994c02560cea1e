"""How many threads scikit-learn fits with: those that wait for each other may cost more than they give."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager

# threads that wait for each other cost more than they give on fewer rows, and many times more where another process
# wants the cores too (measured beside a busy process, 14,000 rows: a Baseline stage of 114 s with two, 22 s with one)
N_ROWS_PER_THREAD = 100_000


def fitting_threads(n_rows: int) -> AbstractContextManager[object]:
    """Return a context in which numeric libraries use as many threads as that many rows are worth."""
    from threadpoolctl import threadpool_limits

    limit: AbstractContextManager[object] = threadpool_limits(limits=n_threads(n_rows))
    return limit


def n_threads(n_rows: int) -> int:
    """Return how many threads a fit on that many rows is worth.

    Threads of OpenMP that wait keep their core busy unless `OMP_WAIT_POLICY` is PASSIVE, which they read when they are
    loaded: the command line sets it, and in a notebook scikit-learn is often there before. One core is then left to
    whoever else wants one (measured on two cores beside busy processes, gradient boosting on 120,000 rows: 5 to 16 s
    with two such threads, 1 to 2 s with one, or with two that wait passively).
    """
    if n_rows < N_ROWS_PER_THREAD:
        return 1
    n_cores = os.cpu_count() or 1
    waits_passively = os.environ.get("OMP_WAIT_POLICY", "").strip().upper() == "PASSIVE"
    return n_cores if waits_passively else max(1, n_cores - 1)
