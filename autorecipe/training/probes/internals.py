"""What goes on inside the network before its first step?"""

from __future__ import annotations

from autorecipe.record.network_readings import Internals
from autorecipe.training.bench import Bench
from autorecipe.training.inspect_network import inspect_network


def internals(bench: Bench) -> Internals:
    """Return what `inspect_network` sees before training."""
    bench.fresh()
    return inspect_network(bench, epoch=0)
