"""One-hot codes of several columns, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class MultiHot(keras.layers.Layer):
    """One-hot encode chosen code columns and concatenate them.

    Parameters
    ----------
    columns : sequence of int
        Positions of the code columns.
    sizes : sequence of int
        Number of codes of each of them.
    """

    def __init__(self, columns: Sequence[int], sizes: Sequence[int], *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.columns, self.sizes = [int(c) for c in columns], [int(s) for s in sizes]
        self.offsets = [0, *accumulate(self.sizes)][:-1]

    def call(self, inputs: Any) -> Any:
        """Map codes (batch, n_columns) int32 to (batch, sum of sizes) float32."""
        codes = ops.take(inputs, self.columns, axis=-1) + ops.convert_to_tensor(self.offsets, dtype="int32")
        return ops.sum(ops.one_hot(codes, sum(self.sizes), dtype="float32"), axis=1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return (input_shape[0], sum(self.sizes))

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"columns": self.columns, "sizes": self.sizes, "name": self.name}
