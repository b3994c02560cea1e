"""Which numbers a backbone of the user's takes for black and white: read from its layers, or found by trying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from autorecipe.training.layer_calls import kernel_of, record_calls

Range = tuple[float, float]

WHITE = 255.0
RANGES: tuple[Range, ...] = ((0.0, WHITE), (0.0, 1.0), (-1.0, 1.0))  # those of keras.applications and torchvision
# of the pixels of ImageNet, from 0 to 1: https://pytorch.org/vision/stable/models.html
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
N_IMAGES = 16  # statistics of a map of 16 images are within some percent of those of many
# spread of what a batch normalization is given, over the spread that it remembers: as if pixels were rescaled twice, or
# not at all, it would be 255 or 127 times too small or too large; between photos of one kind and the next it differs by
# less than 4 (choice)
LARGEST_RATIO = 8.0
LARGEST_SHIFT = 4.0  # of its mean, in what it remembers as standard deviation, where black is somewhere else; choice
# standard deviation of what enters a first convolution: 0.25 for photos from 0 to 1, 0.5 from -1 to 1, 1 after
# ImageNet's scaling; in a wrong range it is a hundred times larger or smaller
USUAL_SPREAD = 0.5
SMALLEST = 1e-9  # stands for a spread of nothing, whose logarithm there is not


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeReading:
    """What a backbone's first batch normalization is given, over what it remembers; medians over its channels.

    Attributes
    ----------
    ratio : float
        Of the standard deviations; 1 for images like those it was trained on.
    shift : float >= 0
        Of the mean, in standard deviations that it remembers.
    layer : str
        The normalization's name.
    """

    ratio: float
    shift: float
    layer: str

    @property
    def is_right(self) -> bool:
        """Whether images have the range, within what kinds of images differ by."""
        return 1 / LARGEST_RATIO <= self.ratio <= LARGEST_RATIO and self.shift <= LARGEST_SHIFT


def input_range(model: keras.Model, image: tuple[int, int, int]) -> tuple[float, float, str]:
    """Return what black and white must be for a model, and how that was found.

    A layer that rescales in front of the first weights tells it. Else the first batch normalization does: images with
    the statistics of photos must spread there as far as it remembers. A model with neither gets 0 to 1.

    Parameters
    ----------
    image : tuple of int
        Height, width and channels that it takes.
    """
    photos = photo_like(image)
    scaler = next((x for x in _until_weights(model) if _rescales(x)), None)
    if scaler is not None:
        # whoever takes -1 to 1 needs no layer that rescales
        low, high = min(RANGES[:2], key=lambda r: abs(np.log2(_entering(model, in_range(photos, r)) / USUAL_SPREAD)))
        return low, high, f"its layer '{scaler.name}' rescales what it takes: {low:g} to {high:g}"
    readings = [(r, reading) for r in RANGES if (reading := read_range(model, in_range(photos, r))) is not None]
    if not readings:
        low, high = 0.0, 1.0
        return low, high, "it has nothing that tells the range: 0 to 1 is taken"
    (low, high), best = min(readings, key=lambda found: _misfit(found[1]))
    return low, high, f"its '{best.layer}' remembers images from {low:g} to {high:g}"


def read_range(model: keras.Model, images: NDArray[np.float32]) -> RangeReading | None:
    """Return what images give the first batch normalization; None for a model that has none.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels), float32
        As the model is given them.
    """
    calls, _ = record_calls(model, keras.ops.convert_to_tensor(images))
    first = next((c for c in calls if isinstance(c.layer, keras.layers.BatchNormalization)), None)
    if first is None:
        return None
    given = np.asarray(first.inputs[0], "float64").reshape(-1, first.inputs[0].shape[-1])
    remembered = np.sqrt(np.asarray(first.layer.moving_variance, "float64") + first.layer.epsilon)
    shift = np.abs(given.mean(axis=0) - np.asarray(first.layer.moving_mean, "float64")) / remembered
    ratio = float(np.median(given.std(axis=0) / remembered))
    return RangeReading(ratio=ratio, shift=float(np.median(shift)), layer=first.layer.name)


def photo_like(image: tuple[int, int, int], *, seed: int = 0) -> NDArray[np.float32]:
    """Return noise with the statistics of photos, from 0 to 1.

    Amplitudes fall with the frequency, as in scenes of nature (Field (1987), Journal of the Optical Society of America
    A 4), and channels have ImageNet's mean and spread.
    """
    height, width, channels = image
    rng = np.random.default_rng(seed)
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    frequency = np.maximum(np.hypot(rows, columns), 1.0 / max(height, width))
    noise = np.fft.rfft2(rng.normal(size=(N_IMAGES, height, width)))
    scene = np.fft.irfft2(noise / frequency, s=(height, width))
    scene = (scene - scene.mean()) / max(float(scene.std()), SMALLEST)
    mean, std = (np.array(values if channels > 1 else [np.mean(values)]) for values in (MEAN, STD))
    return np.clip(scene[..., None] * std + mean, 0.0, 1.0).astype("float32")


def in_range(images: NDArray[np.float32], where: Range) -> NDArray[np.float32]:
    """Return images from 0 to 1 in another range."""
    low, high = where
    return (images * (high - low) + low).astype("float32")


def _misfit(reading: RangeReading) -> float:
    return float(abs(np.log2(max(reading.ratio, SMALLEST)))) + reading.shift


def _until_weights(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yield the layers in front of the first kernel, in their order, nested models' too."""
    for layer in model._flatten_layers(include_self=False):
        if kernel_of(layer) is not None:
            return
        yield layer


def _rescales(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, keras.layers.Rescaling | keras.layers.Normalization)


def _entering(model: keras.Model, images: NDArray[np.float32]) -> float:
    """Return the standard deviation of what enters the first kernel."""
    calls, _ = record_calls(model, keras.ops.convert_to_tensor(images))
    first = next(c for c in calls if kernel_of(c.layer) is not None)
    return max(float(np.asarray(first.inputs[0], "float64").std()), SMALLEST)
