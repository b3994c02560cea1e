"""A network on the bench: what probes may do with it, be it AutoRecipe's own or a user's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from scipy.special import expit, softmax

from autorecipe.config import Task
from autorecipe.training.call_size import rows_per_call
from autorecipe.training.first_weights import SEED_STATE
from autorecipe.training.optimizers import optimizer_state

SMALLEST_PROBABILITY = 1e-7  # the epsilon of keras.losses
EAGER_ROWS = 2048  # rows per call where nothing is compiled: bounds the memory of the widest layer

Floats: TypeAlias = NDArray[np.floating[Any]]
Tensors: TypeAlias = Any  # one tensor, or a dict, list or tuple of them, as the network takes it


class CannotMeasure(Exception):
    """What a probe needs is not there; the message says what."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BenchRows:
    """Rows as the network takes them: inputs, what is to be learned, and the rows' weights, as tensors.

    Attributes
    ----------
    x : tensor, or dict, list or tuple of tensors, each of shape (n_rows, ...)
    y : tensor of shape (n_rows,) or (n_rows, n_outputs)
    weight : tensor of shape (n_rows,), float32
    """

    x: Tensors
    y: Any
    weight: Any

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.y.shape[0])

    def take(self, places: NDArray[np.integer[Any]]) -> BenchRows:
        """Return the rows at these places, in this order."""
        picked = tf.constant(places, "int32")
        x = tf.nest.map_structure(lambda values: tf.gather(values, picked), self.x)
        return BenchRows(x=x, y=tf.gather(self.y, picked), weight=tf.gather(self.weight, picked))

    def evenly(self, at_most: int) -> BenchRows:
        """Return at most so many rows, evenly spaced over all of them."""
        n = self.n_rows
        return self if n <= at_most else self.take(np.linspace(0, n - 1, at_most).astype("int32"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is known about a network on the bench without measuring.

    Attributes
    ----------
    learning_rate, usual_rate : float
        The one it is trained with, and the one that such a network with such an optimizer usually takes.
    optimizer : str
        "adam", "sgd", ...: Keras' class name in lower case.
    loss : str
        Keras' name in snake case.
    from_logits : bool or None
        As the loss is configured; None where it has no such setting.
    outputs_are_logits : bool
        How the loss reads the outputs; False also for a regression.
    label_smoothing : float
        That stays while regularization is left out.
    pace : float
        Share of their usual steps that probes take: less where a step is dear.
    input_dtype : str
        Of the inputs as they were given.
    input_names : tuple of str
        Of the columns, flattened; empty where they have no names.
    metric : str
        Name of the deciding metric; "" for log loss, or RMSE.
    is_own : bool
        Whether AutoRecipe built it.
    was_trained : bool
        Whether its weights are not the first ones.
    """

    task: Task
    n_classes: int
    batch_size: int
    learning_rate: float
    usual_rate: float
    optimizer: str
    loss: str
    from_logits: bool | None
    outputs_are_logits: bool
    seed: int
    label_smoothing: float = 0.0
    suits_rate_test: bool = True
    pace: float = 1.0
    input_dtype: str = "float32"
    input_names: tuple[str, ...] = ()
    metric: str = ""
    is_own: bool = False
    was_trained: bool = False


class Bench(ABC):
    """A network with its optimizer and the rows it may be probed with.

    Every method works on the network of the bench alone; `restore` and `fresh` undo what was done to it.

    Parameters
    ----------
    network : keras.Model
        With its first weights; whatever state it has now is what `fresh` comes back to.
    optimizer : keras.optimizers.Optimizer
        Built for the network's trainable variables.

    Attributes
    ----------
    step_norms : ndarray of shape (n_steps,)
        Global norm of the gradient in each of the steps last taken.
    """

    def __init__(
        self,
        network: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        *,
        setup: Setup,
        train: BenchRows,
        validation: BenchRows,
    ) -> None:
        self.network, self.optimizer, self.setup = network, optimizer, setup
        self.train, self.validation = train, validation
        self.step_norms: Floats = np.zeros(0)
        self._first = self.snapshot()

    @abstractmethod
    def outputs(self, x: Tensors) -> Floats:
        """Return the outputs (n_rows, n_outputs) in inference mode."""

    @abstractmethod
    def row_loss(self, y: Any, outputs: Any) -> Any:
        """Return the data loss of each row (n_rows,) as a tensor that can be differentiated, without penalties."""

    @abstractmethod
    def batch_loss(self, rows: BenchRows, *, factor: int = 1) -> float:
        """Return the data loss of one batch as the optimizer sees it, its rows repeated `factor` times."""

    @abstractmethod
    def take_steps(
        self, rows: BenchRows, n_steps: int, *, rates: float | Floats, regularized: bool = False, draw: int = 0
    ) -> Floats:
        """Train, and return each step's data loss (n_steps,).

        Parameters
        ----------
        rates : float, or ndarray of shape (n_steps,)
        regularized : bool
            False leaves out penalties, decay, smoothing and clipping as far as the network allows: in a user's model
            dropout and noise stay.
        draw : int
            Numbers the order of the rows; the same number gives the same order.
        """

    @abstractmethod
    def penalty_gradients(self) -> list[Floats]:
        """Return the gradient of the penalties by each trainable variable, zeros where there is none."""

    @abstractmethod
    def set_output_bias(self, bias: Floats) -> None:
        """Set the bias of the last layer.

        Raises
        ------
        CannotMeasure
            When it has none of that size.
        """

    def outputs_in_training(self, x: Tensors) -> Floats:
        """Return the outputs (n_rows, n_outputs) in training mode: with dropout, noise and batch statistics.

        It moves the state of such layers; a caller that minds takes a snapshot before.
        """
        size = max(self.setup.batch_size, min(EAGER_ROWS, rows_per_call(self.network)))
        return np.concatenate([np.asarray(self.network(part, training=True)) for part in _parts(x, size)])

    def row_losses(self, rows: BenchRows, *, training: bool = False) -> Floats:
        """Return the data loss of each row (n_rows,), without penalties."""
        outputs = self.outputs_in_training(rows.x) if training else self.outputs(rows.x)
        return np.asarray(self.row_loss(rows.y, tf.constant(outputs)))

    def plain_losses(self, outputs: Floats, y: Any) -> Floats:
        """Return each row's log loss in nats, or its mean squared error: what losses are compared in.

        Raises
        ------
        CannotMeasure
            When a label is no class of the network's.
        """
        if self.setup.task == "regression":
            error = np.asarray(y, "float64").reshape(len(outputs), -1) - outputs
            return np.asarray((error**2).mean(axis=1))
        codes, shares = self.classes(y), self.probabilities(outputs)
        if codes.min() < 0 or codes.max() >= shares.shape[1]:
            found = f"{codes.min()} to {codes.max()}"
            raise CannotMeasure(f"labels go from {found}, but the outputs name {shares.shape[1]} classes")
        return np.asarray(-np.log(np.clip(shares[np.arange(len(codes)), codes], SMALLEST_PROBABILITY, 1.0)))

    def probabilities(self, outputs: Floats) -> Floats:
        """Return outputs as the loss reads them: shares (n_rows, n_classes), or values (n_rows, n_outputs)."""
        values = outputs.astype("float64")
        if self.setup.task == "regression":
            return values
        if values.shape[1] == 1:
            share = expit(values[:, 0]) if self.setup.outputs_are_logits else values[:, 0]
            return np.stack([1 - share, share], axis=1)
        return np.asarray(softmax(values, axis=1)) if self.setup.outputs_are_logits else values

    def classes(self, y: Any) -> NDArray[np.int64]:
        """Return labels as class codes (n_rows,), one-hot ones and the -1 and 1 of a hinge loss too."""
        values = np.asarray(y)
        if "hinge" in self.setup.loss:
            values = np.maximum(values, 0)
        wide = values.ndim > 1 and values.shape[-1] > 1
        return values.argmax(axis=-1) if wide else np.rint(values.reshape(len(values))).astype("int64")

    def gradients(self, rows: BenchRows, *, training: bool = False) -> list[Floats]:
        """Return the gradient of the mean data loss by each trainable variable, zeros where it has none."""
        variables = [v.value for v in self.network.trainable_variables]
        with self._learning_from(rows), tf.GradientTape() as tape:
            losses = self.row_loss(rows.y, self.network(rows.x, training=training))
            loss = tf.math.divide_no_nan(tf.reduce_sum(losses * rows.weight), tf.reduce_sum(rows.weight))
        found = tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return [tf.convert_to_tensor(g).numpy() for g in found]

    def _learning_from(self, rows: BenchRows) -> AbstractContextManager[None]:
        """Let a call in training mode meanwhile see what it sees in a step, besides the inputs; nothing, usually."""
        return nullcontext()

    def snapshot(self) -> list[Any]:
        """Return the state of network and optimizer, seeds of dropout included, as tensors."""
        return [tf.identity(variable.value) for variable in self._variables()]

    def restore(self, state: list[Any]) -> None:
        """Bring a snapshot back."""
        for variable, value in zip(self._variables(), state, strict=True):
            # five times as fast as Keras' own assign, which converts and reads back; probes restore some sixty times
            variable.value.assign(value, read_value=False)

    def fresh(self) -> None:
        """Bring the first weights and an optimizer without memory back."""
        self.restore(self._first)

    def _variables(self) -> list[Any]:
        # not all variables of the model: what Keras' metrics add is made when they are first asked
        seeds = [v for v in self.network.variables if v.path.endswith(SEED_STATE)]
        return [*self.network.weights, *seeds, *optimizer_state(self.optimizer), self.optimizer.learning_rate]


def _parts(x: Tensors, size: int) -> list[Tensors]:
    n_rows = len(tf.nest.flatten(x)[0])
    starts = range(0, n_rows, size)
    return [tf.nest.map_structure(lambda values, i=i: values[i : i + size], x) for i in starts]
