"""Change the colours of images, each by a map of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops

N_COLOURS = 3
# standard deviations that the whole range of a pixel spans: the channels of ImageNet's photos have one of 0.222 to
# 0.229 of it (https://docs.pytorch.org/vision/stable/models.html)
RANGE = 4.4
AT_ONCE = 8  # pixels multiplied together: a third of the time of single ones, which fill no vector (measured)


def recolour_images(images: Any, *, shift: Any, contrast: Any, saturation: Any, turn: Any) -> Any:
    """Return images with other brightness, contrast, saturation and hue; nothing is clipped.

    A colour is a grey, the mean of its channels, and what it has beyond it. Contrast scales all pixels about the
    image's mean, saturation scales what lies beyond the grey, and the hue is turned about the greys. Images of one
    channel have no colours.

    Parameters
    ----------
    images : tensor of shape (batch, height, width, channels), float32
    shift : tensor of shape (batch,)
        Added to every pixel.
    contrast, saturation : tensor of shape (batch,)
        Factors.
    turn : tensor of shape (batch,)
        In radians.

    Returns
    -------
    tensor of the images' shape
    """
    height, width, channels = images.shape[1:]
    flat = ops.reshape(images, (-1, height * width * channels))
    offset = (1.0 - contrast) * ops.mean(flat, axis=1) + shift
    if channels == N_COLOURS:
        matrices, at_once = _matrices(contrast, saturation, turn), math.gcd(height * width, AT_ONCE)
        pixels = ops.reshape(images, (-1, height * width // at_once, N_COLOURS * at_once))
        mixed = ops.matmul(pixels, _side_by_side(matrices, at_once))
        flat = ops.reshape(mixed, (-1, height * width * channels))
    else:
        flat = flat * contrast[:, None]
    return ops.reshape(flat + offset[:, None], (-1, height, width, channels))


def _matrices(contrast: Any, saturation: Any, turn: Any) -> Any:
    """Return what a pixel's channels are multiplied with (batch, 3, 3), in front of the matrix."""
    along = contrast * saturation * ops.cos(turn)
    across = contrast * saturation * ops.sin(turn) / math.sqrt(N_COLOURS)
    grey = (contrast - along) / N_COLOURS
    # to each channel goes `along` + `grey` of itself, and `grey` more or less `across` of the other two
    shares = [along + grey, grey + across, grey - across]
    rows = [ops.stack([shares[(j - i) % N_COLOURS] for j in range(N_COLOURS)], axis=1) for i in range(N_COLOURS)]
    return ops.stack(rows, axis=1)


def _side_by_side(matrices: Any, times: int) -> Any:
    """Return each matrix (batch, 3, 3) several times along the diagonal of a larger one."""
    places = np.eye(times, dtype="float32")
    blocks = ops.einsum("ij,bkl->bikjl", places, matrices)
    return ops.reshape(blocks, (-1, times * N_COLOURS, times * N_COLOURS))
