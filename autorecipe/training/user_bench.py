"""A user's compiled Keras model on the bench: a clone of it, with copies of its loss and optimizer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from autorecipe.errors import UserError
from autorecipe.training.bench import Bench, BenchRows, CannotMeasure, Floats, Setup, Tensors
from autorecipe.training.layer_calls import closing_activations, kernel_calls, kernel_holder, record_calls
from autorecipe.training.steps import Steps, StepSettings
from autorecipe.training.user_clone import clone_of, optimizer_like, usual_rate_of
from autorecipe.training.user_data import bench_rows, column_names, input_dtype, split_rows, task_of
from autorecipe.training.user_loss import UserLoss, user_loss

KERAS_BATCH_SIZE = 32  # of Model.fit
N_CALLED_ROWS = 8  # on which the clone is built and its outputs are looked at
PREDICT_CELLS, MAX_PREDICT_ROWS, MIN_PREDICT_ROWS = 2**22, 8192, 32  # numbers and rows per call when predicting
# Keras' defaults, and for SGD and Adagrad the ten times larger rate that their papers and guides use
USUAL_RATES = {"sgd": 1e-2, "momentumsgd": 1e-2, "adagrad": 1e-2, "adadelta": 1.0, "lion": 1e-4}
USUAL_RATE = 1e-3
UNSUITED = ("adagrad", "adadelta", "ftrl")  # their steps shrink by themselves: the range test says nothing
PENALTIES = "penalties"  # the strength that switches what layers add to the loss on or off
N_OUTPUT_AXES = 2


def user_bench(
    model: keras.Model,
    x: object,
    y: object,
    *,
    validation_data: Sequence[object] | None = None,
    batch_size: int = KERAS_BATCH_SIZE,
    seed: int = 0,
) -> Bench:
    """Put a clone of a compiled model on the bench; the model and its optimizer stay as they are.

    Parameters
    ----------
    model : keras.Model
        Compiled with one loss; one output of shape (n_rows, n_outputs).
    x : array, DataFrame, or dict, list or tuple of arrays
        Numbers.
    y : array of shape (n_rows,) or (n_rows, n_outputs)
        As the model's loss takes it.
    validation_data : (x, y) or None
        None takes 20 % of the rows, drawn by the seed.
    batch_size : int
        That the model is trained with.

    Raises
    ------
    UserError
        When the model is not compiled, has several outputs or losses, trains itself in a way of its own, or cannot
        be copied, or the arrays do not hold numbers.
    """
    _expect_checkable(model)
    loss, rows = user_loss(model), bench_rows(x, y)
    train, validation = split_rows(rows, validation_data, seed=seed)
    looked_at = rows.evenly(N_CALLED_ROWS)
    clone = clone_of(model, looked_at.x, seed=seed)
    calls, outputs = record_calls(clone, looked_at.x)
    _expect_one_output(clone, outputs, looked_at.n_rows)
    activation = closing_activations(calls, outputs)[-1]
    task, n_classes = task_of(loss.name, activation, np.asarray(rows.y), int(outputs.shape[1]))
    kind = type(getattr(model.optimizer, "inner_optimizer", model.optimizer)).__name__.lower()
    as_logits = loss.from_logits if loss.from_logits is not None else activation not in ("softmax", "sigmoid")
    setup = Setup(
        task=task,
        n_classes=n_classes,
        batch_size=min(batch_size, train.n_rows),
        learning_rate=usual_rate_of(model.optimizer),
        usual_rate=USUAL_RATES.get(kind, USUAL_RATE),
        optimizer=kind,
        loss=loss.name,
        from_logits=loss.from_logits,
        outputs_are_logits=task != "regression" and as_logits,
        seed=seed,
        label_smoothing=loss.label_smoothing,
        suits_rate_test=kind not in UNSUITED,
        input_dtype=input_dtype(x),
        input_names=column_names(x),
        was_trained=int(model.optimizer.iterations) > 0,
    )
    optimizer = optimizer_like(model.optimizer)
    optimizer.build(clone.trainable_variables)
    clone.compile(optimizer=optimizer, loss=user_loss(model).compiled)
    return _UserBench(clone, optimizer, loss, setup=setup, train=train, validation=validation)


class _UserBench(Bench):
    def __init__(
        self,
        network: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        loss: UserLoss,
        *,
        setup: Setup,
        train: BenchRows,
        validation: BenchRows,
    ) -> None:
        super().__init__(network, optimizer, setup=setup, train=train, validation=validation)
        self._loss = loss
        self._steps = Steps(network, optimizer, self._objective, batch_size=setup.batch_size, settings=StepSettings())
        specs = tf.nest.map_structure(lambda t: tf.TensorSpec([None, *t.shape[1:]], t.dtype), train.x)
        self._predict = tf.function(lambda x: network(x, training=False), input_signature=[specs])
        cells = sum(math.prod(s.shape[1:]) for s in tf.nest.flatten(specs))
        self._n_predicted = int(np.clip(PREDICT_CELLS // max(cells, 1), MIN_PREDICT_ROWS, MAX_PREDICT_ROWS))

    def outputs(self, x: Tensors) -> Floats:
        """Return the outputs (n_rows, n_outputs) in inference mode."""
        n_rows, size = len(tf.nest.flatten(x)[0]), self._n_predicted
        parts = [
            self._predict(tf.nest.map_structure(lambda values, i=i: values[i : i + size], x)).numpy()
            for i in range(0, n_rows, size)
        ]
        return np.concatenate(parts)

    def row_loss(self, y: Any, outputs: Any) -> Any:
        """Return the model's loss of each row (n_rows,)."""
        return self._loss.rows(y, outputs)

    def batch_loss(self, rows: BenchRows, *, factor: int = 1) -> float:
        """Return the model's loss of one batch, reduced as it is in training."""
        batch = rows.take(np.tile(np.arange(rows.n_rows), factor))
        return float(self._loss.batch(batch.y, tf.constant(self.outputs(batch.x))))

    def take_steps(
        self, rows: BenchRows, n_steps: int, *, rates: float | Floats, regularized: bool = False, draw: int = 0
    ) -> Floats:
        """Train on full batches, and return each step's data loss (n_steps,); see `Bench`."""
        rng, size = np.random.default_rng((self.setup.seed, draw)), self.setup.batch_size
        # full batches alone, since a loss of one's own need not know of weights
        n_passes = -(-n_steps * size // rows.n_rows)
        order = np.concatenate([rng.permutation(rows.n_rows) for _ in range(n_passes)])[: n_steps * size]
        record = self._steps.take(
            rows.x,
            rows.y,
            rows.weight,
            batches=order.reshape(n_steps, size).astype("int32"),
            rates=np.broadcast_to(np.asarray(rates, "float32"), n_steps),
            strengths={PENALTIES: float(regularized)},
        )
        self.step_norms = record.gradient_norms
        return record.losses

    def penalty_gradients(self) -> list[Floats]:
        """Return the gradient of what layers add to the loss by each trainable variable."""
        variables = [v.value for v in self.network.trainable_variables]
        with tf.GradientTape() as tape:
            self.network(self.train.evenly(self.setup.batch_size).x, training=False)
            penalty = tf.add_n([tf.cast(p, "float32") for p in self.network.losses] or [tf.constant(0.0)])
        found = tape.gradient(penalty, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return [tf.convert_to_tensor(g).numpy() for g in found]

    def set_output_bias(self, bias: Floats) -> None:
        """Set the bias of the last layer with a kernel."""
        calls, _ = record_calls(self.network, self.train.evenly(N_CALLED_ROWS).x)
        kernels = kernel_calls(calls)
        own = getattr(kernel_holder(kernels[-1].layer), "bias", None) if kernels else None
        if own is None or tuple(own.shape) != bias.shape:
            raise CannotMeasure(f"the last layer has no bias of {len(bias)} numbers that could be set to the prior")
        own.assign(bias)

    def _objective(self, x: Any, y: Any, weight: Any, strengths: dict[str, Any]) -> tuple[Any, Any]:
        outputs = self.network(x, training=True)
        data_loss = self._loss.batch(y, outputs)
        penalty = tf.add_n([tf.cast(p, "float32") for p in self.network.losses] or [tf.constant(0.0)])
        return data_loss, data_loss + strengths[PENALTIES] * penalty


def _expect_checkable(model: keras.Model) -> None:
    if not isinstance(model, keras.Model):
        raise UserError(f"{type(model).__name__}, expected a keras.Model", where="model", fix="pass a compiled model")
    if not model.compiled or model.optimizer is None:
        raise UserError(
            f"the model '{model.name}' is not compiled",
            where="model",
            fix="model.compile(optimizer='adam', loss=...) first",
        )
    for name in ("train_step", "compute_loss"):
        if not getattr(type(model), name).__module__.startswith("keras."):
            raise UserError(
                f"the model '{model.name}' has a {name} of its own, which the checks would leave out",
                where="model",
                fix=f"check the network without it: a model whose class does not define {name}",
            )


def _expect_one_output(model: keras.Model, outputs: Any, n_rows: int) -> None:
    if not tf.is_tensor(outputs):
        raise UserError(
            f"the model '{model.name}' has {len(tf.nest.flatten(outputs))} outputs, expected one",
            where="model",
            fix="check one output at a time: keras.Model(model.input, model.outputs[0]), compiled with its loss",
        )
    if outputs.shape.rank != N_OUTPUT_AXES or outputs.shape[0] != n_rows:
        raise UserError(
            f"{n_rows} rows give outputs of shape {tuple(outputs.shape)}, expected ({n_rows}, n_outputs)",
            where="model",
            fix="end with keras.layers.Dense(n_outputs) on one vector per row; keras.layers.Reshape leaves rows alone",
        )
