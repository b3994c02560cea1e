"""A network with its optimizer and compiled steps, reused by every trial of the same topology."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.recipe import Recipe
from autorecipe.training.build import build_network
from autorecipe.training.losses import row_loss
from autorecipe.training.shape import Shape

N_KEPT_GRAPHS = 8  # a graph holds some tens of MB; more than the topologies that one stage goes to and fro between
# training rows; XLA makes a step up to 2.4 times as fast (measured: embedded numbers, width 64, batch 512) and costs 1
# to 2 s more to compile, which the trials of smaller tables do not win back
XLA_FROM_ROWS = 10_000
FIRST_SLICE_STEPS = 16  # steps of the first slice, from which the next ones' length is measured
PREDICT_ROWS = 8192  # rows per call when predicting: bounds the memory of the widest layer

Arrays = dict[str, Any]


class TrainingGraph:
    """The compiled functions of one topology.

    Learning rate, decay, penalties, dropout rates and label smoothing are tensors, so recipes that differ only in
    them share the graph; `reset` gives it fresh weights and an optimizer without memory.

    Attributes
    ----------
    slice_steps : int
        Steps to take in one call, so that it ends after about half a second.
    """

    def __init__(self, recipe: Recipe, shape: Shape, *, with_xla: bool = False) -> None:
        self.slice_steps = FIRST_SLICE_STEPS
        self.batch_size = recipe.batch_size
        self._take_step = tf.function(self._step, jit_compile=True) if with_xla else self._step
        self.network = build_network(recipe, shape)
        self.shape = shape
        self.row_loss = row_loss(recipe.loss, shape.task)
        self.optimizer = keras.optimizers.Adam(recipe.learning_rate)
        self.optimizer.build(self.network.trainable_variables)
        self.network.compile(optimizer=self.optimizer)
        self.kernels = [v for v in self.network.trainable_variables if _is_dense_kernel(v)]
        specs = {name: tf.TensorSpec([None, *x.shape[1:]], x.dtype) for name, x in self._inputs().items()}
        y_spec = tf.TensorSpec([None], "float32" if shape.task == "regression" else "int32")
        numbers = tf.TensorSpec([None], "float32")
        order = tf.TensorSpec([None, recipe.batch_size], "int32")
        self.steps = tf.function(self._steps, input_signature=[specs, y_spec, numbers, order, numbers, numbers])
        self.outputs = tf.function(lambda x: self.network(x, training=False), input_signature=[specs])

    def reset(self, recipe: Recipe) -> None:
        """Give the network fresh weights, seeded by the recipe, and the optimizer none of its memory."""
        reinitialize(self.network, recipe)
        for variable in self.optimizer.variables:
            if variable is not self.optimizer.learning_rate:
                variable.assign(tf.zeros_like(variable))
        self.optimizer.learning_rate.assign(recipe.learning_rate)

    def _inputs(self) -> dict[str, Any]:
        names = [x.name for x in self.network.inputs]
        return dict(zip(names, self.network.inputs, strict=True))

    def _steps(self, x: Arrays, y: Any, weight: Any, batches: Any, rates: Any, strengths: Any) -> Any:
        """Take one optimizer step for each row of `batches` and return each step's data loss.

        `batches` (n_steps, batch_size) holds places of rows, as `in_batches` lays them out; `strengths` holds
        (l2, weight decay, label smoothing).
        """
        n_steps = tf.shape(rates)[0]
        losses = tf.TensorArray(tf.float32, size=n_steps)
        for i in tf.range(n_steps):
            rows = tf.where(batches[i] < 0, -1 - batches[i], batches[i])
            counted = tf.gather(weight, rows) * tf.cast(batches[i] >= 0, tf.float32)
            batch = {name: tf.gather(values, rows) for name, values in x.items()}
            losses = losses.write(i, self._take_step(batch, tf.gather(y, rows), counted, rates[i], strengths))
        return losses.stack()

    def _step(self, x: Arrays, y: Any, weight: Any, rate: Any, strengths: Any) -> Any:
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape:
            rows = self.row_loss(y, self.network(x, training=True), strengths[2])
            # the last batch may be a single row of weight 0: it teaches nothing
            data_loss = tf.math.divide_no_nan(tf.reduce_sum(rows * weight), tf.reduce_sum(weight))
            penalty = tf.add_n([tf.reduce_sum(tf.square(k)) for k in self.kernels])
            total = data_loss + strengths[0] * penalty
        gradients = tape.gradient(total, [v.value for v in variables])
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.apply(gradients, variables)
        for kernel in self.kernels:
            kernel.assign(kernel * (1.0 - rate * strengths[1]))
        return data_loss

    def predict(self, x: Arrays) -> NDArray[np.float32]:
        """Return the network's outputs (n_rows, n_outputs) in inference mode."""
        n_rows = len(next(iter(x.values())))
        parts = [
            self.outputs({name: values[i : i + PREDICT_ROWS] for name, values in x.items()}).numpy()
            for i in range(0, n_rows, PREDICT_ROWS)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.shape.n_outputs), "float32")

    def mean_loss(self, outputs: NDArray[np.float32], y: Any, weight: Any) -> float:
        """Return the weighted data loss of outputs, without smoothing and penalties."""
        rows = self.row_loss(tf.convert_to_tensor(y), tf.convert_to_tensor(outputs), 0.0)
        return float(tf.reduce_sum(rows * weight) / tf.reduce_sum(weight))


class GraphCache:
    """The graphs used last, by topology."""

    def __init__(self) -> None:
        self._graphs: OrderedDict[tuple[object, ...], TrainingGraph] = OrderedDict()

    def graph(self, recipe: Recipe, shape: Shape, *, n_rows: int = 0) -> TrainingGraph:
        """Return a graph for the recipe, compiled before or new, with fresh weights."""
        key = (*topology(recipe, shape), n_rows >= XLA_FROM_ROWS)
        if key not in self._graphs:
            self._graphs[key] = TrainingGraph(recipe, shape, with_xla=n_rows >= XLA_FROM_ROWS)
        self._graphs.move_to_end(key)
        while len(self._graphs) > N_KEPT_GRAPHS:
            self._graphs.popitem(last=False)
        graph = self._graphs[key]
        graph.reset(recipe)
        return graph


def in_batches(order: NDArray[np.integer[Any]], batch_size: int) -> NDArray[np.int32]:
    """Lay an order of rows out as batches of one size, so that compiled steps have static shapes.

    The last batch is filled up with the first rows of the order; they are written as -1 - place, and count nothing.

    >>> in_batches(np.array([2, 0, 1]), 2).tolist()
    [[2, 0], [1, -3]]
    """
    n_missing = -len(order) % batch_size
    return np.concatenate([order, -1 - np.resize(order, n_missing)]).reshape(-1, batch_size).astype("int32")


def topology(recipe: Recipe, shape: Shape) -> tuple[object, ...]:
    """Return what two recipes must share to be trained by one compiled graph."""
    bins = (recipe.n_bins, recipe.embedding_dim) if recipe.numeric_embedding == "piecewise_linear" else ()
    structure = (
        recipe.batch_size,
        recipe.family,
        recipe.width,
        recipe.depth,
        recipe.activation,
        recipe.normalization,
        recipe.linear_path,
    )
    return (
        *structure,
        recipe.numeric_scaling,
        recipe.numeric_embedding,
        bins,
        recipe.loss,
        recipe.dropout > 0,
        shape,
    )


def reinitialize(network: keras.Model, recipe: Recipe) -> None:
    """Give every weight its first value again, from seeds that follow from the recipe's."""
    seed = recipe.seed
    for layer in network.layers:
        for variable in layer.weights:
            seed += 1
            initializer = _initializer(layer, variable.name, seed)
            if initializer is not None:
                variable.assign(initializer(variable.shape, dtype=variable.dtype))
        if hasattr(layer, "seed_generator"):
            layer.seed_generator.state.assign(np.array([seed, 0], dtype="uint32"))
        if hasattr(layer, "initial_rate"):
            layer.rate.assign(recipe.dropout)


def _initializer(layer: keras.layers.Layer, weight: str, seed: int) -> Any:
    initializer = getattr(layer, f"{weight}_initializer", None)
    if initializer is None:
        return None
    config = initializer.get_config()
    return type(initializer).from_config({**config, "seed": seed} if "seed" in config else config)


def _is_dense_kernel(variable: Any) -> bool:
    return variable.name == "kernel" and variable.path.split("/")[-2] != "bins"
