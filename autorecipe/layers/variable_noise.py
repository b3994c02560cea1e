"""Gaussian noise whose size can change without a new graph."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class VariableNoise(keras.layers.Layer):
    """Add Gaussian noise in training, its standard deviation held in a non-trainable weight.

    Parameters
    ----------
    rate : float >= 0
        Standard deviation of the noise.
    recipe_field : "input_noise" or "activation_noise"
        Which field of a recipe sets it.

    References
    ----------
    Bishop (1995), "Training with noise is equivalent to Tikhonov regularization", Neural Computation 7.
    """

    def __init__(
        self,
        rate: float,
        *,
        recipe_field: Literal["input_noise", "activation_noise"] = "input_noise",
        seed: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if rate < 0.0:
            raise ValueError(f"Expected a rate >= 0. Received: rate={rate}")
        self.initial_rate, self.seed, self.recipe_field = rate, seed, recipe_field
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the rate."""
        self.rate = self.add_weight(
            name="rate", shape=(), initializer=keras.initializers.Constant(self.initial_rate), trainable=False
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Add noise in training; return the inputs otherwise."""
        if not training:
            return inputs
        noise = keras.random.normal(ops.shape(inputs), seed=self.seed_generator)
        return inputs + ops.cast(noise, inputs.dtype) * self.rate

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"rate": self.initial_rate, "recipe_field": self.recipe_field, "seed": self.seed, "name": self.name}
