"""Can the network memorise a few rows? If not, something is broken."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.record.readings import Curve, TinyBatchReading
from autorecipe.training.bench import Bench, BenchRows, Floats
from autorecipe.training.inspect_network import finite

N_TINY_ROWS = 32  # "overfit 2-100 samples": recipe rule B6
N_SEARCHED_ROWS = 2048  # among which rows of all classes are looked for
N_SEARCHED_CELLS = 2**23  # numbers of those rows, 64 MiB as they are compared; of larger rows fewer are searched
N_LOOKS, STEPS_PER_LOOK = 18, 16  # 288 steps in all, in blocks of the compiled steps; choice
# tried in turn: around what such an optimizer usually takes
RATES: dict[str, tuple[float, ...]] = {
    "sgd": (1e-2, 3e-2, 1e-1),
    "adagrad": (3e-2, 1e-1, 3e-1),
    "adadelta": (1.0, 3.0, 10.0),
    "lion": (1e-4, 3e-4, 1e-3),
}
ADAM_RATES = (1e-3, 3e-3, 1e-2)
LOSS_SHARE = 0.01  # of ln C; choice
VARIANCE_SHARE = 1e-3  # of the target's variance, for a regression: the same source


def tiny_batch(bench: Bench) -> TinyBatchReading:
    """Return how well at most 32 distinct rows of all classes were memorised, in 288 steps at the best of three rates.

    A look takes the better of training and inference mode: statistics of batch normalization lag behind, and a user's
    dropout cannot be switched off.
    """
    rows = conflict_free_rows(bench)
    bench.fresh()
    start, _ = _look(bench, rows, with_training=False)
    limit = _limit(bench, start)
    best: tuple[float, float, int, Curve] = (math.inf, 0.0, 0, ())
    for rate in RATES.get(bench.setup.optimizer, ADAM_RATES):
        bench.fresh()
        looks = list(_looks(bench, rows, rate, limit=limit))
        lowest = min(looks, key=lambda look: look[1] if math.isfinite(look[1]) else math.inf)
        step, loss, accuracy = lowest
        if loss < best[0]:
            n_steps = step if _is_done(loss, accuracy, limit) else 0
            best = (loss, accuracy, n_steps, tuple((float(s), finite(value)) for s, value, _ in looks))
        if best[2]:
            break
    bench.fresh()
    loss, accuracy, n_steps, curve = best
    return TinyBatchReading(
        n_rows=rows.n_rows,
        start=finite(start),
        best=finite(loss),
        limit=finite(limit),
        accuracy=accuracy,
        n_steps=n_steps,
        curve=curve,
    )


def conflict_free_rows(bench: Bench) -> BenchRows:
    """Return at most 32 rows that differ in their inputs, so that none contradicts another, classes in turn.

    Their weights are 1, since a row of weight 0 has no pull.
    """
    n_cells = sum(math.prod(v.shape[1:]) for v in tf.nest.flatten(bench.train.x))
    n = min(bench.train.n_rows, N_SEARCHED_ROWS, max(N_TINY_ROWS, N_SEARCHED_CELLS // max(n_cells, 1)))
    places = np.random.default_rng(bench.setup.seed).permutation(bench.train.n_rows)[:n]
    searched = bench.train.take(places)
    distinct = _distinct(searched)
    if bench.setup.task != "regression":
        distinct = distinct[np.argsort(_turns(bench.classes(searched.y)[distinct]), kind="stable")]
    rows = searched.take(distinct[:N_TINY_ROWS])
    return dataclasses.replace(rows, weight=tf.ones(rows.n_rows, "float32"))


def _distinct(rows: BenchRows) -> NDArray[np.intp]:
    flat = [np.nan_to_num(np.asarray(v, "float64").reshape(rows.n_rows, -1)) for v in tf.nest.flatten(rows.x)]
    _, first = np.unique(np.concatenate(flat, axis=1), axis=0, return_index=True)
    return np.sort(first)


def _turns(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each row how many rows of its class come before it."""
    turns = np.zeros(len(codes), "int64")
    for code in np.unique(codes):
        turns[codes == code] = np.arange((codes == code).sum())
    return turns


def _looks(bench: Bench, rows: BenchRows, rate: float, *, limit: float) -> Iterator[tuple[int, float, float]]:
    """Yield (steps, loss, accuracy) before training and after every 16 steps, until the rows are memorised."""
    # no layer tells the modes apart where the first outputs are alike, but for another order of operations
    same = np.allclose(bench.outputs(rows.x), _in_training(bench, rows), rtol=1e-4, atol=1e-5)
    look = (0, *_look(bench, rows, with_training=not same))
    yield look
    for i in range(N_LOOKS):
        bench.take_steps(rows, STEPS_PER_LOOK, rates=rate, draw=i)
        look = ((i + 1) * STEPS_PER_LOOK, *_look(bench, rows, with_training=not same))
        yield look
        if _is_done(*look[1:], limit=limit):
            return


def _look(bench: Bench, rows: BenchRows, *, with_training: bool) -> tuple[float, float]:
    """Return loss and accuracy, in the mode whose loss is lower."""
    modes = [bench.outputs(rows.x), *([_in_training(bench, rows)] if with_training else [])]
    found = [(float(_row_losses(bench, rows, out).mean()), _accuracy(bench, out, rows.y)) for out in modes]
    return min(found, key=lambda mode: mode[0] if math.isfinite(mode[0]) else math.inf)


def _in_training(bench: Bench, rows: BenchRows) -> Floats:
    state = bench.snapshot()
    outputs = bench.outputs_in_training(rows.x)
    bench.restore(state)
    return outputs


def _accuracy(bench: Bench, outputs: Floats, y: Any) -> float:
    if bench.setup.task == "regression":
        return 1.0
    return float((bench.probabilities(outputs).argmax(axis=1) == bench.classes(y)).mean())


def _is_done(loss: float, accuracy: float, limit: float) -> bool:
    return loss <= limit and accuracy == 1.0


def _row_losses(bench: Bench, rows: BenchRows, outputs: Floats) -> Floats:
    """Return losses that training can bring down to the limit.

    A hinge loss is content with what is no small log loss, and a squared error of probabilities is slow to get there.
    """
    if _is_plain(bench):
        return bench.plain_losses(outputs, rows.y)
    return np.asarray(bench.row_loss(rows.y, tf.constant(outputs)))


def _is_plain(bench: Bench) -> bool:
    return bench.setup.task == "regression" or "crossentropy" in bench.setup.loss


def _limit(bench: Bench, start: float) -> float:
    if not _is_plain(bench):
        return LOSS_SHARE * start
    if bench.setup.task == "regression":
        y = np.asarray(bench.train.y, "float64").reshape(bench.train.n_rows, -1)
        return VARIANCE_SHARE * float(y.var(axis=0).mean())
    smoothing, n_classes = bench.setup.label_smoothing, bench.setup.n_classes
    floor = -math.log(1 - smoothing + smoothing / n_classes)  # what smoothed labels ask for
    return floor + LOSS_SHARE * math.log(n_classes)
