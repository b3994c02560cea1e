"""Let rows skip a residual block while training."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class StochasticDepth(keras.layers.Layer):
    """Zero a residual branch for random rows, its rate held in a non-trainable weight.

    Put it on the branch, before the branch is added to the way around it.

    Parameters
    ----------
    rate : float in [0, 1)
        Share of the rows that skip the block in training; the branch of the others is scaled by 1 / (1 - rate).
    share_of_rate : float in (0, 1]
        Share of the recipe's `stochastic_depth` that `rate` is; it rises linearly with depth, to 1 at the last block.

    References
    ----------
    Huang et al. (2016), "Deep networks with stochastic depth", arXiv 1603.09382; here for each row on its own.
    """

    recipe_field = "stochastic_depth"

    def __init__(
        self, rate: float, *, share_of_rate: float = 1.0, seed: int | None = None, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        if not 0.0 <= rate < 1.0:
            raise ValueError(f"Expected a rate in [0, 1). Received: rate={rate}")
        self.initial_rate, self.share_of_rate, self.seed = rate, share_of_rate, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the rate."""
        self.rate = self.add_weight(
            name="rate", shape=(), initializer=keras.initializers.Constant(self.initial_rate), trainable=False
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Zero random rows in training; return the inputs otherwise."""
        if not training:
            return inputs
        one_per_row = (ops.shape(inputs)[0],) + (1,) * (len(inputs.shape) - 1)
        drawn = keras.random.uniform(one_per_row, seed=self.seed_generator)
        kept = ops.cast(ops.greater_equal(drawn, self.rate), inputs.dtype)
        return inputs * kept / (1.0 - self.rate)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {
            "rate": self.initial_rate,
            "share_of_rate": self.share_of_rate,
            "seed": self.seed,
            "name": self.name,
        }
