"""Optimizer steps of any Keras model on arrays in memory, compiled and taken many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.training.batches import gathered
from autorecipe.training.optimizers import momentum_attribute, optimizer_state, set_momentum
from autorecipe.training.rate_groups import RateGroup, scaled_moves
from autorecipe.training.stored_rows import rows_of_slice

BLOCK_STEPS = 16  # steps per entry into XLA: 64 were no faster (measured: width 64, batch 32, 71 and 70 us a step)

Floats = NDArray[np.float32]
Strengths = Mapping[str, float | Floats]
Objective = Callable[[Any, Any, Any, dict[str, Any]], tuple[Any, Any]]
AfterStep = Callable[[Any, dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSettings:
    """What is compiled into a step; what is off costs nothing.

    Attributes
    ----------
    with_xla : bool
    clips : bool
        The gradient to a global norm of at most the strength "clip_norm".
    averages : bool
        An exponential moving average of the trainable weights, by the strength "ema_decay".
    sharpens : bool
        Sharpness-aware minimization (Foret et al. (2021), arXiv 2010.01412): the gradient is that at the weights
        moved by the strength "sam" along the first gradient. Statistics that layers collect are collected twice.
    cycles_momentum : bool
        The optimizer's momentum is the strength "momentum"; needs an optimizer that has one.
    rate_groups : tuple of RateGroup
        Variables whose learning rate is multiplied by the strength of their group's name.
    """

    with_xla: bool = False
    clips: bool = False
    averages: bool = False
    sharpens: bool = False
    cycles_momentum: bool = False
    rate_groups: tuple[RateGroup, ...] = ()

    @property
    def strength_names(self) -> tuple[str, ...]:
        """The strengths that `Steps.take` must be given for the settings themselves."""
        are_on = (self.clips, self.averages, self.sharpens, self.cycles_momentum)
        own = zip(("clip_norm", "ema_decay", "sam", "momentum"), are_on, strict=True)
        return (*(name for name, is_on in own if is_on), *(group.name for group in self.rate_groups))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepRecord:
    """One value per step: the data loss, and the gradient's global norm before clipping, both (n_steps,)."""

    losses: Floats
    gradient_norms: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """All that steps change, at one moment: weights, seeds, the optimizer's memory, moving averages."""

    values: tuple[Any, ...]


class Steps:
    """Compiled optimizer steps of one model.

    Parameters
    ----------
    model : keras.Model
        Built.
    optimizer : keras.Optimizer
        Built with the model's trainable variables, in their order.
    objective : callable
        (x, y, weight, strengths) of one batch -> (data loss, total), two scalars; the total is what is minimized.
        It is called inside the gradient tape and itself calls the model with `training=True`. `strengths` maps
        names to scalar tensors. Weights may all be zero in a batch: the loss must be finite even so.
    batch_size : int
    settings : StepSettings
    after_step : callable or None
        (rate, strengths) -> None, after each optimizer step, inside the compiled function.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        objective: Objective,
        *,
        batch_size: int,
        settings: StepSettings,
        after_step: AfterStep | None = None,
    ) -> None:
        if settings.cycles_momentum and momentum_attribute(optimizer) is None:
            raise ValueError(f"Expected an optimizer with a momentum. Received: optimizer={type(optimizer).__name__}")
        self.model, self.optimizer, self.batch_size, self.settings = model, optimizer, batch_size, settings
        self._objective, self._after_step = objective, after_step
        self._variables = list(model.trainable_variables)
        self._averages = [(v, tf.Variable(v.value, trainable=False)) for v in self._variables if settings.averages]
        self._functions: dict[object, Any] = {}

    def take(self, x: Any, y: Any, weight: Any, *, batches: Any, rates: Floats, strengths: Strengths) -> StepRecord:
        """Take one optimizer step for each row of `batches`.

        New values of `rates` and `strengths`, other numbers of rows and of steps compile nothing anew.

        Parameters
        ----------
        x, y : tensor or nested structure of tensors
            Rows along the first axis; of `StoredRows` only those that the batches name become tensors.
        weight : tensor of shape (n_rows,), float32
        batches : ndarray of shape (n_steps, batch_size), int32
            Places of rows, as `in_batches` lays them out; without XLA batches may be smaller.
        rates : ndarray of shape (n_steps,), float32
            The learning rate of each step; the optimizer's rate is the last of them afterwards.
        strengths : mapping of str to float or ndarray of shape (n_steps,)
            What the objective, `after_step` and the settings ask for by name; the same names at each call.

        Raises
        ------
        ValueError
            When a strength that the settings need is missing.
        """
        if missing := [name for name in self.settings.strength_names if name not in strengths]:
            raise ValueError(f"Expected the strength '{missing[0]}'. Received: strengths={sorted(strengths)}")
        names = tuple(sorted(strengths))
        columns = [np.broadcast_to(np.asarray(v, "float32"), len(rates)) for v in (rates, *map(strengths.get, names))]
        table = tf.constant(np.stack(columns, axis=1))
        x, y, weight, batches = rows_of_slice(x, y, weight, np.asarray(batches))
        losses, norms = self._function((x, y), names)(x, y, weight, tf.constant(batches, "int32"), table)
        return StepRecord(losses=losses.numpy(), gradient_norms=norms.numpy())

    def snapshot(self) -> Snapshot:
        """Return a copy of all that steps change."""
        return Snapshot(values=tuple(tf.identity(v) for v in self._state()))

    def restore(self, snapshot: Snapshot) -> None:
        """Set everything back to what it was at a snapshot."""
        for variable, value in zip(self._state(), snapshot.values, strict=True):
            variable.assign(value)

    def reset_averages(self) -> None:
        """Start the moving averages at the weights as they are."""
        for variable, average in self._averages:
            average.assign(variable.value)

    @contextmanager
    def swapped_averages(self) -> Iterator[None]:
        """Give the model its averaged weights meanwhile, statistics as they are; without averages nothing happens."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def adopt_averages(self) -> None:
        """Give the model its averaged weights for good; without averages nothing happens."""
        for variable, average in self._averages:
            variable.assign(average)

    def _swap(self) -> None:
        for variable, average in self._averages:
            value = tf.identity(variable.value)
            variable.assign(average)
            average.assign(value)

    def _state(self) -> list[Any]:
        of_optimizer = [*optimizer_state(self.optimizer), self.optimizer.learning_rate]
        return [*(v.value for v in (*self.model.variables, *of_optimizer)), *(average for _, average in self._averages)]

    def _function(self, data: Any, names: tuple[str, ...]) -> Any:
        specs = tf.nest.map_structure(lambda t: tf.TensorSpec([None, *t.shape[1:]], t.dtype), data)
        key = (tuple(tf.nest.flatten(specs)), names)
        if key not in self._functions:
            take = self._in_blocks(names) if self.settings.with_xla else self._one_by_one(names)
            size = self.batch_size if self.settings.with_xla else None  # XLA compiles each size anew
            order, table = tf.TensorSpec([None, size], "int32"), tf.TensorSpec([None, 1 + len(names)])
            self._functions[key] = tf.function(take, input_signature=[*specs, tf.TensorSpec([None]), order, table])
        return self._functions[key]

    def _one_by_one(self, names: tuple[str, ...]) -> Any:
        def take(x: Any, y: Any, weight: Any, batches: Any, table: Any) -> Any:
            n_steps = tf.shape(table)[0]
            losses, norms = (tf.TensorArray(tf.float32, size=n_steps) for _ in range(2))
            for i in tf.range(n_steps):
                loss, norm = self._step(gathered((x, y, weight), batches[i]), table[i], names)
                losses, norms = losses.write(i, loss), norms.write(i, norm)
            return losses.stack(), norms.stack()

        return take

    def _in_blocks(self, names: tuple[str, ...]) -> Any:
        # the loop over a block's steps is compiled with them: entering XLA costs 0.3 ms, five small steps
        def block(data: Any, table: Any, n_steps: Any) -> Any:
            i, record = tf.constant(0), tf.zeros([BLOCK_STEPS, 2])
            while i < n_steps:  # a `for` over tf.range would be compiled anew for each n_steps
                batch = tf.nest.map_structure(lambda values, at=i: values[at], data)
                noted = self._step(batch, table[i], names)
                record = tf.tensor_scatter_nd_update(record, [[i]], [tf.stack(noted)])
                i += 1
            return record[:, 0], record[:, 1]

        block = tf.function(block, jit_compile=True)

        def take(x: Any, y: Any, weight: Any, batches: Any, table: Any) -> Any:
            n_steps = tf.shape(table)[0]
            n_blocks = tf.maximum(1, -(-n_steps // BLOCK_STEPS))  # no steps compile the block all the same
            padding = [[0, n_blocks * BLOCK_STEPS - n_steps], [0, 0]]
            batches = tf.reshape(tf.pad(batches, padding), [n_blocks, BLOCK_STEPS, self.batch_size])
            table = tf.reshape(tf.pad(table, padding), [n_blocks, BLOCK_STEPS, 1 + len(names)])
            losses, norms = (tf.TensorArray(tf.float32, size=n_blocks, element_shape=[BLOCK_STEPS]) for _ in range(2))
            for i in tf.range(n_blocks):
                n = tf.minimum(BLOCK_STEPS, n_steps - i * BLOCK_STEPS)
                loss, norm = block(gathered((x, y, weight), batches[i]), table[i], n)
                losses, norms = losses.write(i, loss), norms.write(i, norm)
            return losses.concat()[:n_steps], norms.concat()[:n_steps]

        return take

    def _step(self, batch: tuple[Any, Any, Any], row: Any, names: tuple[str, ...]) -> Any:
        optimizer = self.optimizer
        rate, strengths = row[0], {name: row[1 + i] for i, name in enumerate(names)}
        data_loss, gradients = self._gradients(batch, strengths)
        norm = tf.linalg.global_norm(gradients)
        if self.settings.sharpens:
            gradients = self._sharp_gradients(batch, strengths, gradients, norm)
            norm = tf.linalg.global_norm(gradients)
        scale = optimizer.scale_loss(1.0)  # gradients are as large as it while an optimizer for float16 scales losses
        if self.settings.clips:
            gradients, _ = tf.clip_by_global_norm(gradients, scale * strengths["clip_norm"], use_norm=norm)
        optimizer.learning_rate.assign(rate)
        momentum = strengths["momentum"] if self.settings.cycles_momentum else None
        with set_momentum(optimizer, momentum), scaled_moves(self.settings.rate_groups, strengths):
            optimizer.apply(gradients, self._variables)
        if self._after_step is not None:
            self._after_step(rate, strengths)
        for variable, average in self._averages:
            average.assign(average + (1.0 - strengths["ema_decay"]) * (variable.value - average))
        return data_loss, norm / scale

    def _gradients(self, batch: tuple[Any, Any, Any], strengths: dict[str, Any]) -> tuple[Any, list[Any]]:
        values = [v.value for v in self._variables]
        with tf.GradientTape() as tape:
            data_loss, total = self._objective(*batch, strengths)
            total = self.optimizer.scale_loss(total)
        # a variable that the loss does not reach gets a gradient of zeros, so that norms and optimizers see all
        found = tape.gradient(total, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return data_loss, [tf.convert_to_tensor(g) for g in found]

    def _sharp_gradients(self, batch: Any, strengths: dict[str, Any], gradients: list[Any], norm: Any) -> list[Any]:
        scale = tf.math.divide_no_nan(strengths["sam"], norm)
        before = [tf.identity(v.value) for v in self._variables]
        for variable, gradient in zip(self._variables, gradients, strict=True):
            variable.assign_add(gradient * scale)
        _, sharp = self._gradients(batch, strengths)
        for variable, value in zip(self._variables, before, strict=True):
            variable.assign(value)
        return sharp
