"""The last weights that came of a finite loss, to end with when training blows up."""

from __future__ import annotations

import math
import warnings
from typing import Any

import keras
import tensorflow as tf

from autorecipe.training.optimizers import optimizer_state


class LastGood:
    """A copy of a model's weights and of its optimizer's memory, as they were at the end of the last good epoch.

    Parameters
    ----------
    model : keras.Model
        Built, with a built optimizer.
    """

    def __init__(self, model: keras.Model) -> None:
        self._variables = [*model.weights, *optimizer_state(model.optimizer)]
        variables, trained = self._variables, model.trainable_variables
        self._look = tf.function(lambda: _copied(variables, trained))  # compiled, since it runs after every epoch
        self._is_good, self._values = True, list[Any]()

    def start(self) -> None:
        """Keep what the model holds now, whatever it is."""
        self._is_good, (_, self._values) = True, self._look()

    def judge(self, epoch: int, loss: float) -> bool:
        """Keep what the model holds after an epoch with a finite loss and finite weights; warn of another one.

        Returns
        -------
        bool
            Whether the epoch (counted from 0) was good.
        """
        is_finite, values = self._look()
        self._is_good = math.isfinite(loss) and bool(is_finite)
        if self._is_good:
            self._values = values
        else:
            warnings.warn(
                f"training stopped in epoch {epoch + 1}, where the loss or a weight was no longer a finite number; the "
                f"model keeps its weights from before: a learning rate ten times smaller or clip_norm=1 may help",
                stacklevel=2,
            )
        return self._is_good

    def settle(self) -> None:
        """Give the model back what was kept, if what it holds now is not good."""
        if self._is_good and bool(self._look()[0]):
            return
        for variable, value in zip(self._variables, self._values, strict=True):
            variable.assign(value)


def _copied(variables: list[Any], trained: list[Any]) -> tuple[Any, list[Any]]:
    finite = [tf.reduce_all(tf.math.is_finite(v.value)) for v in trained]
    return tf.reduce_all(tf.stack(finite)), [tf.identity(v.value) for v in variables]
