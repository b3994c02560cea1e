"""A dense layer that loses random weights while training."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from autorecipe.layers.random_mask import random_mask


@keras.saving.register_keras_serializable(package="autorecipe")
class DropConnectDense(keras.layers.Layer):
    """A dense layer whose kernel has random zeros in training, their share held in a non-trainable weight.

    One mask serves all rows of a batch; the weights that stay are scaled by 1 / (1 - rate), so that inference takes
    the kernel as it is.

    Parameters
    ----------
    units : int
        Width of the output.
    rate : float in [0, 1)
        Share of the kernel's weights that are zero in a step.
    kernel_initializer : str, dict or Initializer
        As in `keras.layers.Dense`.

    References
    ----------
    Wan et al. (2013), "Regularization of neural networks using DropConnect", ICML; with the mean of the masks at
    inference instead of the paper's sampling.
    """

    recipe_field = "drop_connect"

    def __init__(
        self,
        units: int,
        rate: float,
        *,
        kernel_initializer: Any = "glorot_uniform",
        seed: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if not 0.0 <= rate < 1.0:
            raise ValueError(f"Expected a rate in [0, 1). Received: rate={rate}")
        self.units, self.initial_rate, self.seed = units, rate, seed
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.Zeros()
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights for `input_shape` (..., n_inputs)."""
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[-1], self.units), initializer=self.kernel_initializer
        )
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer=self.bias_initializer)
        self.rate = self.add_weight(
            name="rate", shape=(), initializer=keras.initializers.Constant(self.initial_rate), trainable=False
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Map (..., n_inputs) to (..., units)."""
        kernel = ops.convert_to_tensor(self.kernel)
        if training:
            kept = random_mask(kernel, self.rate, self.seed_generator)
            kernel = kernel * ops.cast(kept, kernel.dtype) / (1.0 - self.rate)
        return ops.matmul(inputs, kernel) + self.bias

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {
            "units": self.units,
            "rate": self.initial_rate,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "seed": self.seed,
            "name": self.name,
        }
