"""A network with its optimizer and compiled steps, reused by every trial of the same topology."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.architecture import Build
from autorecipe.effects import Clock
from autorecipe.recipe import Recipe
from autorecipe.schedules import USUAL_MOMENTUM, cycles_momentum
from autorecipe.topology import topology
from autorecipe.training.batches import FIRST_SLICE_STEPS
from autorecipe.training.build import FLOAT32, build_network, policy_of
from autorecipe.training.call_size import rows_per_call
from autorecipe.training.first_weights import reinitialize
from autorecipe.training.losses import row_loss
from autorecipe.training.mixing import Mixing, no_shares
from autorecipe.training.optimizers import build_optimizer, momentum_attribute, optimizer_state
from autorecipe.training.rate_groups import Decayed, decayed, rate_fields_on, rate_groups
from autorecipe.training.row_memory import RowMemory
from autorecipe.training.shape import Shape
from autorecipe.training.steps import Steps, StepSettings

N_KEPT_GRAPHS = 8  # a graph holds some tens of MB; more than the topologies that one stage goes to and fro between
# training rows; XLA makes a small step up to 4 times as fast (measured: width 64, batch 32, 71 against 286 us) and
# costs 1 to 2 s more to compile, which the trials of smaller tables do not win back; on a CPU it is ruinous for
# convolutions
XLA_FROM_ROWS = 10_000
# networks of several members take a third less time with it (measured: 8 x 2x128, batch 256, 37 against 52 ms of CPU)
XLA_FROM_ROWS_OF_MEMBERS = 4_000
# seconds left, with fewer of which nothing new is compiled with XLA; choice: Baseline calls a stage with fewer short
XLA_LEAST_S = 6.0
OUTPUT_LAYERS = ("head", "linear_path")  # their kernels are no hidden units'
EMBEDDING_LAYERS = ("bins", "periodic")  # their kernels are no dense layers'
# NTP's rates of 0.04 and more move weights by less than half precision can tell
FLOAT32_FAMILIES = ("realmlp", "realmlp_s")
NESTEROV_FAMILIES = ("fast_convnet",)  # whose SGD looks ahead: as published, arXiv 2404.00498
N_AXES = 2  # of outputs: rows, and what is predicted of each
NO_LIMIT = 1e30  # a norm that nothing reaches and whose inverse is no zero in float32

Arrays = dict[str, Any]


class TrainingGraph:
    """The compiled functions of one topology.

    Learning rate, decay, penalties, rates of dropout and noise, label smoothing and the like are tensors, so recipes
    that differ only in them share the graph; `reset` gives it fresh weights and an optimizer without memory.

    Attributes
    ----------
    steps : Steps
        Its `take` asks for the strengths that `strengths(recipe)` returns.
    slice_steps : int
        Steps to take in one call, so that it ends after about half a second.
    precision : str
        Dtype policy of the hidden layers.
    memory : RowMemory
        Training rows that the network answers from, where it does.
    class_offset : tf.Variable of shape (n_outputs,)
        What the steps' loss adds to the outputs before it reads them: logarithms of class weights, or zeros.
    """

    def __init__(
        self,
        recipe: Recipe,
        shape: Shape,
        *,
        with_xla: bool = False,
        architecture: Build | None = None,
        precision: str = FLOAT32,
    ) -> None:
        self.slice_steps, self.batch_size, self.shape = FIRST_SLICE_STEPS, recipe.batch_size, shape
        self._architecture = architecture
        precision = FLOAT32 if recipe.family in FLOAT32_FAMILIES else precision
        self.precision = policy_of(recipe, precision)
        self.network = build_network(recipe, shape, architecture=architecture, precision=precision)
        self.row_loss = row_loss(recipe.loss, shape.task)
        self.class_offset = tf.Variable(tf.zeros([shape.n_outputs]), trainable=False)
        self.optimizer = _optimizer_of(recipe, self.network)
        self._first_state = [float(np.ravel(v.numpy())[0]) for v in optimizer_state(self.optimizer)]
        self.kernels = [v for v in self.network.trainable_variables if _is_dense_kernel(v)]
        self._hidden = [k for k in self.kernels if k.path.split("/")[-2] not in OUTPUT_LAYERS]
        self._mixing = Mixing(self.network)
        self.memory = RowMemory(self.network)
        self._predict_rows = rows_per_call(self.network)
        self._dropouts = [x for x in self.network.layers if _has_scheduled_rate(x, recipe)]
        self._decayed = decayed(self.network, recipe, kernels=self.kernels)
        self._limits_norm = recipe.max_norm > 0
        self.steps = self._compiled_steps(recipe, with_xla=with_xla)
        self.outputs = _answering(self.network)

    def reset(self, recipe: Recipe) -> None:
        """Give the network fresh weights, seeded by the recipe, and the optimizer none of its memory."""
        reinitialize(self.network, recipe, self.shape, architecture=self._architecture)
        for variable, value in zip(optimizer_state(self.optimizer), self._first_state, strict=True):
            variable.assign(tf.fill(variable.shape, tf.cast(value, variable.dtype)))
        self.optimizer.learning_rate.assign(recipe.learning_rate)
        self.class_offset.assign(tf.zeros_like(self.class_offset))

    def compile(self, x: Arrays, y: Any, weight: Any, recipe: Recipe) -> None:
        """Compile what training and predicting will call, where this was not done before; nothing is changed."""
        nothing = np.zeros((0, self.batch_size), "int32")
        self.steps.take(x, y, weight, batches=nothing, rates=np.zeros(0, "float32"), strengths=strengths(recipe))
        self.predict({name: values[:1] for name, values in x.items()})

    def predict(self, x: Arrays) -> NDArray[np.float32]:
        """Return the network's outputs (n_rows, n_outputs) in inference mode."""
        n_rows = len(next(iter(x.values())))
        parts = [
            self.outputs({name: values[i : i + self._predict_rows] for name, values in x.items()}).numpy()
            for i in range(0, n_rows, self._predict_rows)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, self.shape.n_outputs), "float32")

    def remember(self, rows: Arrays, y: Any) -> None:
        """Let layers that answer from the training rows take them in as the weights now place them."""
        self.memory.remember(rows, y)

    def mean_loss(self, outputs: NDArray[np.float32], y: Any, weight: Any) -> float:
        """Return the weighted data loss of outputs, without smoothing and penalties."""
        rows = self.row_loss(tf.convert_to_tensor(y), tf.convert_to_tensor(outputs), 0.0)
        return float(tf.reduce_sum(rows * weight) / tf.reduce_sum(weight))

    def _compiled_steps(self, recipe: Recipe, *, with_xla: bool) -> Steps:
        settings = StepSettings(
            with_xla=with_xla and not _convolves(self.network),
            clips=recipe.clip_norm > 0,
            averages=recipe.ema_decay > 0,
            sharpens=recipe.sam > 0,
            cycles_momentum=cycles_momentum(recipe) and momentum_attribute(self.optimizer) is not None,
            rate_groups=rate_groups(self.network, recipe, kernels=self.kernels),
        )
        return Steps(
            self.network,
            self.optimizer,
            self._objective,
            batch_size=recipe.batch_size,
            settings=settings,
            after_step=self._shrink,
        )

    def _objective(self, x: Arrays, y: Any, weight: Any, strengths: dict[str, Any]) -> tuple[Any, Any]:
        for layer in self._dropouts:
            layer.rate.assign(strengths["dropout"] * layer.share_of_rate)
        with self.memory.learning_from(y, weight), self._mixing.of_step(strengths) as kept:
            outputs, smoothing = self.network(x, training=True), strengths["label_smoothing"]
        outputs = outputs + self.class_offset
        rows = self._mixing.losses(lambda truth: self.row_losses(truth, outputs, smoothing), y, weight, kept=kept)
        # the last batch may be a single row of weight 0: it teaches nothing
        data_loss = tf.math.divide_no_nan(tf.reduce_sum(rows), tf.reduce_sum(weight))
        return data_loss, data_loss + self._penalty(strengths)

    def row_losses(self, y: Any, outputs: Any, smoothing: Any) -> Any:
        """Return each row's loss, the mean of its members' where a network has several (batch, n_members, n_outputs).

        Members learn each for itself, never the loss of their mean: Gorishniy et al. (2025), arXiv 2410.24210.
        """
        if outputs.shape.rank == N_AXES:
            return self.row_loss(y, outputs, smoothing)
        n_members, n_outputs = outputs.shape[1:]
        rows = self.row_loss(tf.repeat(y, n_members), tf.reshape(outputs, [-1, n_outputs]), smoothing)
        return tf.reduce_mean(tf.reshape(rows, [-1, n_members]), axis=1)

    def _penalty(self, strengths: dict[str, Any]) -> Any:
        squares = tf.add_n([tf.reduce_sum(tf.square(k)) for k in self.kernels])
        sizes = [tf.reduce_sum(tf.abs(k)) for k in self.kernels]
        return strengths["l2"] * squares + strengths["l1"] * tf.add_n(sizes) + strengths["input_l1"] * sizes[0]

    def _shrink(self, rate: Any, strengths: dict[str, Any]) -> None:
        amount = rate * strengths["weight_decay"]
        hidden = {id(k) for k in self._hidden} if self._limits_norm else set()
        for own in self._decayed:
            value = own.variable * (1.0 - amount * _decay_factor(own, strengths))
            if id(own.variable) in hidden:
                norm = tf.sqrt(tf.reduce_sum(tf.square(value), axis=list(range(len(value.shape) - 1))))
                value *= tf.minimum(1.0, tf.math.divide_no_nan(strengths["max_norm"], norm))
            own.variable.assign(value)


def rows_in_time(n_rows: int, clock: Clock) -> int:
    """Return the training rows that there is time to learn from: none where compiling with XLA would outlast it."""
    return n_rows if clock.left_s() >= XLA_LEAST_S and not clock.interrupted() else 0


class GraphCache:
    """The graphs used last, by topology.

    Parameters
    ----------
    architecture : callable or None
        What builds the networks of a custom family.
    precision : str
        Dtype policy of the hidden layers; see `autorecipe.training.build.policy_of`.
    """

    def __init__(self, *, architecture: Build | None = None, precision: str = FLOAT32) -> None:
        self._architecture, self._precision = architecture, precision
        self._graphs: OrderedDict[tuple[object, ...], TrainingGraph] = OrderedDict()

    def graph(self, recipe: Recipe, shape: Shape, *, n_rows: int = 0) -> TrainingGraph:
        """Return a graph for the recipe, compiled before or new, with fresh weights.

        Parameters
        ----------
        n_rows : int
            Training rows that there is time to learn from; of none, a graph that is there already is taken.
        """
        with_xla = n_rows >= (XLA_FROM_ROWS if recipe.n_members == 1 else XLA_FROM_ROWS_OF_MEMBERS)
        key = (*topology(recipe), shape, with_xla)
        if not n_rows and (*key[:-1], True) in self._graphs:
            key = (*key[:-1], True)
        if key not in self._graphs:
            self._graphs[key] = TrainingGraph(
                recipe, shape, with_xla=with_xla, architecture=self._architecture, precision=self._precision
            )
        self._graphs.move_to_end(key)
        while len(self._graphs) > N_KEPT_GRAPHS:
            self._graphs.popitem(last=False)
        graph = self._graphs[key]
        graph.reset(recipe)
        return graph

    def forget(self) -> None:
        """Let go of all graphs and their memory."""
        self._graphs.clear()


def _optimizer_of(recipe: Recipe, network: keras.Model) -> keras.optimizers.Optimizer:
    """Return a recipe's optimizer, built for the network, which is compiled with it."""
    optimizer = build_optimizer(
        recipe.optimizer, recipe.learning_rate, beta_2=recipe.beta_2, nesterov=recipe.family in NESTEROV_FAMILIES
    )
    optimizer.build(network.trainable_variables)
    network.compile(optimizer=optimizer)
    return optimizer


def _answering(network: keras.Model) -> Any:
    """Return the compiled function of the network's outputs in inference mode."""
    specs = {x.name: tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in network.inputs}
    return tf.function(lambda x: network(x, training=False), input_signature=[specs])


def strengths(recipe: Recipe) -> dict[str, float]:
    """Return what the compiled steps take as tensors besides the learning rate, by name."""
    return {
        "l2": recipe.l2,
        "l1": recipe.l1,
        "input_l1": recipe.input_l1,
        "weight_decay": recipe.weight_decay,
        "max_norm": recipe.max_norm or NO_LIMIT,
        "label_smoothing": recipe.label_smoothing,
        **no_shares(recipe),
        "clip_norm": recipe.clip_norm or NO_LIMIT,
        "ema_decay": recipe.ema_decay,
        "sam": recipe.sam,
        "momentum": USUAL_MOMENTUM,
        **{name: getattr(recipe, name) for name in rate_fields_on(recipe)},
        **({} if recipe.dropout_schedule == "constant" else {"dropout": recipe.dropout}),
    }


def _convolves(network: Any) -> bool:
    return any("Conv" in type(layer).__name__ for layer in network._flatten_layers(include_self=False))


def _is_dense_kernel(variable: Any) -> bool:
    return variable.name == "kernel" and variable.path.split("/")[-2] not in EMBEDDING_LAYERS


def _has_scheduled_rate(layer: Any, recipe: Recipe) -> bool:
    return recipe.dropout_schedule != "constant" and getattr(layer, "recipe_field", "") == "dropout"


def _decay_factor(own: Decayed, strengths: dict[str, Any]) -> Any:
    return 1.0 if own.factor is None else strengths[own.factor] ** own.power
