"""Train any compiled Keras model on arrays, faster than `Model.fit` does."""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.errors import UserError
from autorecipe.recipe import Recipe
from autorecipe.schedules import rate_factors
from autorecipe.training.array_rows import ArrayRows, expect_same_form, expect_suits, rows_from
from autorecipe.training.batches import in_batches, next_slice_steps
from autorecipe.training.compiled_model import (
    FILL,
    compiled,
    fill_factors,
    has_metrics,
    results,
    suits_xla,
)
from autorecipe.training.model_fit import epoch_order, fit_by_keras, why_by_keras
from autorecipe.training.plan import TrainingPlan
from autorecipe.training.steps import StepSettings

VALIDATION, VALIDATION_PARTS = "validation_data: ", (2, 3)
VALIDATION_FIX = "validation_data=(x_validation, y_validation)"

Floats = NDArray[np.float32]


def train(  # noqa: PLR0913  the parameters of Model.fit that stay, by their names
    model: keras.Model,
    x: object,
    y: object,
    *,
    plan: TrainingPlan | None = None,
    epochs: int | None = None,
    validation_data: Sequence[object] | None = None,
    sample_weight: object = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> keras.callbacks.History:
    """Train a compiled Keras model on arrays in memory, in place of `Model.fit`.

    The model's own loss, loss weights, penalties and optimizer are used and go on where they stopped. Whole slices of
    steps run inside one compiled function, which the next call with the same model and batch size takes up again.

    What differs from `Model.fit`:

    - nothing is printed; an epoch's order of rows follows from the plan's seed;
    - "loss" is the running mean as there, while metrics of the training rows are measured at the end of the epoch, in
      inference mode, as those of the validation rows are; evaluation takes larger batches;
    - the last batch is filled up with rows of weight 0, which statistics of a batch (BatchNormalization) still see;
    - training stops in the epoch in which the loss or a weight stops being a finite number, with the weights from
      before, and warns;
    - callbacks run between epochs. One that overrides a hook for batches sends the training through `Model.fit` with
      the same plan, and so do: data beyond the plan's share of the free memory, a model built in the scope of a
      strategy of several devices, a `train_step` of its own, a loss summed over the batch, a learning rate that is a
      schedule object, `run_eagerly`. A warning says so.

    Parameters
    ----------
    model : keras.Model
        Compiled; sequential, functional or subclassed, with one or several inputs and outputs.
    x, y : array, or list, tuple or dict of arrays
        Numbers, rows along the first axis; memory maps too.
    plan : TrainingPlan or None
        Epochs, batch size, schedule, clipping, averaging, seed; None for one epoch. A batch has at most all rows.
    epochs : int or None
        In place of the plan's.
    validation_data : (x, y) or (x, y, sample_weight) or None
    sample_weight : array of shape (n_rows,) or None
    callbacks : sequence of keras.callbacks.Callback
        What they raise is raised.

    Returns
    -------
    keras.callbacks.History
        `history["loss"]`, `history["val_loss"]` and the compiled metrics, one value per epoch.

    Raises
    ------
    UserError
        When the model is not compiled, or arrays, weights or validation data do not suit it or each other.
    KeyboardInterrupt
        Within about half a second of Ctrl-C; the model keeps the weights it has reached.

    Examples
    --------
    >>> history = train(model, x, y, plan=TrainingPlan(epochs=20, schedule="cosine"))  # doctest: +SKIP
    """
    plan, told = plan or TrainingPlan(), keras.tree.flatten(callbacks)
    if epochs is not None:
        plan = dataclasses.replace(plan, epochs=epochs)
    _expect_trainable(model, plan)
    rows = rows_from(x, y, sample_weight)
    if not isinstance(plan.batch_size, str):
        plan = dataclasses.replace(plan, batch_size=min(plan.batch_size, rows.n_rows))
    expect_suits(model, rows)
    validation = None if validation_data is None else _validation_rows(validation_data, rows, model)
    factors = _factors(plan, rows.n_rows)
    reason = why_by_keras(model, rows, validation, plan=plan, callbacks=told)
    if reason:
        warnings.warn(f"training goes through Model.fit, batch by batch, since {reason}", stacklevel=2)
        return fit_by_keras(model, rows, validation, plan=plan, factors=factors, callbacks=told)
    return _Training(model, rows, validation, plan, factors).run(told)


class _Training:
    """One training by the compiled loop."""

    def __init__(
        self, model: keras.Model, rows: ArrayRows, validation: ArrayRows | None, plan: TrainingPlan, factors: Floats
    ) -> None:
        self.model, self.rows, self.validation, self.plan, self.factors = model, rows, validation, plan, factors
        batch_size = plan.batch_for(rows.n_rows)
        by_counts = suits_xla(model, n_steps=len(factors)) if plan.with_xla is None else plan.with_xla
        settings = StepSettings(with_xla=by_counts, clips=plan.clip_norm > 0, averages=plan.ema_decay > 0)
        self.compiled = compiled(model, batch_size=batch_size, settings=settings)
        self.data = _tensors(rows)
        self.validation_data = None if validation is None else _tensors(validation)
        self.weight = tf.ones(rows.n_rows) if rows.weight is None else tf.constant(rows.weight)

    def run(self, callbacks: Sequence[keras.callbacks.Callback]) -> keras.callbacks.History:
        plan = self.plan
        told = keras.callbacks.CallbackList(
            callbacks,
            add_history=True,
            model=self.model,
            epochs=plan.epochs,
            steps=len(self.factors) // plan.epochs,
            verbose=0,
        )
        self.model.stop_training = False
        self.compiled.steps.reset_averages()
        self.compiled.good.start()
        told.on_train_begin()
        try:
            logs = self._epochs(told)
        finally:
            self.compiled.steps.adopt_averages()
            self.compiled.good.settle()
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
        told.on_train_end(logs)
        return self.model.history

    def _epochs(self, told: keras.callbacks.CallbackList) -> dict[str, Any]:
        logs: dict[str, Any] = {}
        for epoch in range(self.plan.epochs):
            self.model.reset_metrics()
            told.on_epoch_begin(epoch)
            loss = self._take_epoch(epoch)
            with self.compiled.steps.swapped_averages():
                logs = {"loss": loss, **self._measured(told)}
                is_good = self.compiled.good.judge(epoch, loss)
                told.on_epoch_end(epoch, logs)
            if self.model.stop_training or not is_good:
                break
        return logs

    def _take_epoch(self, epoch: int) -> float:
        """Take an epoch's steps in slices, and return the mean loss of the rows."""
        order = epoch_order(self.plan, epoch=epoch, n_rows=self.rows.n_rows)
        batches = in_batches(order, self.compiled.steps.batch_size)
        rate = self.model.optimizer.learning_rate
        plain, done, total = float(rate), 0, 0.0
        rates = plain * self.factors[epoch * len(batches) :][: len(batches)]
        try:
            while done < len(batches):
                part = slice(done, done + self.compiled.slice_steps)
                total += self._take(batches[part], rates[part])
                done = part.stop
        finally:
            rate.assign(plain)
        return total / self.rows.n_rows

    def _take(self, batches: NDArray[np.int32], rates: Floats) -> float:
        """Take one slice of steps, and return the sum of the rows' losses."""
        began = time.perf_counter()
        strengths: dict[str, float | Floats] = {FILL: fill_factors(batches)}
        if self.plan.clip_norm > 0:
            strengths["clip_norm"] = self.plan.clip_norm
        if self.plan.ema_decay > 0:
            strengths["ema_decay"] = self.plan.ema_decay
        x, y, *_ = self.data
        record = self.compiled.steps.take(x, y, self.weight, batches=batches, rates=rates, strengths=strengths)
        self.compiled.slice_steps = next_slice_steps(len(batches), time.perf_counter() - began)
        return float(record.losses @ (batches >= 0).sum(axis=1))

    def _measured(self, told: keras.callbacks.CallbackList) -> dict[str, Any]:
        """Return metrics of the training rows, and loss and metrics of the validation rows."""
        logs = self.compiled.evaluate(self.rows, self.data) if has_metrics(self.model) else results(self.model)
        logs.pop("loss", None)  # the running mean is the one to report
        if self.validation is None or self.validation_data is None:
            return logs
        told.on_test_begin()
        found = self.compiled.evaluate(self.validation, self.validation_data)
        told.on_test_end(found)
        return {**logs, **{f"val_{name}": value for name, value in found.items()}}


def _factors(plan: TrainingPlan, n_rows: int) -> Floats:
    """Return what the learning rate is multiplied by at each step of all epochs."""
    per_epoch = -(-n_rows // plan.batch_for(n_rows))
    n_total = plan.epochs * per_epoch
    schedule = Recipe(schedule=plan.schedule, warm_up_share=plan.warm_up_share)
    return rate_factors(schedule, first_step=0, n_steps=n_total, n_total=n_total, steps_per_epoch=per_epoch)


def _tensors(rows: ArrayRows) -> tuple[Any, ...]:
    tensors: tuple[Any, ...] = keras.tree.map_structure(tf.convert_to_tensor, rows.take(slice(None)))
    return tensors


def _validation_rows(data: Sequence[object], rows: ArrayRows, model: keras.Model) -> ArrayRows:
    if not isinstance(data, list | tuple) or len(data) not in VALIDATION_PARTS:
        found = f"{len(data)} parts" if isinstance(data, list | tuple) else type(data).__name__
        raise UserError(
            f"{found}, expected (x, y) or (x, y, sample_weight)", where="validation_data", fix=VALIDATION_FIX
        )
    validation = rows_from(*data, where=VALIDATION)
    expect_same_form(rows, validation, where="validation_data")
    expect_suits(model, validation, where=VALIDATION)
    return validation


def _expect_trainable(model: keras.Model, plan: TrainingPlan) -> None:
    if not isinstance(model, keras.Model):
        raise UserError(f"{type(model).__name__}, expected a keras.Model", where="model", fix="pass a compiled model")
    if not model.compiled or model.optimizer is None:
        raise UserError(
            f"the model '{model.name}' is not compiled",
            where="model",
            fix="model.compile(optimizer='adam', loss=...) first",
        )
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)  # of a LossScaleOptimizer
    clips = [name for name in ("clipnorm", "clipvalue", "global_clipnorm") if getattr(optimizer, name) is not None]
    if plan.clip_norm > 0 and clips:
        raise UserError(
            f"clip_norm={plan.clip_norm:g} and the optimizer's {clips[0]} both clip", where="plan", fix="keep one"
        )
    if plan.ema_decay > 0 and optimizer.use_ema:
        raise UserError(
            f"ema_decay={plan.ema_decay:g} and the optimizer's use_ema both average the weights",
            where="plan",
            fix="keep one",
        )
    if plan.is_scheduled and not isinstance(optimizer.learning_rate, keras.Variable):
        raise UserError(
            f"the optimizer's rate is a schedule of its own, and the plan has another: {plan.schedule}, warm-up share "
            f"{plan.warm_up_share:g}",
            where="plan",
            fix="compile with a number as learning rate, or leave schedule and warm_up_share out",
        )
