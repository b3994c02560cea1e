"""Compiled training and evaluation of a compiled Keras model, kept with the model for its next training."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.training.array_rows import ArrayRows
from autorecipe.training.last_good import LastGood
from autorecipe.training.steps import Steps, StepSettings

FIRST_SLICE_STEPS = 1  # the length of the next slices is measured; a step of a large network may take seconds
N_KEPT = 4  # per model: a compiled step holds some tens of MB; more than the batch sizes that one tries in turn
KEPT_AS = "_autorecipe_compiled"  # the attribute of the model: what is compiled lives and dies with it
# bounds the memory of a widest layer some tens of times as wide as the inputs to about 100 MB
EVALUATED_CELLS, EVALUATED_ROWS = 2**20, 8192
FILL = "fill"  # the strength that makes up for the last batch's padding
# XLA on a CPU is right for dense networks; one epoch of convolutions did not end in five times the plain graph's time
XLA_LAYERS = (
    keras.layers.Activation,
    keras.layers.Add,
    keras.layers.BatchNormalization,
    keras.layers.Concatenate,
    keras.layers.Dense,
    keras.layers.Dropout,
    keras.layers.ELU,
    keras.layers.Embedding,
    keras.layers.Flatten,
    keras.layers.GaussianNoise,
    keras.layers.InputLayer,
    keras.layers.LayerNormalization,
    keras.layers.LeakyReLU,
    keras.layers.Multiply,
    keras.layers.PReLU,
    keras.layers.ReLU,
    keras.layers.Rescaling,
    keras.layers.Reshape,
    keras.layers.Softmax,
)
# planned steps; compiling takes 1 to 2 s longer, which is won back after 500 (3 x 512, batch 512) to 10,000 steps
# (3 x 64, batch 32), measured on 2 cores
XLA_FROM_STEPS = 3_000
LOSS_SUFFIX = "_loss"  # of the running means that Keras keeps for each output's loss


class CompiledModel:
    """The compiled steps and the compiled evaluation of one model as it was compiled by Keras.

    Attributes
    ----------
    steps : Steps
    good : LastGood
    slice_steps : int
        Steps to take in one call, so that it ends after about half a second.
    """

    def __init__(self, model: keras.Model, *, batch_size: int, settings: StepSettings) -> None:
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        self.steps = Steps(model, model.optimizer, _objective(model), batch_size=batch_size, settings=settings)
        self.good = LastGood(model)
        self.slice_steps = FIRST_SLICE_STEPS
        self._evaluations: dict[object, Any] = {}
        self._kept = _parts(model)  # held, so that no new object takes over the identity of an old one

    def evaluate(self, rows: ArrayRows, data: tuple[Any, ...]) -> dict[str, Any]:
        """Return the loss and the compiled metrics over all rows, in inference mode, as `Model.evaluate` does.

        Parameters
        ----------
        rows : ArrayRows
        data : tuple
            The same rows as tensors: (x, y) or (x, y, weight).
        """
        model, loss = self.steps.model, 0.0
        size = max(1, min(EVALUATED_ROWS, EVALUATED_CELLS // max(rows.cells_per_row, 1)))
        model.reset_metrics()
        for start in range(0, rows.n_rows, size):
            part = keras.tree.map_structure(lambda values, at=start: values[at : at + size], data)
            loss += float(self._evaluation(data)(*part)) * min(size, rows.n_rows - start)
        return {**results(model), "loss": loss / rows.n_rows}

    def _evaluation(self, data: tuple[Any, ...]) -> Any:
        specs = keras.tree.map_structure(lambda t: tf.TensorSpec([None, *t.shape[1:]], t.dtype), data)
        key = (len(data), *keras.tree.flatten(specs))
        if key not in self._evaluations:
            self._evaluations[key] = tf.function(_evaluation(self.steps.model), input_signature=specs)
        return self._evaluations[key]


class _Kept:
    """The compiled models kept with a model; no dictionary, since Keras saves and tracks those that a model holds."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: OrderedDict[object, CompiledModel] = OrderedDict()


def compiled(model: keras.Model, *, batch_size: int, settings: StepSettings) -> CompiledModel:
    """Return the compiled model of an earlier call with the same batch size and settings, or a new one.

    A model that was compiled by Keras anew, or whose layers were frozen or freed since, is compiled again.
    """
    kept = getattr(model, KEPT_AS, None)
    if kept is None:
        kept = _Kept()
        setattr(model, KEPT_AS, kept)
    key = (batch_size, settings, *map(id, _parts(model)))
    if key not in kept.found:
        kept.found[key] = CompiledModel(model, batch_size=batch_size, settings=settings)
    kept.found.move_to_end(key)
    while len(kept.found) > N_KEPT:
        kept.found.popitem(last=False)
    return kept.found[key]


def results(model: keras.Model) -> dict[str, Any]:
    """Return the present values of a model's metrics by name; numbers as float."""
    found = {name: np.asarray(value) for name, value in model.get_metrics_result().items()}
    return {name: float(value) if value.ndim == 0 else value for name, value in found.items()}


def has_metrics(model: keras.Model) -> bool:
    """Return whether the model measures more than its losses."""
    return any(m.name != "loss" and not m.name.endswith(LOSS_SUFFIX) for m in model.metrics)


def suits_xla(model: keras.Model, *, n_steps: int) -> bool:
    """Return whether XLA pays for this many steps: the model's own word, else dense layers and enough steps."""
    return bool(model.jit_compile) or (n_steps >= XLA_FROM_STEPS and _is_dense(model))


def fill_factors(batches: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return by what each batch's weights are multiplied, so that padded rows leave its mean loss as it is."""
    return np.asarray(batches.shape[1] / (batches >= 0).sum(axis=1), dtype="float32")


def accepts_training(compute_loss: Any) -> bool:
    """Return whether a model's `compute_loss` takes `training`, as it does since Keras 3.3."""
    return "training" in inspect.signature(compute_loss).parameters


def _objective(model: keras.Model) -> Any:
    loss_of = _loss_of(model, training=True)

    def objective(x: Any, y: Any, weight: Any, strengths: dict[str, Any]) -> tuple[Any, Any]:
        total = loss_of(x, y, model(x, training=True), weight * strengths[FILL])
        return total, total

    return objective


def _evaluation(model: keras.Model) -> Any:
    loss_of = _loss_of(model, training=False)

    def evaluate(x: Any, y: Any, weight: Any = None) -> Any:
        outputs = model(x, training=False)
        loss = loss_of(x, y, outputs, weight)
        model.compute_metrics(x, y, outputs, sample_weight=weight)
        return loss

    return evaluate


def _loss_of(model: keras.Model, *, training: bool) -> Any:
    def loss_of(x: Any, y: Any, outputs: Any, weight: Any) -> Any:
        mode = {"training": training} if accepts_training(model.compute_loss) else {}
        return tf.cast(model.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=weight, **mode), tf.float32)

    return loss_of


def _parts(model: keras.Model) -> tuple[object, ...]:
    """Return the objects that are compiled in; `compile` makes the loss tracker, the first metric, anew."""
    return (model.optimizer, *model.metrics, *model.trainable_variables)


def _is_dense(model: keras.Model) -> bool:
    if not type(model).__module__.startswith("keras."):  # the layers of a subclass need not be all that it calls
        return False
    return all(_is_dense(la) if isinstance(la, keras.Model) else type(la) in XLA_LAYERS for la in model.layers)
