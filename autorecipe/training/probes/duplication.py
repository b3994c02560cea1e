"""Is the loss a mean over the batch?"""

from __future__ import annotations

from autorecipe.record.readings import DuplicationReading
from autorecipe.training.bench import Bench

FACTORS = (1, 2, 4, 8, 16, 32)  # TheDeepChecker doubles a batch five times


def duplication(bench: Bench) -> DuplicationReading:
    """Return the loss of a batch that is repeated 1 to 32 times, as far as one batch holds."""
    bench.fresh()
    size = bench.setup.batch_size
    factors = [f for f in FACTORS if f <= size]
    rows = bench.train.evenly(max(1, size // factors[-1]))
    losses = tuple((float(f), bench.batch_loss(rows, factor=f)) for f in factors)
    bench.fresh()
    return DuplicationReading(losses=losses)
