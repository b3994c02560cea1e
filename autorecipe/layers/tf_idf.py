"""Weigh the words of a text."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="autorecipe")
class TfIdf(keras.layers.Layer):
    """Turn token codes into a bag of words: (1 + ln count) * idf, scaled to length 1.

    `idf` of shape (n_tokens,) is a non-trainable weight, set as values; codes 0 and 1 (padding, unknown) have none.

    Parameters
    ----------
    n_tokens : int
        Number of token codes.

    References
    ----------
    Manning, Raghavan, Schütze (2008), "Introduction to Information Retrieval", section 6.4.1 (sublinear tf).
    """

    def __init__(self, n_tokens: int, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.n_tokens = n_tokens

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights of the words."""
        self.idf = self.add_weight(name="idf", shape=(self.n_tokens,), initializer="zeros", trainable=False)

    def call(self, inputs: Any) -> Any:
        """Map token codes (batch, length) int32 to weights (batch, n_tokens) float32."""
        n_rows = ops.shape(inputs)[0]
        places = ops.reshape(inputs + ops.expand_dims(ops.arange(n_rows) * self.n_tokens, -1), (-1,))
        ones = ops.ones_like(places, dtype="float32")
        counts = ops.segment_sum(ones, places, num_segments=n_rows * self.n_tokens)
        counts = ops.reshape(counts, (-1, self.n_tokens))
        weights = ops.where(counts > 0, 1.0 + ops.log(ops.maximum(counts, 1.0)), 0.0) * self.idf
        return weights / ops.maximum(ops.sqrt(ops.sum(ops.square(weights), axis=-1, keepdims=True)), 1e-6)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        return (input_shape[0], self.n_tokens)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {"n_tokens": self.n_tokens, "name": self.name}
