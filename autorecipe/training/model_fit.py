"""Training through `Model.fit`, for what the compiled loop cannot do, with the same behaviour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.training.array_rows import ArrayRows
from autorecipe.training.callbacks import first_batch_listener
from autorecipe.training.devices import free_memory_bytes
from autorecipe.training.last_good import LastGood
from autorecipe.training.plan import TrainingPlan

# a padded last batch leaves means as they are, weighted or not
PADDED_REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight")

Floats = NDArray[np.float32]
Logs = Mapping[str, float] | None


def epoch_order(plan: TrainingPlan, *, epoch: int, n_rows: int) -> NDArray[np.int64]:
    """Return the order of the rows in an epoch (counted from 0)."""
    return np.random.default_rng((plan.seed, epoch)).permutation(n_rows) if plan.shuffle else np.arange(n_rows)


def why_by_keras(
    model: keras.Model,
    rows: ArrayRows,
    validation: ArrayRows | None,
    *,
    plan: TrainingPlan,
    callbacks: Sequence[keras.callbacks.Callback],
) -> str:
    """Return why a training has to go through `Model.fit`, or "" when the compiled loop can do it."""
    listener = first_batch_listener(callbacks)
    if listener:
        return f"the callback {listener} overrides a hook for batches"
    n_bytes, free = rows.n_bytes + (validation.n_bytes if validation else 0), free_memory_bytes()
    if free is not None and n_bytes > plan.memory_share * free:
        return f"a copy of the data takes {n_bytes:,} bytes, more than {plan.memory_share:.0%} of the {free:,} free"
    has_part = rows.n_rows % plan.batch_for(rows.n_rows) > 0
    return _why_this_model(model, has_part=has_part)


def fit_by_keras(
    model: keras.Model,
    rows: ArrayRows,
    validation: ArrayRows | None,
    *,
    plan: TrainingPlan,
    factors: Floats,
    callbacks: Sequence[keras.callbacks.Callback],
) -> keras.callbacks.History:
    """Train by `Model.fit` on a `tf.data` pipeline, in the batches that the compiled loop would take.

    Parameters
    ----------
    model : keras.Model
    rows, validation : ArrayRows
        Read batch by batch, so they may be memory maps.
    plan : TrainingPlan
    factors : ndarray of shape (n_steps,)
        What the learning rate is multiplied by at each step of all epochs.
    callbacks : sequence of keras.callbacks.Callback

    Returns
    -------
    keras.callbacks.History
    """
    batch_size, by_plan = plan.batch_for(rows.n_rows), PlanCallback(plan, factors)
    train = _batches(rows, batch_size, lambda: epoch_order(plan, epoch=by_plan.epoch, n_rows=rows.n_rows))
    with _as_planned(model, plan):
        try:
            return model.fit(
                train,
                epochs=plan.epochs,
                validation_data=None if validation is None else _in_order(validation, batch_size),
                callbacks=[by_plan, *callbacks],
                verbose=0,
                shuffle=False,  # the order is the data set's own
            )
        except KeyboardInterrupt:
            by_plan.leave()
            raise


class PlanCallback(keras.callbacks.Callback):
    """Does between the steps of `Model.fit` what a training plan asks for beyond it.

    It comes first among the callbacks, so that they see the rate without the schedule's factor, and the averaged
    weights.

    Attributes
    ----------
    epoch : int
        The epoch that runs, from 0.
    """

    def __init__(self, plan: TrainingPlan, factors: Floats) -> None:
        super().__init__()
        self.epoch = 0
        self._plan, self._factors, self._n_steps = plan, factors, 0
        self._rate: float | None = None  # without the schedule's factor, while an epoch runs
        self._averages: list[Any] = []
        self._shows_average = False
        self._good: LastGood | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Start the average at the weights as they are."""
        optimizer = self.model.optimizer
        if not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        self._good = LastGood(self.model)
        self._good.start()
        if self._plan.ema_decay > 0:
            self._averages = [tf.identity(v.value) for v in self.model.trainable_variables]

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Go on from the weights themselves, not from their average."""
        self.epoch = epoch
        if self._shows_average:
            self._swap()

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Set the rate of this step."""
        if self._plan.is_scheduled:
            if self._rate is None:  # the first batch: callbacks have had their say at the epoch's begin
                self._rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
            self.model.optimizer.learning_rate.assign(self._rate * self._factors[self._n_steps])

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Take the step into the average."""
        self._n_steps += 1
        if self._averages:
            share = 1.0 - self._plan.ema_decay
            pairs = zip(self._averages, self.model.trainable_variables, strict=True)
            self._averages = [average + share * (v.value - average) for average, v in pairs]

    def on_test_begin(self, logs: Logs = None) -> None:
        """Validate the averaged weights."""
        self._show_average()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the epoch's weights when they are good, else stop."""
        self._put_rate_back()
        self._show_average()
        if self._good is not None and not self._good.judge(epoch, (logs or {}).get("loss", 0.0)):
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        """End with the last good weights."""
        self.leave()

    def leave(self) -> None:
        """Put the plain rate back, and leave the averaged weights, or the last good ones."""
        self._put_rate_back()
        self._show_average()
        if self._good is not None:
            self._good.settle()

    def _put_rate_back(self) -> None:
        if self._rate is not None:
            self.model.optimizer.learning_rate.assign(self._rate)
            self._rate = None

    def _show_average(self) -> None:
        if self._averages and not self._shows_average:
            self._swap()

    def _swap(self) -> None:
        values = [tf.identity(v.value) for v in self.model.trainable_variables]
        for variable, average in zip(self.model.trainable_variables, self._averages, strict=True):
            variable.assign(average)
        self._averages, self._shows_average = values, not self._shows_average


def _why_this_model(model: keras.Model, *, has_part: bool) -> str:
    for method in ("train_step", "test_step"):
        if getattr(type(model), method) is not getattr(keras.Model, method):
            return f"{type(model).__name__} has a {method} of its own"
    if model.run_eagerly:
        return "the model was compiled with run_eagerly=True"
    n_devices = model.distribute_strategy.num_replicas_in_sync
    if n_devices > 1:
        return f"the model was built for {n_devices} devices"
    losses = [loss for loss in keras.tree.flatten(model.loss) if isinstance(loss, keras.losses.Loss)]
    other = next((loss.reduction for loss in losses if loss.reduction not in PADDED_REDUCTIONS), "mean")
    if other != "mean":
        return f"a loss with reduction={other!r} depends on the size of the batch"
    if not isinstance(model.optimizer.learning_rate, keras.Variable):
        return "the learning rate is a schedule of the optimizer's own"
    if has_part and type(model).compute_loss is not keras.Model.compute_loss:
        return f"{type(model).__name__} has a compute_loss of its own and the last batch is smaller than the others"
    return ""


@contextmanager
def _as_planned(model: keras.Model, plan: TrainingPlan) -> Iterator[None]:
    """Clip as the plan says, and call callbacks at each single step where the plan needs it."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # of a LossScaleOptimizer
    clip, per_call = optimizer.global_clipnorm, model.steps_per_execution
    if plan.clip_norm > 0:
        optimizer.global_clipnorm = plan.clip_norm
    if plan.is_scheduled or plan.ema_decay > 0:
        model.steps_per_execution = 1
    model.train_function = None  # it is compiled with what it found
    try:
        yield
    finally:
        optimizer.global_clipnorm, model.steps_per_execution, model.train_function = clip, per_call, None


def _in_order(rows: ArrayRows, batch_size: int) -> tf.data.Dataset:
    return _batches(rows, batch_size, lambda: np.arange(rows.n_rows))


def _batches(rows: ArrayRows, batch_size: int, order: Callable[[], NDArray[np.int64]]) -> tf.data.Dataset:
    """Return batches in an order that is asked for anew in each epoch; the last one may be smaller."""
    like = rows.take(slice(0))
    specs = [tf.TensorSpec([None, *a.shape[1:]], a.dtype) for a in keras.tree.flatten(like)]

    def batches() -> Iterator[tuple[Any, ...]]:
        places = order()
        for start in range(0, rows.n_rows, batch_size):
            yield tuple(keras.tree.flatten(rows.take(places[start : start + batch_size])))

    flat = tf.data.Dataset.from_generator(batches, output_signature=tuple(specs))
    n_batches = -(-rows.n_rows // batch_size)
    counted = flat.apply(tf.data.experimental.assert_cardinality(n_batches))
    packed = counted.map(lambda *arrays: keras.tree.pack_sequence_as(like, arrays))
    return packed.prefetch(tf.data.AUTOTUNE)
