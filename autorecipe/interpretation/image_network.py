"""One network for images, looked into: class activation maps, saliency, embeddings, and maps of its first layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from autorecipe.training.backbone_features import NORMALIZE
from autorecipe.training.custom import HEAD
from autorecipe.training.trunks.pretrained import BACKBONE

IMAGE_AXES = 4  # of a batch of maps (batch, height, width, channels), and of a convolution's kernel
NOISE_SHARE, N_NOISES = 0.15, 8  # of an image's range, and noisy copies: SmoothGrad finds 10 % to 20 % good
BRIGHT_PERCENTILE = 99.0  # shown as white, so that single pixels do not hide the others: as published
LEAST_EMBEDDED = 2  # numbers that an embedding must have to be a plane's point

Floats = NDArray[np.float64]
Pixels = NDArray[np.generic]
Ints = NDArray[np.int64]


class NotShown(ValueError):
    """A network has nothing of the kind that is asked for; the message says why."""


class ImageNetwork:
    """A network from pixels (batch, height, width, channels) to logits (batch, n_outputs) or a prediction.

    Nothing is compiled: the few images that are looked at cost less than the tracing of a graph.

    Parameters
    ----------
    network : keras.Model
        With the layers "normalize" behind the input and "head" at the end, as `build_network` makes it.
    """

    def __init__(self, network: keras.Model) -> None:
        self.network = network
        self._normalize = network.get_layer(NORMALIZE)
        self._backbone = next((layer for layer in network.layers if layer.name == BACKBONE), None)
        self._with_map: Callable[[Any], tuple[Any, Any]] | None = None

    @property
    def map_layer(self) -> Any:
        """The last layer that gives maps of learned features, of more than one place; a backbone's own, if need be.

        Raises
        ------
        NotShown
            When there is none.
        """
        found = _last_map(self.network)
        if found is None and self._backbone is not None:
            found = _last_map(self._backbone.model)
        if found is None:
            raise NotShown("the network has no map of features with a height and a width")
        return found

    def activation(self, pixels: Pixels, codes: Ints) -> Floats:
        """Return where the network sees the class asked for: Grad-CAM.

        Parameters
        ----------
        pixels : ndarray of shape (n, height, width, channels), uint8
        codes : ndarray of shape (n,)
            The class of each; anything for a regression.

        Returns
        -------
        ndarray of shape (n, h, w)
            Of the sides of the last map, 0 to 1; all 0 where nothing speaks for the class.

        Raises
        ------
        NotShown
            When the network has no map.

        References
        ----------
        Selvaraju et al. (2017), "Grad-CAM", arXiv 1610.02391.
        """
        self._with_map = self._with_map or self._map_and_outputs()
        normalized = self._normalized(pixels)
        with tf.GradientTape() as tape:
            tape.watch(normalized)
            maps, outputs = self._with_map(normalized)
            score = _scores(outputs, codes)
        weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
        found = np.maximum(tf.reduce_sum(weights * maps, axis=-1).numpy().astype(np.float64), 0.0)
        largest = found.max(axis=(1, 2), keepdims=True)
        shares: Floats = np.divide(found, largest, out=np.zeros_like(found), where=largest > 0)
        return shares

    def saliency(self, pixels: Pixels, codes: Ints, *, seed: int, n_noises: int = N_NOISES) -> Floats:
        """Return how much each pixel moves the score of a class, 0 to 1, of shape (n, height, width).

        It is the mean size of the gradient over noisy copies, the largest of the channels.

        References
        ----------
        Simonyan et al. (2014), "Deep inside convolutional networks", arXiv 1312.6034; Smilkov et al. (2017),
        "SmoothGrad", arXiv 1706.03825.
        """
        plain = self._normalized(pixels).numpy()
        spread = NOISE_SHARE * np.ptp(plain, axis=(1, 2, 3), keepdims=True)
        rng, total = np.random.default_rng(seed), np.zeros(plain.shape)
        network = keras.Model(self._normalize.output, self.network.output)
        for _ in range(n_noises):
            noisy = tf.constant((plain + spread * rng.standard_normal(plain.shape)).astype("float32"))
            with tf.GradientTape() as tape:
                tape.watch(noisy)
                score = _scores(network(noisy, training=False), codes)
            total += np.abs(tape.gradient(score, noisy).numpy())
        found = total.max(axis=-1)
        bright = np.percentile(found, BRIGHT_PERCENTILE, axis=(1, 2), keepdims=True)
        shares: Floats = np.divide(found, bright, out=np.zeros_like(found), where=bright > 0)
        return np.minimum(shares, 1.0)

    def embedder(self) -> keras.Model:
        """Return the model from normalized images to what the head is given.

        Raises
        ------
        NotShown
            When that is a single number.
        """
        given = self.network.get_layer(HEAD).input
        if math.prod(size or 1 for size in given.shape[1:]) < LEAST_EMBEDDED:
            raise NotShown("the last layer is given a single number, which is no point of a plane")
        return keras.Model(self._normalize.output, given)

    def embeddings(self, embedder: keras.Model, pixels: Pixels) -> Floats:
        """Return the embeddings (n, n_units) of images."""
        found = embedder(self._normalized(pixels), training=False).numpy()
        return np.asarray(found.reshape(len(pixels), -1), dtype=np.float64)

    def first_maps(self, pixels: Pixels) -> Floats:
        """Return what the first convolution makes of images, (n, h, w, n_channels).

        Raises
        ------
        NotShown
            When no convolution is found.
        """
        if self._backbone is not None:
            given = keras.Model(self._normalize.output, self._backbone.input)(self._normalized(pixels), training=False)
            inner = self._backbone.model
            return _array(keras.Model(inner.inputs, _first_convolution(inner).output)(given, training=False))
        maps = keras.Model(self._normalize.output, _first_convolution(self.network).output)
        return _array(maps(self._normalized(pixels), training=False))

    def _map_and_outputs(self) -> Callable[[Any], tuple[Any, Any]]:
        """Return what gives the last map, and the outputs, of normalized images."""
        layer = self.map_layer
        if self._backbone is None or any(own is layer for own in self.network.layers):
            whole = keras.Model(self._normalize.output, [layer.output, self.network.output])
            return lambda images: tuple(whole(images, training=False))
        inner = self._backbone.model
        before = keras.Model(self._normalize.output, self._backbone.input)
        within = keras.Model(inner.inputs, [layer.output, inner.output])
        behind = keras.Model(self._backbone.output, self.network.output)

        def through(images: Any) -> tuple[Any, Any]:
            maps, features = within(before(images, training=False), training=False)
            return maps, behind(features, training=False)

        return through

    def _normalized(self, pixels: Pixels) -> tf.Tensor:
        return self._normalize(tf.constant(np.asarray(pixels)))


def _last_map(model: keras.Model) -> Any:
    found, has_learned = None, False
    for layer in model.layers:
        has_learned = has_learned or any(len(w.shape) >= IMAGE_AXES for w in layer.weights)
        shape = _output_shape(layer)
        if has_learned and len(shape) == IMAGE_AXES and math.prod(side or 1 for side in shape[1:3]) > 1:
            found = layer
    return found


def _first_convolution(model: keras.Model) -> Any:
    for layer in model.layers:
        has_kernel = any(len(w.shape) == IMAGE_AXES for w in layer.weights)
        if has_kernel and not isinstance(layer, keras.Model) and len(_output_shape(layer)) == IMAGE_AXES:
            return layer
    raise NotShown("no convolution stands by itself in the network")


def _output_shape(layer: Any) -> tuple[int | None, ...]:
    """Return the shape of what a layer gave first; empty where it gave several tensors."""
    output = layer._inbound_nodes[0].output_tensors if layer._inbound_nodes else []
    return tuple(output[0].shape) if len(output) == 1 else ()


def _scores(outputs: Any, codes: Ints) -> Any:
    """Return the logit of each image's class; of a single output the output, its sign that of the class."""
    if outputs.shape[-1] == 1:
        return outputs[:, 0] * tf.constant(np.where(codes == 0, -1.0, 1.0), outputs.dtype)
    return tf.gather(outputs, tf.constant(codes), axis=1, batch_dims=1)


def _array(tensor: Any) -> Floats:
    return np.asarray(tensor.numpy(), dtype=np.float64)
