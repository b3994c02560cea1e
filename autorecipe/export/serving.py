"""One Keras model from raw cells to answers: Encode, every member, their mean, the label."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from autorecipe.data.schema import Schema
from autorecipe.preprocessing.encode import Encode
from autorecipe.preprocessing.spec import EncodeSpec, to_json
from autorecipe.training.call_size import MOST_ROWS, rows_per_call

Multipliers = Sequence[float] | Sequence[Sequence[float]]
Compiled = Any  # a concrete tf.function; TensorFlow ships no types

DEFAULT_THRESHOLD = 0.5
N_TIMED, TIMED_S = 21, 1.0  # calls whose median counts, and the seconds after which none is added


@keras.saving.register_keras_serializable(package="autorecipe")
class WeightedMean(keras.layers.Layer):
    """The weighted mean of several models' outputs.

    The members live inside this layer, so their layers may share names.

    Parameters
    ----------
    members : sequence of keras.Model
        All map the same inputs to outputs of one shape.
    weights : sequence of float
        One for each member; they sum to 1.
    """

    def __init__(self, members: Sequence[keras.Model], weights: Sequence[float], *, name: str | None = None) -> None:
        super().__init__(name=name)
        if len(members) != len(weights) or not members:
            raise ValueError(f"expected one weight for each member, got {len(weights)} for {len(members)}")
        if abs(sum(weights) - 1.0) > 1e-6:
            raise ValueError(f"expected weights that sum to 1, got {sum(weights)}")
        self.members, self.shares = list(members), [float(w) for w in weights]
        self.built = True  # the members are

    def call(self, inputs: Any) -> Any:
        """Map the members' inputs to float32 (batch, n_outputs)."""
        outputs = [ops.cast(member(inputs, training=False), "float32") for member in self.members]
        return sum(w * output for w, output in zip(self.shares, outputs, strict=True))

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the shape of one member's output."""
        return keras.KerasTensor((None, self.members[0].output_shape[-1]), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        members = [keras.saving.serialize_keras_object(m) for m in self.members]
        return {"members": members, "weights": self.shares, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Rebuild the layer with its members."""
        members = [keras.saving.deserialize_keras_object(m) for m in config["members"]]
        return cls(members, config["weights"], name=config["name"])


@keras.saving.register_keras_serializable(package="autorecipe")
class LabelOf(keras.layers.Layer):
    """The label that probabilities speak for.

    Parameters
    ----------
    classes : sequence of str
        In the order of the probabilities' columns.
    threshold : float or None
        With two classes, the second one is the label from this probability on; None takes the most probable.
    multipliers : sequence of float, or of sequences of float, or None
        What probabilities are multiplied by before the largest is taken: a number for each class, or a matrix
        (n_classes, n_classes) of what a row of class i is worth with label j. They go before a threshold.
    """

    def __init__(
        self,
        classes: Sequence[str],
        threshold: float | None = None,
        multipliers: Multipliers | None = None,
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.classes, self.threshold = list(classes), threshold
        self.multipliers = None if multipliers is None else np.asarray(multipliers, "float64").tolist()

    def call(self, inputs: Any) -> Any:
        """Map probabilities (batch, n_classes) to strings (batch,)."""
        if self.multipliers is not None:
            factors = tf.constant(self.multipliers, inputs.dtype)
            worth = inputs * factors if factors.shape.rank == 1 else tf.matmul(inputs, factors)
            index = tf.argmax(worth, axis=-1)
        elif self.threshold is None:
            index = tf.argmax(inputs, axis=-1)
        else:
            index = tf.cast(inputs[:, 1] >= self.threshold, tf.int64)
        return tf.gather(tf.constant(self.classes), index)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return a string for each row."""
        return keras.KerasTensor((None,), dtype="string")

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {
            "classes": self.classes,
            "threshold": self.threshold,
            "multipliers": self.multipliers,
            "name": self.name,
        }


@keras.saving.register_keras_serializable(package="autorecipe")
class OneNumber(keras.layers.Layer):
    """The one output of a regression as a vector, within bounds.

    Parameters
    ----------
    lowest, highest : float or None
        Bounds of the answer; None leaves that side open.
    """

    def __init__(self, lowest: float | None = None, highest: float | None = None, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.lowest, self.highest = lowest, highest

    def call(self, inputs: Any) -> Any:
        """Map (batch, 1) to (batch,)."""
        x = ops.squeeze(inputs, axis=-1)
        x = x if self.lowest is None else ops.maximum(x, self.lowest)
        return x if self.highest is None else ops.minimum(x, self.highest)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"lowest": self.lowest, "highest": self.highest, "name": self.name}


def build_serving_model(  # noqa: PLR0913  what is joined, each by its name
    *,
    spec: EncodeSpec,
    schema: Schema,
    members: Sequence[keras.Model],
    weights: Sequence[float],
    threshold: float | None = None,
    multipliers: Multipliers | None = None,
    bounds: tuple[float, float] | None = None,
) -> keras.Model:
    """Join Encode and the members into one model that takes raw cells.

    Parameters
    ----------
    members : sequence of keras.Model
        Each maps the dict of encoded arrays to probabilities (batch, n_classes), or to a prediction in the
        target's unit (batch, 1).
    weights : sequence of float
        The members' shares in the mean; they sum to 1.
    threshold : float or None
        Binary only: probability from which the positive class is the label; None is 0.5.
    multipliers : sequence of float, or of sequences of float, or None
        Several classes only: see `LabelOf`; None takes the most probable class.
    bounds : (lowest, highest) or None
        Regression only: the range that predictions are clipped to.

    Returns
    -------
    keras.Model
        One input of shape (batch,) for each raw column, by its safe name; outputs "probabilities" and
        "label", or "prediction".
    """
    inputs = {i.input_name: keras.Input((), dtype=i.wire, name=i.input_name) for i in spec.inputs}
    encoded = Encode(to_json(spec), name="encode")(inputs)
    mean = WeightedMean(members, weights, name="members")(encoded)
    outputs = answers_from(mean, schema, threshold=threshold, multipliers=multipliers, bounds=bounds)
    return keras.Model(inputs, outputs, name="autorecipe")


def answers_from(
    mean: Any,
    schema: Schema,
    *,
    threshold: float | None = None,
    multipliers: Multipliers | None = None,
    bounds: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Return what the members' mean (batch, n_outputs) stands for: "probabilities" and "label", or "prediction"."""
    if schema.task == "regression":
        lowest, highest = bounds or (None, None)
        return {"prediction": OneNumber(lowest, highest, name="prediction")(mean)}
    if schema.task == "binary" and threshold is None:
        threshold = DEFAULT_THRESHOLD
    label = LabelOf(schema.classes, threshold, multipliers, name="label")(mean)
    return {"probabilities": mean, "label": label}


def serve_rows(
    model: keras.Model,
    tensors: Mapping[str, NDArray[np.generic]],
    *,
    batch_rows: int | None = None,
    compiled: Compiled | None = None,
) -> dict[str, NDArray[np.generic]]:
    """Send raw cells through the in-memory model, in batches.

    Parameters
    ----------
    tensors : mapping of input name to array of shape (n_rows,)
        As `autorecipe.preprocessing.arrays.raw_tensors` makes them.
    batch_rows : int or None
        Rows per call; None for as many as the members have room for.
    compiled : callable or None
        What `compile_serving` made of this model, where it is at hand: tracing hundreds of columns takes
        seconds.

    Returns
    -------
    dict of output name to ndarray
        "probabilities" float32 (n_rows, n_classes) and "label" (n_rows,) of str, or "prediction" float32
        (n_rows,).
    """
    compiled, batch_rows = compiled or compile_serving(model), batch_rows or served_rows(model)
    n_rows = len(next(iter(tensors.values())))
    parts = []
    for start in range(0, max(n_rows, 1), batch_rows):
        batch = {t.name: tf.constant(tensors[t.name][start : start + batch_rows], t.dtype) for t in model.inputs}
        parts.append({name: value.numpy() for name, value in compiled(batch).items()})
    return join_answers(parts)


def join_answers(parts: Sequence[Mapping[str, NDArray[np.generic]]]) -> dict[str, NDArray[np.generic]]:
    """Return the answers to several batches as one, labels as str."""
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {name: _decoded(values) for name, values in joined.items()}


def served_rows(model: keras.Model) -> int:
    """Return how many rows to send through a serving model at once: 8192, or what its widest member has room for."""
    return min(rows_per_call(member) for member in model.get_layer("members").members)


def serving_speed(
    compiled: Compiled, tensors: Mapping[str, NDArray[np.generic]], *, batch_rows: int = MOST_ROWS
) -> tuple[float, float]:
    """Return the rows per second of a large batch, and the milliseconds of one row, by the medians of a few calls.

    Parameters
    ----------
    compiled : callable
        What `compile_serving` returned.
    tensors : mapping of input name to array of shape (n_rows,)
        Raw cells of at least one row, repeated where they are fewer than a batch.
    batch_rows : int
        Rows of a large batch.
    """
    specs = compiled.structured_input_signature[0][0]

    def seconds(n_rows: int) -> float:
        batch = {name: tf.constant(np.resize(tensors[name], n_rows), spec.dtype) for name, spec in specs.items()}
        taken: list[float] = []
        while len(taken) < N_TIMED and sum(taken) < TIMED_S:
            began = time.perf_counter()
            for value in compiled(batch).values():
                value.numpy()
            taken.append(time.perf_counter() - began)
        return max(median(taken), 1e-9)

    return batch_rows / seconds(batch_rows), 1000 * seconds(1)


def compile_serving(model: keras.Model) -> Compiled:
    """Compile the model's forward pass for batches of any size: dict of tensors in, dict of tensors out."""
    signature = {t.name: tf.TensorSpec((None,), t.dtype, name=t.name) for t in model.inputs}

    @tf.function(input_signature=[signature], autograph=False)
    def serve(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        outputs: dict[str, tf.Tensor] = model(inputs, training=False)
        return outputs

    return serve.get_concrete_function()


def _decoded(values: NDArray[np.generic]) -> NDArray[np.generic]:
    if values.dtype != object:
        return values
    return np.array([text.decode() for text in values.tolist()], dtype=object)
