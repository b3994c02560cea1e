"""What is measured of training pixels, and set as weights of the layers that normalize them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

WHITE = 255.0
# of 2,000 images the mean of a channel is known to some 0.005 of the range, a fiftieth of its standard deviation
N_STATISTICS_IMAGES = 2_000
SLICE_VALUES = 2**22  # summed at once, as float64 32 MB
LEAST_STD = 1 / WHITE  # one step of grey: channels that never change are not blown up


def channel_statistics(pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Return each channel's mean and standard deviation over all pixels, which are taken as 0 to 1.

    Parameters
    ----------
    pixels : uint8 array of shape (n_images, height, width, n_channels)
        Training images, also a memory map; above 2,000 an evenly spaced sample of them is used.

    Returns
    -------
    dict
        "mean" and "std", float32 of shape (n_channels,); std is at least 1/255.
    """
    n, n_channels = len(pixels), pixels.shape[-1]
    taken = np.unique(np.linspace(0, n - 1, min(n, N_STATISTICS_IMAGES)).astype("int64"))
    step = max(1, SLICE_VALUES // math.prod(pixels.shape[1:]))
    sums, squares, count = np.zeros(n_channels), np.zeros(n_channels), 0
    for i in range(0, len(taken), step):
        values = pixels[taken[i : i + step]].reshape(-1, n_channels).astype("float64") / WHITE
        sums += values.sum(axis=0)
        squares += np.square(values).sum(axis=0)
        count += len(values)
    mean = sums / max(count, 1)
    variance = np.maximum(squares / max(count, 1) - np.square(mean), 0.0)
    return {"mean": mean.astype("float32"), "std": np.maximum(np.sqrt(variance), LEAST_STD).astype("float32")}
