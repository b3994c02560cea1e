"""Say which numbers are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class MissingFlags(keras.layers.Layer):
    """One 0/1 column for each numeric column that had missing cells.

    Parameters
    ----------
    columns : sequence of int
        Positions of those columns.
    """

    def __init__(self, columns: Sequence[int], *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.columns = [int(c) for c in columns]

    def call(self, inputs: Any) -> Any:
        """Map numbers (batch, n_columns) with NaN to flags (batch, len(columns)) float32."""
        return ops.cast(ops.isnan(ops.take(inputs, self.columns, axis=-1)), "float32")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return (input_shape[0], len(self.columns))

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"columns": self.columns, "name": self.name}
