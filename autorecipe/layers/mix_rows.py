"""Mix each row of a batch with another."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import ops

Mixture = Literal["mixup", "manifold_mixup"]


@keras.saving.register_keras_serializable(package="autorecipe")
class MixRows(keras.layers.Layer):
    """In training, share * x + (1 - share) * the batch in reverse order.

    `share` is a non-trainable weight that starts at one, which mixes nothing. Whoever trains draws it for each step
    from a Beta distribution, and mixes the losses of the two rows' targets alike, by `kept_share()`.

    Parameters
    ----------
    mixes : "mixup" or "manifold_mixup"
        Which field of a recipe the share is drawn by: that of the inputs, or of what hidden layers give, of which one
        layer mixes in each step.

    References
    ----------
    Zhang et al. (2018), "mixup: beyond empirical risk minimization", arXiv 1710.09412. Hidden layers: Verma et al.
    (2019), "Manifold mixup: better representations by interpolating hidden states", arXiv 1806.05236.
    """

    def __init__(self, *, mixes: Mixture = "mixup", name: str | None = None) -> None:
        super().__init__(name=name)
        self.mixes = mixes

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the share."""
        self.share = self.add_weight(name="share", shape=(), initializer="ones", trainable=False)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Mix rows in training; return the inputs otherwise."""
        if not training:
            return inputs
        return self.share * inputs + (1.0 - self.share) * ops.flip(inputs, axis=0)

    def kept_share(self) -> Any:
        """Return the share of its own that a row keeps, with `share` as it is: a scalar."""
        return ops.convert_to_tensor(self.share)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"mixes": self.mixes, "name": self.name}
