"""Look inside a network: what its layers give, what reaches their kernels, and how far a step moves them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.effects import Clock
from autorecipe.record.network_readings import Internals, LayerReading
from autorecipe.training.bench import Bench, BenchRows, Floats, Tensors
from autorecipe.training.layer_calls import (
    Activated,
    LayerCall,
    activated,
    kernel_calls,
    kernel_holder,
    kernel_of,
    record_calls,
)

MIN_LEFT_S = 5.0  # seconds: looking inside must not cost the last epochs; choice
N_ROWS, N_CELLS = 512, 2**20  # rows looked at, fewer where a row of the inputs has more than 2,048 numbers
MIN_ROWS = 16
N_IMAGES = 64  # of images fewer: each shows a unit as many places as it has, and a look costs as much as a step of them
IMAGE_AXES = 4  # rows, height, width, channels
N_PLACES = 2**15  # rows and places of an image that a unit's values are read at; percentiles of more change nothing
DEAD_SIZE, DEAD_PERCENTILE = 1e-5, 95  # of a unit's |output| over the rows: TheDeepChecker
SATURATED_SIZE = 5.0  # of a pre-activation: DeepDiagnosis
SATURATING = ("tanh", "sigmoid", "hard_tanh", "hard_sigmoid", "softsign")
LARGEST = float(np.finfo("float32").max)  # stands for what is not finite: JSON has no infinity
# of a normal distribution cut at two standard deviations, which Keras' TruncatedNormal does not make up for
TRUNCATED_STD = 0.87962566

Shown = Callable[[int, Sequence[keras.Variable], Sequence[Floats]], None]


def inspector(
    bench: Callable[[], Bench], clock: Clock, *, shown: Shown | None = None
) -> Callable[[int], Internals | None]:
    """Return what looks inside a network after so many epochs of its training, while there is time for it.

    Parameters
    ----------
    bench : callable
        Puts the network on the bench as it is at that moment.
    shown : callable, optional
        Gets the number of epochs, the trainable variables and their gradients at every look.
    """

    def inspect(epoch: int) -> Internals | None:
        return inspect_network(bench(), epoch=epoch, shown=shown) if clock.left_s() >= MIN_LEFT_S else None

    return inspect


def inspect_network(bench: Bench, *, epoch: int, shown: Shown | None = None) -> Internals:
    """Return what goes on inside the network as it is now; it is left as it was.

    Outputs are those of inference mode, gradients and the step those of training mode. The step is one of the
    bench's own optimizer at its present rate. Before the first step batch normalization has no statistics yet:
    outputs are those of training mode then.

    Parameters
    ----------
    epoch : int
        How many epochs it was trained.
    shown : callable, optional
        Gets that number, the trainable variables and their gradients.
    """
    state = bench.snapshot()
    rows = rows_to_look_at(bench.train)
    calls, outputs = record_calls(bench.network, rows.x, training=epoch == 0 and _lacks_statistics(bench))
    variables = bench.network.trainable_variables
    gradients = bench.gradients(rows, training=True)
    penalty = norm(bench.penalty_gradients())
    bench.restore(state)
    if shown is not None:
        shown(epoch, variables, gradients)
    before = [v.numpy() for v in variables]
    bench.take_steps(bench.train, 1, rates=float(bench.optimizer.learning_rate), regularized=True, draw=epoch)
    moves = [v.numpy() - b for v, b in zip(variables, before, strict=True)]
    bench.restore(state)
    places = {id(v): i for i, v in enumerate(variables)}
    kernels = kernel_calls(calls)
    ends = _ends(bench.network, kernels)
    readings = []
    for call, (is_first, is_last) in zip(kernels, ends, strict=True):
        i = places.get(id(kernel_of(call.layer)))
        learned = (None, None) if i is None else (gradients[i], moves[i])
        readings.append(_reading(call, activated(call, calls, outputs), learned, is_first=is_first, is_last=is_last))
    data = norm(gradients)
    share = finite(penalty / data) if data > 0 else (LARGEST if penalty > 0 else 0.0)
    return Internals(epoch=epoch, layers=tuple(readings), gradient_norm=finite(data), penalty_share=share)


def _lacks_statistics(bench: Bench) -> bool:
    layers = bench.network._flatten_layers(include_self=False)  # nested models' layers too
    is_batch_norm = any(isinstance(layer, keras.layers.BatchNormalization) for layer in layers)
    return is_batch_norm and not bench.setup.was_trained


def rows_to_look_at(rows: BenchRows) -> BenchRows:
    """Return at most 512 rows or 64 images, evenly spaced, fewer where rows are large."""
    given = tf.nest.flatten(rows.x)
    cells = sum(math.prod(v.shape[1:]) for v in given)
    most = N_IMAGES if any(len(v.shape) >= IMAGE_AXES for v in given) else N_ROWS
    return rows.evenly(int(np.clip(N_CELLS // max(cells, 1), MIN_ROWS, most)))


def finite(value: Any) -> float:
    """Return a number as float, the largest of float32 for what is not finite."""
    return float(np.nan_to_num(float(value), nan=LARGEST, posinf=LARGEST, neginf=-LARGEST))


def first_inputs(network: keras.Model, x: Tensors) -> NDArray[np.floating[Any]] | None:
    """Return what the first layers with a kernel are given in training mode, as (n_rows, n_numbers).

    None where no layer with a kernel was called. A call in training mode moves statistics and seeds.
    """
    calls, _ = record_calls(network, x, training=True)
    kernels = kernel_calls(calls)
    firsts = [call for call, (is_first, _) in zip(kernels, _ends(network, kernels), strict=True) if is_first]
    given = {id(t): np.asarray(t) for call in firsts for t in call.inputs[:1]}
    flat = [values.reshape(len(values), -1) for values in given.values()]
    return np.concatenate(flat, axis=1) if flat and len({len(f) for f in flat}) == 1 else None


def last_kernels(network: keras.Model, x: Tensors) -> list[keras.Variable]:
    """Return the kernels behind which there is no other."""
    calls, _ = record_calls(network, x)
    kernels = kernel_calls(calls)
    return [
        kernel_of(call.layer) for call, (_, is_last) in zip(kernels, _ends(network, kernels), strict=True) if is_last
    ]


def norm(arrays: list[Floats]) -> float:
    """Return the norm of all numbers together."""
    return float(np.sqrt(sum(np.square(a, dtype="float64").sum() for a in arrays)))


def expected_std(initializer: Any, shape: tuple[int, ...]) -> float:
    """Return the standard deviation of a kernel as its initializer draws it; NaN where no formula is known.

    References
    ----------
    He et al. (2015), arXiv 1502.01852; Glorot and Bengio (2010), AISTATS; Saxe et al. (2014), arXiv 1312.6120.
    """
    kinds = keras.initializers
    if isinstance(initializer, kinds.VarianceScaling):
        fan_in, fan_out = _fans(shape)
        fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        return math.sqrt(initializer.scale / max(1.0, fans[initializer.mode]))
    if isinstance(initializer, kinds.Orthogonal):
        return float(initializer.gain) / math.sqrt(max(math.prod(shape[:-1]), shape[-1]))
    if isinstance(initializer, kinds.TruncatedNormal):
        return float(initializer.stddev) * TRUNCATED_STD
    if isinstance(initializer, kinds.RandomNormal):
        return float(initializer.stddev)
    if isinstance(initializer, kinds.RandomUniform):
        return float(initializer.maxval - initializer.minval) / math.sqrt(12)
    return 0.0 if isinstance(initializer, kinds.Zeros | kinds.Ones | kinds.Constant) else math.nan


def initializer_of(layer: Any) -> Any:
    """Return the initializer of a layer's kernel, or None."""
    holder = kernel_holder(layer)
    names = ("kernel_initializer", "pointwise_initializer", "depthwise_initializer")
    return next((getattr(holder, n) for n in names if getattr(holder, n, None) is not None), None)


def _reading(
    call: LayerCall, made: Activated, learned: tuple[Any, Any], *, is_first: bool, is_last: bool
) -> LayerReading:
    variable: Any = kernel_of(call.layer)
    kernel: NDArray[np.floating[Any]] = variable.numpy()
    gradient, move = learned
    size, units = float(np.abs(kernel).mean()), _by_unit(np.asarray(made.after), call.layer)
    before = None if made.before is None else np.asarray(made.before)
    return LayerReading(
        name=call.layer.name,
        kind=type(call.layer).__name__,
        activation=made.name,
        n_units=int(units.shape[1]),
        is_first=is_first,
        is_last=is_last,
        kernel_std=finite(kernel.std()),
        expected_kernel_std=expected_std(initializer_of(call.layer), kernel.shape),
        output_mean=finite(units.mean()),
        output_std=finite(units.std()),
        dead_share=0.0 if made.name == "linear" else _dead_share(units),  # a sum of inputs comes back by itself
        saturated_share=_saturated_share(before) if made.name in SATURATING else 0.0,
        gradient_norm=0.0 if gradient is None else finite(norm([gradient])),
        gradient_mean=0.0 if gradient is None else finite(np.abs(gradient).mean()),
        kernel_norm=finite(norm([kernel])),
        update_ratio=None if move is None or size == 0 else finite(np.abs(move).mean() / size),
        is_trained=gradient is not None,
    )


def _saturated_share(before: NDArray[np.floating[Any]] | None) -> float:
    return 0.0 if before is None else float((np.abs(before) > SATURATED_SIZE).mean())


def _dead_share(units: NDArray[np.floating[Any]]) -> float:
    return float((np.percentile(np.abs(units), DEAD_PERCENTILE, axis=0) < DEAD_SIZE).mean())


def _by_unit(values: NDArray[np.floating[Any]], layer: Any) -> NDArray[np.floating[Any]]:
    """Return a layer's output as (rows and positions, units), evenly spaced where they are many."""
    if getattr(layer, "data_format", None) == "channels_first":
        values = np.moveaxis(values, 1, -1)
    by_unit = values.reshape(-1, values.shape[-1])
    return by_unit[:: -(-len(by_unit) // N_PLACES) or 1].astype("float64")


def _fans(shape: tuple[int, ...]) -> tuple[float, float]:
    field = math.prod(shape[:-2])
    return (float(field * shape[-2]), float(field * shape[-1])) if len(shape) > 1 else (float(shape[0]),) * 2


def _ends(network: keras.Model, kernels: tuple[LayerCall, ...]) -> list[tuple[bool, bool]]:
    """Return for each layer whether no kernel comes before it, and whether none comes after it."""
    above = _kernels_above(network)
    places = range(len(kernels))
    if above is None or any(id(call.layer) not in above for call in kernels):
        return [(i == 0, i == len(kernels) - 1) for i in places]
    used = set().union(*(above[id(call.layer)] for call in kernels))
    return [(not above[id(call.layer)], id(call.layer) not in used) for call in kernels]


def _kernels_above(network: keras.Model) -> dict[int, set[int]] | None:
    """Return for each operation the layers with kernels upstream of it; None for a subclassed model."""
    # Keras shows the graph of a functional model by private names alone
    graph = getattr(network, "_functional", None) or network
    if not hasattr(graph, "_nodes_by_depth"):
        return None
    above: dict[int, set[int]] = {}
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for node in graph._nodes_by_depth[depth]:
            parents = [parent.operation for parent in node.parent_nodes]
            own = {id(p) for p in parents if isinstance(p, keras.layers.Layer) and kernel_of(p) is not None}
            found = own.union(*(above.get(id(p), set()) for p in parents))
            above[id(node.operation)] = above.get(id(node.operation), set()) | found
    return above
