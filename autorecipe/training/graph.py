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
PREDICT_ROWS = 8192  # rows per call when predicting: bounds the memory of the widest layer

Arrays = dict[str, Any]


class TrainingGraph:
    """The compiled functions of one topology.

    Learning rate, decay, penalties, dropout rates and label smoothing are tensors, so recipes that differ only in
    them share the graph; `reset` gives it fresh weights and an optimizer without memory.
    """

    def __init__(self, recipe: Recipe, shape: Shape) -> None:
        self.network = build_network(recipe, shape)
        self.shape = shape
        self.row_loss = row_loss(recipe.loss, shape.task)
        self.optimizer = keras.optimizers.Adam(recipe.learning_rate)
        self.optimizer.build(self.network.trainable_variables)
        self.network.compile(optimizer=self.optimizer)
        self.kernels = [v for v in self.network.trainable_variables if _is_hidden_kernel(v)]
        specs = {name: tf.TensorSpec([None, *x.shape[1:]], x.dtype) for name, x in self._inputs().items()}
        y_spec = tf.TensorSpec([None], "float32" if shape.task == "regression" else "int32")
        numbers = tf.TensorSpec([None], "float32")
        scalar = tf.TensorSpec([], "int32")
        order = tf.TensorSpec([None], "int32")
        self.steps = tf.function(
            self._steps, input_signature=[specs, y_spec, numbers, order, scalar, scalar, numbers, numbers]
        )
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

    def _steps(  # noqa: PLR0913  a compiled function takes every tensor that may change
        self,
        x: Arrays,
        y: Any,
        weight: Any,
        order: Any,
        first: Any,
        batch_size: Any,
        rates: Any,
        strengths: Any,
    ) -> Any:
        """Take len(rates) optimizer steps and return each step's data loss.

        `strengths` holds (l2, weight decay, label smoothing).
        """
        n_steps, n_rows = tf.shape(rates)[0], tf.shape(order)[0]
        losses = tf.TensorArray(tf.float32, size=n_steps)
        for i in tf.range(n_steps):
            start = (first + i) * batch_size
            rows = order[start : tf.minimum(start + batch_size, n_rows)]
            batch = {name: tf.gather(values, rows) for name, values in x.items()}
            loss = self._step(batch, tf.gather(y, rows), tf.gather(weight, rows), rates[i], strengths)
            losses = losses.write(i, loss)
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

    def graph(self, recipe: Recipe, shape: Shape) -> TrainingGraph:
        """Return a graph for the recipe, compiled before or new, with fresh weights."""
        key = topology(recipe, shape)
        if key not in self._graphs:
            self._graphs[key] = TrainingGraph(recipe, shape)
        self._graphs.move_to_end(key)
        while len(self._graphs) > N_KEPT_GRAPHS:
            self._graphs.popitem(last=False)
        graph = self._graphs[key]
        graph.reset(recipe)
        return graph


def topology(recipe: Recipe, shape: Shape) -> tuple[object, ...]:
    """Return what two recipes must share to be trained by one compiled graph."""
    bins = (recipe.n_bins, recipe.embedding_dim) if recipe.numeric_embedding == "piecewise_linear" else ()
    structure = (recipe.family, recipe.width, recipe.depth, recipe.activation, recipe.normalization)
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


def _is_hidden_kernel(variable: Any) -> bool:
    return variable.name == "kernel" and variable.path.split("/")[-2] != "bins"
