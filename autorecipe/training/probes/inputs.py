"""What enters the network, and what is it to learn?"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.record.network_readings import InputColumn, InputsReading
from autorecipe.training.bench import Bench, BenchRows
from autorecipe.training.inspect_network import finite, first_inputs

MAX_COLUMNS = 1_000
N_INPUT_ROWS, N_INPUT_CELLS = 8192, 2**24  # rows looked at, fewer where a row has more than 2,048 numbers
MIN_INPUT_ROWS = 16
IMAGE_AXES = 4  # rows, height, width, channels

Floats = NDArray[np.float64]


def inputs(bench: Bench) -> InputsReading:
    """Return statistics of what the first layers with a kernel are given, after all that scales it.

    Inputs that are not finite are counted as they were given, in all rows. Of images that AutoRecipe's own networks are
    given, a channel is one column.
    """
    bench.fresh()
    raw, y = _flat(bench.train), np.asarray(bench.train.y)
    entering = raw
    # AutoRecipe's own networks take missing cells; elsewhere all that comes after one is missing too
    if bench.setup.is_own or np.isfinite(raw).all():
        entering = _entering(bench, raw)
    names, n_channels = bench.setup.input_names, _n_channels(bench)
    if n_channels and entering.shape[1] % n_channels == 0:
        entering = entering.reshape(-1, n_channels)
        names = tuple(f"channel {i + 1}" for i in range(n_channels))
    missing = (~np.isfinite(entering)).sum(axis=0)
    names = names if len(names) == entering.shape[1] else ()
    known = y[np.isfinite(y)] if y.dtype.kind == "f" else y.ravel()
    return InputsReading(
        n_rows=bench.train.n_rows,
        columns=tuple(
            _column(names[i] if names else f"input {i + 1}", entering[:, i], int(missing[i])) for i in _chosen(missing)
        ),
        dtype=bench.setup.input_dtype,
        label_dtype=str(y.dtype),
        label_minimum=float(known.min()) if len(known) else 0.0,
        label_maximum=float(known.max()) if len(known) else 0.0,
        n_distinct_labels=len(np.unique(_single(y, known))),
        n_labels_not_finite=int(y.size - known.size),
    )


def _flat(rows: BenchRows) -> NDArray[Any]:
    parts = [np.asarray(v).reshape(rows.n_rows, -1) for v in tf.nest.flatten(rows.x)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _n_channels(bench: Bench) -> int:
    """Return the channels of the images that a network of AutoRecipe's is given; 0 where it is given none."""
    shapes = [tuple(v.shape) for v in tf.nest.flatten(bench.train.x)]
    return int(shapes[0][-1]) if bench.setup.is_own and len(shapes[0]) == IMAGE_AXES else 0


def _entering(bench: Bench, raw: NDArray[Any]) -> Floats:
    at_most = int(np.clip(N_INPUT_CELLS // max(raw.shape[1], 1), MIN_INPUT_ROWS, N_INPUT_ROWS))
    rows = bench.train.evenly(at_most)
    state = bench.snapshot()
    found = first_inputs(bench.network, rows.x)  # in training mode, so that a normalization of batches counts
    bench.restore(state)
    return np.asarray(found if found is not None else _flat(rows), "float64")


def _chosen(missing: NDArray[np.int64]) -> list[int]:
    """Return at most 1,000 columns: those with something missing first, then evenly spaced ones."""
    n = len(missing)
    if n <= MAX_COLUMNS:
        return list(range(n))
    faulty = np.flatnonzero(missing)[:MAX_COLUMNS]
    others = np.linspace(0, n - 1, MAX_COLUMNS - len(faulty)).astype("int64")
    return sorted({*faulty.tolist(), *others.tolist()})


def _column(name: str, values: NDArray[Any], n_not_finite: int) -> InputColumn:
    known = values[np.isfinite(values)].astype("float64")
    known = known if len(known) else np.zeros(1)
    return InputColumn(
        name=name,
        mean=finite(known.mean()),
        std=finite(known.std()),
        minimum=float(known.min()),
        maximum=float(known.max()),
        zero_share=float((known == 0).mean()),
        n_not_finite=n_not_finite,
    )


def _single(y: NDArray[Any], known: NDArray[Any]) -> NDArray[Any]:
    """Return one label per row: of one-hot rows their class."""
    return y.argmax(axis=-1) if y.ndim > 1 and y.shape[-1] > 1 else known
