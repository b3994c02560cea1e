"""The loss of a user's compiled model: what it is called, as one number, and row by row."""

from __future__ import annotations

import copy
import re
from typing import Any

import keras
import tensorflow as tf

from autorecipe.errors import UserError


class UserLoss:
    """A copy of a model's compiled loss.

    Attributes
    ----------
    compiled : keras.losses.Loss or callable
        The copy itself.
    name : str
        Keras' name in snake case.
    from_logits : bool or None
        None where the loss has no such setting.
    label_smoothing : float
    """

    def __init__(self, loss: Any) -> None:
        loss = keras.losses.get(loss) if isinstance(loss, str) else loss
        self.is_object = isinstance(loss, keras.losses.Loss)
        self.compiled = self._loss = copy.copy(loss) if self.is_object else loss
        kind = type(loss).__name__ if self.is_object else getattr(loss, "__name__", type(loss).__name__)
        self.name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()
        self.from_logits = self._from_logits()
        self.label_smoothing = float(self._setting("label_smoothing") or 0.0)
        self._one_by_one = tf.function(self._asked_one_by_one, reduce_retracing=True)
        self._by_row = copy.copy(self._loss)
        if self.is_object:
            self._by_row.reduction = None

    def batch(self, y: Any, outputs: Any) -> Any:
        """Return the loss of a batch as one number, reduced as it is in training."""
        if self.is_object:
            return tf.cast(self._loss(y, outputs), "float32")
        # Keras takes the mean of whatever a plain function returns
        return tf.reduce_mean(tf.cast(self._loss(*_aligned(y, outputs)), "float32"))

    def rows(self, y: Any, outputs: Any) -> Any:
        """Return the loss of each row (n_rows,)."""
        values = self._by_row(y, outputs) if self.is_object else self._loss(*_aligned(y, outputs))
        values = tf.cast(values, "float32")
        if values.shape.rank == 0:  # a function of its own that reduces by itself: it is asked one row at a time
            return self._one_by_one(y, outputs)
        return tf.reduce_mean(values, axis=list(range(1, values.shape.rank)))

    def _asked_one_by_one(self, y: Any, outputs: Any) -> Any:
        return tf.map_fn(
            lambda row: self.batch(row[0][None], row[1][None]), (y, outputs), fn_output_signature=tf.float32
        )

    def _from_logits(self) -> bool | None:
        if not self.is_object:
            return False if "crossentropy" in self.name else None
        found = self._setting("from_logits")
        return found if found is None else bool(found)

    def _setting(self, name: str) -> Any:
        """Return a setting of a loss object, None where it has no such setting."""
        if not self.is_object:
            return None
        is_keras = type(self._loss).__module__.startswith("keras.")  # others need not tell their configuration
        return self._loss.get_config().get(name) if is_keras else getattr(self._loss, name, None)


def user_loss(model: keras.Model) -> UserLoss:
    """Return a copy of the loss that a model is compiled with.

    Raises
    ------
    UserError
        When it has none, or several.
    """
    loss = model.loss
    if isinstance(loss, dict | list | tuple):
        several = list(loss.values()) if isinstance(loss, dict) else list(loss)
        if len(several) != 1:
            raise UserError(
                f"the model '{model.name}' has {len(several)} losses, expected one",
                where="model",
                fix="check one output at a time: keras.Model(model.input, model.outputs[0]), compiled with its loss",
            )
        loss = several[0]
    if loss is None:
        raise UserError(
            f"the model '{model.name}' has no loss",
            where="model",
            fix="model.compile(optimizer='adam', loss=...) first",
        )
    return UserLoss(loss)


def _aligned(y: Any, outputs: Any) -> tuple[Any, Any]:
    """Return y with the last axis of the outputs where that is a single one, as Keras compiles functions."""
    if y.shape.rank == outputs.shape.rank - 1 and outputs.shape[-1] == 1:
        return y[..., None], outputs
    return y, outputs
