"""How many rows a network takes in one call, so that its widest layer has room."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

MOST_ROWS = 8192  # per call: large enough that the cost of a call vanishes
# numbers of one layer for the rows of a call, 64 MiB in float32; several layers are alive at once, and some hold a few
# times as much inside: choice
MOST_CELLS = 2**24


class OutOfTime(OSError):
    """There was no time for all images; another session may have it."""


def rows_per_call(network: keras.Model) -> int:
    """Return how many rows to send through a network in inference mode at once, from 1 to 8192.

    The widest layer of a plain net has a thousand numbers for each row, an ensemble on 1,000 embedded columns 64,000,
    and attention between 1,000 tokens 8 million. A layer that holds more inside than it returns says so in an attribute
    `cells_per_row`, one that makes several images of each in `n_views`. Of a model that is no functional one nothing is
    known: 8192.

    Parameters
    ----------
    network : keras.Model
        Built.
    """
    n_views = max((int(getattr(layer, "n_views", 1)) for layer in network.layers), default=1)
    return max(1, min(MOST_ROWS, MOST_CELLS // (_cells(network) * n_views)))


class PartsPredictor:
    """Predicts with a network in inference mode, as many rows at a time as it bears; compiled once.

    Parameters
    ----------
    network : keras.Model
        Encoded arrays in; its weights may change between calls.
    """

    def __init__(self, network: keras.Model) -> None:
        specs = {tensor.name: tf.TensorSpec([None, *tensor.shape[1:]], tensor.dtype) for tensor in network.inputs}
        self._outputs = tf.function(lambda rows: network(rows, training=False), input_signature=[specs])
        self._size = rows_per_call(network)

    def __call__(self, x: dict[str, Any], *, should_stop: Callable[[], bool] = lambda: False) -> NDArray[np.float32]:
        """Return the outputs (n_rows, n_outputs) of encoded rows, tensors or `StoredRows`.

        Raises
        ------
        OutOfTime
            When it should stop before the end.
        """
        n_rows, parts = len(next(iter(x.values()))), []
        for i in range(0, max(n_rows, 1), self._size):
            if should_stop():
                raise OutOfTime(f"there was time to predict {i:,} of {n_rows:,} images")
            parts.append(self._outputs({name: values[i : i + self._size] for name, values in x.items()}).numpy())
        return np.concatenate(parts)


def _cells(layer: Any) -> int:
    if isinstance(layer, keras.Model):
        return max((_cells(own) for own in layer.layers), default=1)
    inner = getattr(layer, "model", None)
    if isinstance(inner, keras.Model):  # one layer that is a whole network
        return _cells(inner)
    # a layer that is called twice has no `output` of its own
    outputs = [tensor for node in layer._inbound_nodes for tensor in node.output_tensors]
    found = [math.prod(size or 1 for size in tensor.shape[1:]) for tensor in outputs]
    return max([1, *found, int(getattr(layer, "cells_per_row", 1))])
