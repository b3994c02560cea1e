"""A first convolution along the directions in which patches of the training images differ, scaled to unit spread."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

EPSILON = 5e-4  # added to a direction's variance, so that noise is not blown up: the published code
LEAST_SPREAD = 1e-6  # of patches; images without any have no directions

Floats = NDArray[np.floating[Any]]


@keras.saving.register_keras_serializable(package="autorecipe")
class RandomDirections(keras.initializers.Initializer):
    """Orthonormal random directions, each of them both ways, until patches say better ones."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        """Draw an array of this shape (height, width, channels, 2 n)."""
        half = (*shape[:-1], shape[-1] // 2)
        drawn = keras.initializers.Orthogonal(seed=self.seed)(half, dtype=dtype)
        return ops.concatenate([drawn, -drawn], axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the initializer."""
        return {"seed": self.seed}


@keras.saving.register_keras_serializable(package="autorecipe")
class WhiteningConv2D(keras.layers.Layer):
    """Whiten patches of an image: their strongest directions, forwards and backwards, scaled to a variance of one.

    The kernel is a non-trainable weight that `whitening_kernel` computes from patches of the training images; the bias
    is trained. Behind an activation like ReLU each direction needs both of its signs.

    Parameters
    ----------
    n_directions : int
        Directions that are kept, at most as many as a patch has numbers; there are twice as many output channels.
    kernel_size : int
        Pixels of a patch's side.
    strides : int
        Pixels from one patch to the next.

    References
    ----------
    Jordan (2024), "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv 2404.00498, section 3.1; the idea is from
    Page (2019), "How to train your ResNet".
    """

    def __init__(
        self, n_directions: int, kernel_size: int, *, strides: int = 1, seed: int | None = None, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        if min(n_directions, kernel_size, strides) < 1:
            received = f"n_directions={n_directions}, kernel_size={kernel_size}, strides={strides}"
            raise ValueError(f"Expected sizes of at least 1. Received: {received}")
        self.n_directions, self.kernel_size, self.strides, self.seed = n_directions, kernel_size, strides, seed
        self.kernel_initializer = RandomDirections(seed)
        self.bias_initializer = keras.initializers.Zeros()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create kernel and bias for `input_shape` (batch, height, width, channels)."""
        n_numbers = self.kernel_size**2 * int(input_shape[-1] or 0)
        if self.n_directions > n_numbers:
            received = f"n_directions={self.n_directions}, input_shape={input_shape}"
            raise ValueError(f"Expected at most {n_numbers} directions of such patches. Received: {received}")
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.kernel_size, self.kernel_size, int(input_shape[-1] or 0), 2 * self.n_directions),
            initializer=self.kernel_initializer,
            trainable=False,
        )
        self.bias = self.add_weight(name="bias", shape=(2 * self.n_directions,), initializer=self.bias_initializer)

    def call(self, inputs: Any) -> Any:
        """Map (batch, height, width, channels) to (batch, height / strides, width / strides, 2 n_directions)."""
        return ops.conv(inputs, self.kernel, strides=self.strides, padding="same") + self.bias

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of what `call` returns, so that Keras need not trace it."""
        sides = (None if side is None else -(-side // self.strides) for side in input_shape[1:3])
        return (input_shape[0], *sides, 2 * self.n_directions)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds the layer."""
        return {
            "n_directions": self.n_directions,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "seed": self.seed,
            "name": self.name,
        }


def whitening_kernel(patches: Floats, *, n_directions: int) -> NDArray[np.float32]:
    """Return the kernel that whitens patches.

    It is made of their principal directions v with variances l, as v / sqrt(l + 5e-4) and its negative; variances are
    those of the patches divided by their overall spread, so that the 5e-4 means the same for images of any contrast.

    Parameters
    ----------
    patches : ndarray of shape (n_patches, height, width, channels)
    n_directions : int

    Returns
    -------
    ndarray of shape (height, width, channels, 2 n_directions), float32

    Raises
    ------
    ValueError
        When the patches have no spread.
    """
    flat = patches.reshape(len(patches), -1).astype("float64")
    spread = flat.std()
    if not spread > LEAST_SPREAD:
        raise ValueError(f"Expected patches that differ. Received: a standard deviation of {spread}")
    scaled = flat / spread
    variances, directions = np.linalg.eigh(scaled.T @ scaled / len(scaled))
    strongest = np.argsort(variances)[::-1][:n_directions]
    kernel = directions[:, strongest] / np.sqrt(np.maximum(variances[strongest], 0.0) + EPSILON) / spread
    kernel = kernel.reshape(*patches.shape[1:], n_directions)
    return np.concatenate([kernel, -kernel], axis=-1).astype("float32")
