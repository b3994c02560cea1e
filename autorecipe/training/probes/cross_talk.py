"""Does each row's output depend on that row alone?"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from autorecipe.record.readings import CrossTalkReading
from autorecipe.training.bench import Bench, BenchRows, CannotMeasure, Floats

N_BATCH_ROWS, MIN_BATCH_ROWS = 16, 2


def cross_talk(bench: Bench) -> CrossTalkReading:
    """Return how strongly a row's outputs answer to another row's inputs, in inference mode.

    Measured by gradients; where inputs are codes or have missing cells, by giving one row at a time the inputs of
    another and looking at what changes.
    """
    bench.fresh()
    rows = bench.train.evenly(N_BATCH_ROWS)
    if rows.n_rows < MIN_BATCH_ROWS:
        raise CannotMeasure("one row has no other beside it")
    table = _by_gradient(bench, rows) if _is_smooth(rows) else None
    if table is None or not table.any():
        table = _by_change(bench, rows)
    bench.fresh()
    own, other = float(table.diagonal().max()), float((table - np.diag(table.diagonal())).max())
    if own == 0 and other == 0:
        raise CannotMeasure("the outputs do not depend on the inputs")
    return CrossTalkReading(largest_share=other / own if own > 0 else 1.0, n_rows=rows.n_rows)


def _is_smooth(rows: BenchRows) -> bool:
    return all(v.dtype.is_floating and bool(tf.reduce_all(tf.math.is_finite(v))) for v in tf.nest.flatten(rows.x))


def _by_gradient(bench: Bench, rows: BenchRows) -> Floats:
    """Return the largest gradient of row i's outputs by row j's inputs, at (i, j)."""
    # signs drawn per output: the sum of a softmax is 1 and has no gradient
    rng, inputs = np.random.default_rng(bench.setup.seed), tf.nest.flatten(rows.x)
    with tf.GradientTape(persistent=True) as tape:
        for tensor in inputs:
            tape.watch(tensor)
        outputs = bench.network(rows.x, training=False)
        signs = rng.uniform(0.5, 1.0, outputs.shape[1]) * rng.choice([-1.0, 1.0], outputs.shape[1])
        mixed = [tf.reduce_sum(outputs[i] * tf.constant(signs, outputs.dtype)) for i in range(rows.n_rows)]
    table = np.zeros((rows.n_rows, rows.n_rows))
    for i, value in enumerate(mixed):
        for gradient in tape.gradient(value, inputs, unconnected_gradients=tf.UnconnectedGradients.ZERO):
            sizes = np.abs(np.asarray(gradient)).reshape(rows.n_rows, -1).max(axis=1)
            table[i] = np.maximum(table[i], np.nan_to_num(sizes))
    return table


def _by_change(bench: Bench, rows: BenchRows) -> Floats:
    """Return how far row i's outputs move when row j is given another row's inputs, at (i, j)."""
    n = rows.n_rows
    before, table = bench.outputs(rows.x), np.zeros((n, n))
    for j in range(n):
        places = np.arange(n)
        places[j] = (j + n // 2) % n
        table[:, j] = np.nan_to_num(np.abs(bench.outputs(rows.take(places).x) - before).max(axis=1))
    return table
