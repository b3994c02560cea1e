"""What the pixels of images show in numbers, many images of one size at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating]

# Weights of red, green and blue in the brightness that eyes see, sqrt(.241 R² + .691 G² + .068 B²): "HSP" by D. R.
# Finley, as CleanVision takes it, whose limits for dark and light images are used here.
BRIGHTNESS_WEIGHTS: Final = np.array((0.241, 0.691, 0.068), dtype=np.float32)
LUMA_WEIGHTS: Final = np.array((77, 150, 29), dtype=np.float32) / 256  # ITU-R BT.601, exact in float32
DARK_QUANTILE, LIGHT_QUANTILE = 0.99, 0.05  # CleanVision: an image is dark by its lightest pixels
LEVELS: Final = 256
SCALE: Final = np.arange(LEVELS) / (LEVELS - 1)  # the brightness of each level
HASH_SIDE: Final = 8  # of the low frequencies that a pHash keeps: 64 bits


def pixel_statistics(images: Bytes) -> dict[str, NDArray[np.generic]]:
    """Measure images of one size.

    Parameters
    ----------
    images : uint8 array of shape (n, height, width, channels)
        Channels 1 (grey) or 3.

    Returns
    -------
    dict of ndarray
        Fields of `autorecipe.data.image_source.ImageMeasurements` that are about pixels, but for the hashes and the
        thumbnails.
    """
    n, height, width, n_channels = images.shape
    flat = images.reshape(n, height * width, n_channels).astype(np.float32)
    squares = flat * flat
    is_grey = _are_grey(images)
    bright = np.where(is_grey[:, None], flat[..., 0], _seen_as(_rounded_root, squares, BRIGHTNESS_WEIGHTS))
    luma = _seen_as(np.floor, flat, LUMA_WEIGHTS).astype(np.uint8)
    shown = _histograms(bright.astype(np.uint8)) / bright[0].size
    share = np.cumsum(shown, axis=1)
    mean = shown @ SCALE
    measured = {
        "is_grey": is_grey,
        "dark": _quantile(share, DARK_QUANTILE),
        "light": _quantile(share, LIGHT_QUANTILE),
        "sharpness": _laplacian_variance(luma.reshape(n, height, width)),
        "entropy": _entropy(_histograms(luma) / luma[0].size),
        "brightness": mean,
        "contrast": np.sqrt(np.maximum(shown @ SCALE**2 - mean**2, 0)),
        "channel_mean": _means(flat) / (LEVELS - 1),
        "channel_square": _means(squares) / (LEVELS - 1) ** 2,
    }
    return {name: values if name == "is_grey" else values.astype(np.float32) for name, values in measured.items()}


def perceptual_hashes(thumbnails: Bytes) -> NDArray[np.uint64]:
    """Return 64-bit pHashes of shape (n,).

    The signs, about their median, of the 8 x 8 lowest frequencies of the grey thumbnail's cosine transform (C. Zauner,
    "Implementation and benchmarking of perceptual image hash functions", 2010; the Python package imagehash).

    Parameters
    ----------
    thumbnails : uint8 array of shape (n, side, side, 3)
    """
    side = thumbnails.shape[1]
    grey = (thumbnails @ LUMA_WEIGHTS).astype(np.float64)
    place, frequency = np.arange(side), np.arange(HASH_SIDE)[:, None]
    cosines = np.cos(np.pi * frequency * (2 * place + 1) / (2 * side))
    low = (cosines @ grey @ cosines.T).reshape(len(grey), -1)
    bits = low > np.median(low, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64)


def _are_grey(images: Bytes) -> NDArray[np.bool_]:
    first = images[..., 0]
    are_grey = np.ones(len(images), np.bool_)
    for channel in range(1, images.shape[-1]):
        are_grey &= (images[..., channel] == first).reshape(len(images), -1).all(axis=1)
    return are_grey


def _rounded_root(squares: Floats) -> Floats:
    return np.rint(np.sqrt(squares))


def _seen_as(rounded: Callable[[Floats], Floats], channels: Floats, weights: Floats) -> Floats:
    """Weigh the channels (n, pixels, 3) together; grey is what it is."""
    return rounded(channels @ weights) if channels.shape[-1] > 1 else channels[..., 0]


def _means(channels: Floats) -> Floats:
    """Return the means over the pixels of (n, pixels, 1 or 3) as (n, 3), by a product, which is the fastest way."""
    n_pixels = channels.shape[1]
    sums: Floats = np.matmul(np.full((1, n_pixels), 1 / n_pixels, dtype=np.float32), channels)[:, 0]
    return np.broadcast_to(sums, (len(sums), 3))


def _histograms(levels: Bytes) -> NDArray[np.int64]:
    """Count the levels of images (n, pixels); shape (n, 256)."""
    n = len(levels)
    places = levels.astype(np.int64) + LEVELS * np.arange(n)[:, None]
    return np.bincount(places.ravel(), minlength=LEVELS * n).reshape(n, LEVELS)


def _quantile(share: NDArray[np.float64], at: float) -> NDArray[np.float64]:
    """Return the lowest level, from 0 to 1, up to which lies that share of the pixels."""
    return np.asarray((share < at - 1e-9).sum(axis=1) / (LEVELS - 1))


def _entropy(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=1))


def _laplacian_variance(luma: Bytes) -> NDArray[np.float64]:
    """Return the variance of the Laplacian, shape (n,): low without sharp edges (Pech-Pacheco et al., ICPR 2000)."""
    if min(luma.shape[1:]) < 3:
        return np.zeros(len(luma))
    grey = luma.astype(np.float32)
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    edges = (around - 4 * grey[:, 1:-1, 1:-1]).reshape(len(luma), -1)
    squares = np.matmul(edges[:, None], edges[..., None])[:, 0, 0] / edges.shape[1]
    return np.asarray(np.maximum(squares - edges.mean(axis=1) ** 2, 0), np.float64)
