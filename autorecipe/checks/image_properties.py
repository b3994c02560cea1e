"""What is known of an image besides what it shows: of its file, and of its pixels on the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.label_properties import Properties
from autorecipe.data.image_source import ImageMeasurements

BORDER_SPREAD = 2  # levels of 255 within which a line of pixels counts as one colour


def file_properties(measured: ImageMeasurements) -> Properties:
    """Return what the files say before a pixel is looked at, one number for each image.

    Names, such as formats, are numbered from the most frequent one.
    """
    width, height = measured.width.astype(np.float64), measured.height.astype(np.float64)
    area = np.maximum(width * height, 1.0)
    return {
        "format": _numbered(measured.file_format),
        "suffix": _numbered(measured.suffix),
        "mode": _numbered(measured.mode),
        "orientation": measured.orientation.astype(np.float64),
        "camera": _numbered(measured.camera),
        "has time": np.isfinite(measured.taken_at).astype(np.float64),
        "width": width,
        "height": height,
        "area": area,
        "aspect ratio": width / np.maximum(height, 1.0),
        "file size": measured.n_bytes.astype(np.float64),
        "bytes per pixel": measured.n_bytes / area,
    }


def pixel_properties(measured: ImageMeasurements) -> Properties:
    """Return what an image is like on the whole, one number for each: brightness, contrast, colour cast, border."""
    colour = measured.channel_mean.astype(np.float64)
    share = colour / np.maximum(colour.sum(axis=1, keepdims=True), 1e-6)
    return {
        "brightness": measured.brightness.astype(np.float64),
        "contrast": measured.contrast.astype(np.float64),
        "darkest parts": measured.light.astype(np.float64),
        "brightest parts": measured.dark.astype(np.float64),
        "share of red": share[:, 0],
        "share of green": share[:, 1],
        "share of blue": share[:, 2],
        "border": border_share(measured.thumbnails),
    }


def border_share(thumbnails: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the share of rows and columns at the edges that are of one colour, shape (n,), from 0 to 1.

    Parameters
    ----------
    thumbnails : uint8 ndarray, shape (n, height, width, 3)
    """
    height, width = thumbnails.shape[1:3]
    flat_rows = np.ptp(thumbnails, axis=2).max(axis=2) <= BORDER_SPREAD
    flat_columns = np.ptp(thumbnails, axis=1).max(axis=2) <= BORDER_SPREAD
    n_lines = sum(_run(lines) + _run(lines[:, ::-1]) for lines in (flat_rows, flat_columns))
    return np.asarray(np.minimum(n_lines / (height + width), 1.0), dtype=np.float64)


def _run(flat: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many lines from the first on are flat, shape (n,)."""
    return np.asarray(np.cumprod(flat, axis=1, dtype=np.int64).sum(axis=1))


def _numbered(names: NDArray[np.object_]) -> NDArray[np.float64]:
    levels, place, counts = np.unique(names.astype(str), return_inverse=True, return_counts=True)
    rank = np.empty(len(levels), dtype=np.float64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(levels))
    return np.asarray(rank[place.reshape(-1)])
