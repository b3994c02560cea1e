"""The dumb models that a network must beat: a constant, a linear model, gradient boosting."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autorecipe.effects import BaselineName
from autorecipe.preprocessing.statistics import robust_scale
from autorecipe.training.dataset import Dataset
from autorecipe.training.image_baselines import SLICE_BYTES, fit_boosting, fit_linear, of_all_classes
from autorecipe.training.stored_rows import row_bytes

MAX_BOOSTED_CODES = 254  # scikit-learn's histogram boosting takes at most 255 categories a column
MAX_LINEAR_ITERATIONS = 300
N_LINEAR_ROWS = 100_000  # above this a sample teaches a linear model as much, in a fraction of the time
MAX_BOOSTED_WORDS = 100  # the most frequent words of a text; boosting looks at every column in every split
PIXELS = "pixels"
Arrays = dict[str, NDArray[Any]]


def fit_baseline(name: BaselineName, data: Dataset, rows: NDArray[np.int64], *, seed: int) -> Any:
    """Train a baseline on rows and return a function from encoded rows to predictions.

    Returns
    -------
    callable
        dict of encoded rows -> probabilities (n_rows, n_classes), or predictions (n_rows,).
    """
    of_tables = {"constant": _constant, "linear": _linear, "gradient_boosting": _boosting}
    of_images = {"constant": _constant, "linear": fit_linear, "gradient_boosting": fit_boosting}
    fit = (of_images if PIXELS in data.x else of_tables)[name]
    return fit(data, rows, seed)


def predicted(predict: Any, data: Dataset, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a baseline's predictions of rows, of images a slice at a time: all of them may be many bytes."""
    if PIXELS not in data.x or not len(rows):
        found: NDArray[np.float64] = predict(data.take(rows))
        return found
    size = max(1, SLICE_BYTES // row_bytes(data.x[PIXELS]))
    return np.concatenate([predict(data.take(rows[i : i + size])) for i in range(0, len(rows), size)])


def _constant(data: Dataset, rows: NDArray[np.int64], seed: int) -> Any:
    y, weight = data.y[rows], data.weight[rows]
    if data.task == "regression":
        value = float(np.average(y.astype("float64"), weights=weight))
        return lambda x: np.full(_length(x), value)
    share = np.bincount(y.astype("int64"), weights=weight, minlength=data.n_classes) / weight.sum()
    return lambda x: np.tile(share, (_length(x), 1))


def _linear(data: Dataset, rows: NDArray[np.int64], seed: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    if len(rows) > N_LINEAR_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, N_LINEAR_ROWS, replace=False))
    x = data.take(rows)
    scale = robust_scale(x["numbers"].astype("float32")) if "numbers" in x else {}
    features = _design(x, data, scale)
    if data.task == "regression":
        model = Ridge().fit(features, data.y[rows].astype("float64"), sample_weight=data.weight[rows])
        return lambda x: model.predict(_design(x, data, scale))
    model = LogisticRegression(max_iter=MAX_LINEAR_ITERATIONS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 300 iterations make a fair baseline, converged or not
        model.fit(features, data.y[rows], sample_weight=data.weight[rows])
    return lambda x: of_all_classes(model, model.predict_proba(_design(x, data, scale)), data.n_classes)


def _boosting(data: Dataset, rows: NDArray[np.int64], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    n_numbers = data.x["numbers"].shape[1] if "numbers" in data.x else 0
    categorical = list(range(n_numbers, n_numbers + len(data.layout.code_sizes)))
    kind = HistGradientBoostingRegressor if data.task == "regression" else HistGradientBoostingClassifier
    # its own early stopping would split at random, across duplicates and groups
    model = kind(random_state=seed, early_stopping=False, categorical_features=categorical or None)
    features = _boosted_design(data.take(rows), data)
    model.fit(features, data.y[rows], sample_weight=data.weight[rows])
    if data.task == "regression":
        return lambda x: model.predict(_boosted_design(x, data))
    return lambda x: of_all_classes(model, model.predict_proba(_boosted_design(x, data)), data.n_classes)


def _design(x: Arrays, data: Dataset, scale: dict[str, NDArray[np.float32]]) -> Any:
    from scipy import sparse

    parts = []
    if "numbers" in x:
        numbers = (x["numbers"] - scale["center"]) * scale["inverse_spread"]
        missing = np.isnan(numbers)
        clipped = np.clip(np.where(missing, 0.0, numbers), -10, 10)
        parts += [sparse.csr_matrix(clipped), sparse.csr_matrix(missing.astype("float32"))]
    parts += [_one_hot(x["codes"][:, j], size) for j, size in enumerate(data.layout.code_sizes)]
    parts += [_words(x, i, data) for i in range(len(data.layout.token_sizes))]
    return sparse.hstack(parts).tocsr()


def _boosted_design(x: Arrays, data: Dataset) -> NDArray[np.float32]:
    parts = [x["numbers"]] if "numbers" in x else []
    if "codes" in x:
        parts.append(np.minimum(x["codes"], MAX_BOOSTED_CODES).astype("float32"))
    parts += [_words(x, i, data)[:, :MAX_BOOSTED_WORDS].toarray() for i in range(len(data.layout.token_sizes))]
    return np.concatenate(parts, axis=1).astype("float32")


def _one_hot(codes: NDArray[np.int32], size: int) -> Any:
    from scipy import sparse

    n = len(codes)
    return sparse.csr_matrix((np.ones(n, "float32"), (np.arange(n), codes)), shape=(n, size))


def _words(x: Arrays, i: int, data: Dataset) -> Any:
    from scipy import sparse
    from sklearn.preprocessing import normalize

    tokens = x[f"tokens_{i}"]
    n, length = tokens.shape
    places = (np.repeat(np.arange(n), length), tokens.ravel())
    counts = sparse.csr_matrix((np.ones(n * length, "float32"), places), shape=(n, data.layout.token_sizes[i]))
    counts.data = 1 + np.log(counts.data)
    return normalize(counts.multiply(np.asarray(data.layout.token_idf[i], "float32")).tocsr())


def _length(x: Arrays) -> int:
    return len(next(iter(x.values())))
