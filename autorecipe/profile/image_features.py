"""Cheap descriptions of thumbnails, for looking at the data before anything is trained.

Where, how and in which colours: means of 8 x 8 cells, histograms of gradient directions (Dalal and Triggs 2005), and
colour histograms. A linear model on them tells flowers or garments apart well enough to doubt a label.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

CHUNK_ROWS = 2_000  # images at once: some 50 MB of float32
N_CELLS = 8  # cells on each side of the thumbnail, for means and gradients
N_DIRECTIONS = 8  # of gradients, over half a turn; Dalal and Triggs take 9
MAX_STRENGTH = 0.2  # of a normalized gradient cell: Dalal and Triggs, "L2-Hys"
N_LEVELS = 4  # of each channel in the colour histogram: 64 colours
FLAT = 1e-3  # energy of a cell, brightness from 0 to 1, below which its directions are noise

Floats = NDArray[np.float32]


def embed(thumbnails: NDArray[np.uint8]) -> Floats:
    """Describe thumbnails by numbers.

    Parameters
    ----------
    thumbnails : uint8 ndarray, shape (n, side, side, 3)
        The side a multiple of 8.

    Returns
    -------
    ndarray of float32, shape (n, n_features)
        From -1 to 1.
    """
    chunks = [_embed(thumbnails[start : start + CHUNK_ROWS]) for start in range(0, len(thumbnails), CHUNK_ROWS)]
    return np.concatenate(chunks) if chunks else _embed(thumbnails)


def _embed(thumbnails: NDArray[np.uint8]) -> Floats:
    pixels = thumbnails.astype(np.float32) / np.float32(255)
    parts = (cell_means(pixels), gradient_directions(pixels), colour_histogram(thumbnails))
    return np.concatenate([part.reshape(len(part), math.prod(part.shape[1:])) for part in parts], axis=1)


def cell_means(pixels: Floats) -> Floats:
    """Return the mean colour of each cell, shape (n, 8, 8, 3), from -1 to 1."""
    return np.asarray(2 * _cells(pixels).mean(axis=(2, 4)) - 1, dtype=np.float32)


def gradient_directions(pixels: Floats) -> Floats:
    """Return histograms of gradient directions of overlapping cells, shape (n, 7, 7, 8), from 0 to 1.

    The gradient is that of the channel where it is steepest; each cell is divided by its own strength.
    """
    down = np.pad(pixels[:, 2:] - pixels[:, :-2], ((0, 0), (1, 1), (0, 0), (0, 0)))
    across = np.pad(pixels[:, :, 2:] - pixels[:, :, :-2], ((0, 0), (0, 0), (1, 1), (0, 0)))
    strength = np.hypot(down, across)
    steepest = strength.argmax(axis=3)[..., None]
    strength, down, across = (np.take_along_axis(part, steepest, axis=3)[..., 0] for part in (strength, down, across))
    turn = np.mod(np.arctan2(down, across), np.pi) * (N_DIRECTIONS / np.pi)
    lower = np.floor(turn).astype(np.int64) % N_DIRECTIONS
    share = turn - np.floor(turn)
    votes = []
    for direction in range(N_DIRECTIONS):
        near = np.where(lower == direction, 1 - share, 0) + np.where((lower + 1) % N_DIRECTIONS == direction, share, 0)
        votes.append(_cells(strength * near).mean(axis=(2, 4)))
    cells = np.stack(votes, axis=3)
    blocks = cells[:, 1:, 1:] + cells[:, :-1, 1:] + cells[:, 1:, :-1] + cells[:, :-1, :-1]
    normal = _unit(blocks)
    return np.asarray(_unit(np.minimum(normal, MAX_STRENGTH)), dtype=np.float32)


def colour_histogram(thumbnails: NDArray[np.uint8]) -> Floats:
    """Return the root of the share of each of 64 colours, of the whole and of the middle, shape (n, 2, 64)."""
    levels = (thumbnails.astype(np.int64) * N_LEVELS) >> 8
    colours = (levels[..., 0] * N_LEVELS + levels[..., 1]) * N_LEVELS + levels[..., 2]
    side = thumbnails.shape[1]
    middle = colours[:, side // 4 : side - side // 4, side // 4 : side - side // 4]
    parts = [part.reshape(len(part), part.shape[1] * part.shape[2]) for part in (colours, middle)]
    return np.stack([np.sqrt(_shares(part)) for part in parts], axis=1)


def _shares(colours: NDArray[np.int64]) -> Floats:
    n_colours = N_LEVELS**3
    rows = np.arange(len(colours))[:, None] * n_colours
    counts = np.bincount((rows + colours).ravel(), minlength=len(colours) * n_colours)
    return np.asarray(counts.reshape(len(colours), n_colours) / max(colours.shape[1], 1), dtype=np.float32)


def _cells(pixels: Floats) -> Floats:
    """Cut images into cells: (n, 32, 32, ...) -> (n, 8, 4, 8, 4, ...)."""
    n, height, width = pixels.shape[:3]
    return pixels.reshape(n, N_CELLS, height // N_CELLS, N_CELLS, width // N_CELLS, *pixels.shape[3:])


def _unit(blocks: Floats) -> Floats:
    return np.asarray(blocks / np.sqrt((blocks**2).sum(axis=3, keepdims=True) + FLAT**2))
