"""The dumb models of images: what a grid of mean colours says."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autorecipe.training.dataset import Dataset

LINEAR_GRID, BOOSTED_GRID = 8, 4  # cells a side
WHITE = 255.0
SLICE_BYTES = 2**26  # of the pixels that are averaged at once; choice
MAX_LINEAR_ITERATIONS = 200
N_LINEAR_ROWS = 20_000  # above this a sample teaches some hundred weights as much
# of the standardized features; scikit-learn's 1.0 leaves 192 features of a few hundred images next to no penalty.
# Choice
INVERSE_PENALTY = 0.1

Arrays = dict[str, NDArray[Any]]
Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Predict = Callable[[Arrays], NDArray[np.float64]]


def colour_means(pixels: NDArray[Any], *, grid: int, rows: Rows | None = None) -> Floats:
    """Return the mean colours of a grid of cells, from 0 to 1: (n_rows, grid x grid x channels) float32.

    Parameters
    ----------
    pixels : ndarray of shape (n_rows, height, width, channels), uint8
        In memory or a memory map, which is read in slices. Of a side with fewer pixels than cells each is a cell.
    rows : ndarray of int, optional
        The images that are looked at; without it all.
    """
    (height, width, n_channels), n_rows = pixels.shape[1:], len(pixels if rows is None else rows)
    down, across = (np.linspace(0, side, min(grid, side) + 1).astype("int64") for side in (height, width))
    areas = np.outer(np.diff(down), np.diff(across))[None, :, :, None]
    found = np.empty((n_rows, len(down) - 1, len(across) - 1, n_channels), "float32")
    for place, part in _parts(pixels, rows, most_bytes=SLICE_BYTES):
        by_row = np.add.reduceat(part, down[:-1], axis=1, dtype="uint32")
        found[place] = np.add.reduceat(by_row, across[:-1], axis=2) / (areas * WHITE)
    return found.reshape(n_rows, -1)


def image_statistics(pixels: NDArray[Any], rows: Rows | None = None) -> Floats:
    """Return mean colours of 4 x 4 cells, and of each channel its spread and how much neighbours differ: float32.

    Parameters
    ----------
    pixels : ndarray of shape (n_rows, height, width, channels), uint8
    rows : ndarray of int, optional
        The images that are looked at; without it all.
    """
    parts = []
    for _, slice_ in _parts(pixels, rows, most_bytes=SLICE_BYTES // 4):
        part = slice_.astype("float32") / WHITE
        down, across = np.abs(np.diff(part, axis=1)), np.abs(np.diff(part, axis=2))
        parts.append([part.std(axis=(1, 2)), down.mean(axis=(1, 2)), across.mean(axis=(1, 2))])
    edges = [np.concatenate(values) for values in zip(*parts, strict=True)]
    return np.concatenate([colour_means(pixels, grid=BOOSTED_GRID, rows=rows), *edges], axis=1)


def _parts(pixels: NDArray[Any], rows: Rows | None, *, most_bytes: int) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Yield slices of the rows, and their pixels, so many bytes at once."""
    size = max(1, most_bytes // math.prod(pixels.shape[1:]))
    for i in range(0, len(pixels if rows is None else rows), size):
        place = slice(i, i + size)
        yield place, np.asarray(pixels[place] if rows is None else pixels[rows[place]])


def fit_linear(data: Dataset, rows: NDArray[np.int64], seed: int) -> Predict:
    """Train a linear model of the mean colours of 8 x 8 cells; it maps {"pixels"} to predictions."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    if len(rows) > N_LINEAR_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, N_LINEAR_ROWS, replace=False))
    raw = colour_means(data.x["pixels"], grid=LINEAR_GRID, rows=rows)
    mean, spread = raw.mean(axis=0), raw.std(axis=0)
    inverse = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0)

    def features(x: Arrays) -> Floats:
        return (colour_means(x["pixels"], grid=LINEAR_GRID) - mean) * inverse

    known, weight = (raw - mean) * inverse, data.weight[rows]
    if data.task == "regression":
        model = Ridge(alpha=1 / INVERSE_PENALTY).fit(known, data.y[rows].astype("float64"), sample_weight=weight)
        return lambda x: np.asarray(model.predict(features(x)), "float64")
    classifier = LogisticRegression(C=INVERSE_PENALTY, max_iter=MAX_LINEAR_ITERATIONS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a fair baseline, converged or not
        classifier.fit(known, data.y[rows], sample_weight=weight)
    return lambda x: of_all_classes(classifier, classifier.predict_proba(features(x)), data.n_classes)


def fit_boosting(data: Dataset, rows: NDArray[np.int64], seed: int) -> Predict:
    """Train gradient boosting on `image_statistics`; it maps {"pixels"} to predictions."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    known, weight = image_statistics(data.x["pixels"], rows), data.weight[rows]
    if data.task == "regression":
        model = HistGradientBoostingRegressor(random_state=seed, early_stopping=False)
        model.fit(known, data.y[rows], sample_weight=weight)
        return lambda x: np.asarray(model.predict(image_statistics(x["pixels"])), "float64")
    classifier = HistGradientBoostingClassifier(random_state=seed, early_stopping=False)
    classifier.fit(known, data.y[rows], sample_weight=weight)
    return lambda x: of_all_classes(classifier, classifier.predict_proba(image_statistics(x["pixels"])), data.n_classes)


def of_all_classes(model: Any, probabilities: NDArray[np.float64], n_classes: int) -> NDArray[np.float64]:
    """Put probabilities into the columns of all classes, also those absent from the training rows."""
    result = np.zeros((len(probabilities), n_classes))
    result[:, model.classes_.astype(int)] = probabilities
    return result
