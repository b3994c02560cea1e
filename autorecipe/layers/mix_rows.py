"""Mix each row of a batch with another."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class MixRows(keras.layers.Layer):
    """In training, share * x + (1 - share) * the batch in reverse order.

    `share` is a non-trainable weight that starts at one, which mixes nothing. Whoever trains draws it for each step
    from a Beta distribution, and mixes the losses of the two rows' targets alike.

    References
    ----------
    Zhang et al. (2018), "mixup: beyond empirical risk minimization", arXiv 1710.09412.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the share."""
        self.share = self.add_weight(name="share", shape=(), initializer="ones", trainable=False)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Mix rows in training; return the inputs otherwise."""
        if not training:
            return inputs
        return self.share * inputs + (1.0 - self.share) * ops.flip(inputs, axis=0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape
