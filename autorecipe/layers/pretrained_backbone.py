"""A network that was trained on other images, as one layer: frozen, but for blocks at its end."""

from __future__ import annotations

import re
from typing import Any

import keras

KERNEL_AXES = 2  # a weight of as many axes multiplies; of fewer it scales or shifts


@keras.saving.register_keras_serializable(package="autorecipe")
class PretrainedBackbone(keras.layers.Layer):
    """Gives what a backbone makes of images; its last blocks may train, all of it always computes as in inference.

    Statistics of batch normalizations never change, nor do their scales and shifts: those of a few images are worse
    than those of the million that the backbone has seen.

    Parameters
    ----------
    model : keras.Model
        Built, from images to a map of features (batch, height, width, channels) or to features (batch, n).
    n_unfrozen : int
        Blocks at the end of it that train.
    block_pattern : str
        A regular expression found in the names of a block's layers, with one group that differs from block to block;
        layers after the last of them are a block of their own. Without it each layer with a kernel begins a block.

    References
    ----------
    Yosinski et al. (2014), "How transferable are features in deep neural networks?", arXiv 1411.1792.
    """

    def __init__(
        self, model: keras.Model, n_unfrozen: int = 0, *, block_pattern: str = "", name: str | None = None
    ) -> None:
        super().__init__(name=name, dtype="float32", autocast=False)  # its layers have policies of their own
        self.model, self.n_unfrozen, self.block_pattern = model, n_unfrozen, block_pattern
        self._first: tuple[Any, ...] = ()
        self._freeze()
        self.remember()

    @property
    def n_blocks(self) -> int:
        """Number of its blocks, the stem among them."""
        return len(self._blocks())

    def remember(self) -> None:
        """Take the weights that train, as they are now, for those that `restore` gives back."""
        self._first = tuple(v.numpy() for v in self.model.trainable_variables)

    def restore(self) -> None:
        """Give the weights that train the values again that they were remembered with."""
        for variable, value in zip(self.model.trainable_variables, self._first, strict=True):
            variable.assign(value)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create nothing: the model brings its weights."""

    def call(self, inputs: Any) -> Any:
        """Return the features."""
        return self.model(inputs, training=False)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        shape: tuple[int | None, ...] = tuple(self.model.compute_output_shape(input_shape))
        return shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {
            "model": keras.saving.serialize_keras_object(self.model),
            "n_unfrozen": self.n_unfrozen,
            "block_pattern": self.block_pattern,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> PretrainedBackbone:
        """Rebuild the layer."""
        return cls(**{**config, "model": keras.saving.deserialize_keras_object(config["model"])})

    def _freeze(self) -> None:
        blocks = self._blocks()
        trained = {id(x) for block in blocks[max(0, len(blocks) - self.n_unfrozen) :] for x in block}
        for layer in _leaves(self.model):
            layer.trainable = id(layer) in trained and not isinstance(layer, keras.layers.BatchNormalization)

    def _blocks(self) -> list[list[keras.layers.Layer]]:
        blocks: list[list[keras.layers.Layer]] = []
        before = ""
        weighted = [layer for layer in _leaves(self.model) if layer.weights]
        found = [self._block(layer, i) for i, layer in enumerate(weighted)]
        last = max((i for i, block in enumerate(found) if block), default=-1)
        for i, (layer, block) in enumerate(zip(weighted, found, strict=True)):
            begins = i == last + 1 if self.block_pattern and i > last else bool(block) and block != before
            if begins or not blocks:
                blocks.append([])
            blocks[-1].append(layer)
            before = block or before
        return blocks

    def _block(self, layer: keras.layers.Layer, i: int) -> str:
        """Return what tells a layer's block from the others; "" for a layer that begins none."""
        if self.block_pattern:
            match = re.search(self.block_pattern, layer.name)
            return (match.group(1) or "first") if match else ""
        return str(i) if any(len(w.shape) >= KERNEL_AXES for w in layer.weights) else ""


def _leaves(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers that hold no others, in the model's order."""
    layers = list(model._flatten_layers(include_self=False))
    return [layer for layer in layers if not list(layer._flatten_layers(include_self=False))] or [model]
