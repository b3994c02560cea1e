"""How does the network end, and what loss is it held to?"""

from __future__ import annotations

import numpy as np

from autorecipe.record.network_readings import HeadReading
from autorecipe.training.bench import Bench
from autorecipe.training.inspect_network import finite, rows_to_look_at
from autorecipe.training.layer_calls import closing_activations, record_calls


def head(bench: Bench) -> HeadReading:
    """Return the last activations, the loss, and what outputs and labels look like."""
    bench.fresh()
    calls, outputs = record_calls(bench.network, rows_to_look_at(bench.train).x)
    values, y = np.asarray(outputs, "float64"), np.asarray(bench.train.y, "float64")
    known, sums = y[np.isfinite(y)], values.sum(axis=1)
    label_width = int(y.shape[-1]) if y.ndim > 1 else 1
    lowest, highest = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    return HeadReading(
        n_outputs=int(values.shape[1]),
        activations=closing_activations(calls, outputs),
        loss=bench.setup.loss,
        from_logits=bench.setup.from_logits,
        lowest=finite(values.min()),
        highest=finite(values.max()),
        row_sum_low=finite(sums.min()),
        row_sum_high=finite(sums.max()),
        labels_are_one_hot=label_width > 1 and bench.setup.task != "regression",
        label_minimum=lowest,
        label_maximum=highest,
        labels_are_whole=bool((known == np.round(known)).all()),
        label_width=label_width,
    )
