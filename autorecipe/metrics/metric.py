"""What a metric is: a name, a direction, words for people, and a formula over weighted rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autorecipe.config import Modality, Task
from autorecipe.row_words import row_noun, said_of

Array: TypeAlias = NDArray[Any]
Direction = Literal["max", "min"]
Needs = Literal["probabilities", "labels", "values"]

_NUMBER_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "all")
_HALF_OF_ONE_IN_TEN = 0.05  # share; closer than this to none or all, "none" or "all ten" would be a lie


def has_rows(y: Array) -> bool:
    """Return whether there is at least one row."""
    return len(y) > 0


def has_positives(y: Array) -> bool:
    """Return whether class 1 occurs."""
    return bool((y == 1).any())


def varies(y: Array) -> bool:
    """Return whether two different values occur."""
    return len(y) > 0 and bool((y != y[0]).any())


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One way to say how good predictions are.

    Attributes
    ----------
    name, title : str
        "roc_auc" for flags and files, "ROC AUC" for people.
    tasks : tuple of str
        The tasks it serves.
    direction : str
        "max" when larger is better.
    is_smooth : bool
        Whether it moves with every prediction. A metric of labels moves in jumps of a row and decides
        nothing.
    needs : str
        What it compares with the truth: "probabilities" of shape (n_rows, n_classes) (binary: column 1 is the
        positive class), "labels" of shape (n_rows,) as class codes, or "values" of shape (n_rows,).
    meaning : str
        What it measures, with the fields of `describe`.
    saying : str
        What a value of it says, with the fields of `sentence`.
    score_many : callable
        (y, prediction, weights of shape (n_weightings, n_rows)) -> scores of shape (n_weightings,), float64,
        NaN where a weighting leaves the metric undefined. One call scores a batch of bootstrap resamples.
    is_defined : callable
        Whether the metric exists for these true values: MAPE does not when one is zero, ROC AUC not for one
        class.
    inflation : callable or None
        (y, prediction, weight of shape (n_rows,)) -> what noise adds to the value at most, for a mean of absolute
        values, which noise can only raise.
    """

    name: str
    title: str
    tasks: tuple[Task, ...]
    direction: Direction
    is_smooth: bool
    needs: Needs
    meaning: str
    saying: str
    score_many: Callable[[Array, Array, Array], Array]
    is_defined: Callable[[Array], bool] = has_rows
    inflation: Callable[[Array, Array, Array], float] | None = None

    def compute(self, y: ArrayLike, prediction: ArrayLike, weight: ArrayLike | None = None) -> float:
        """Return the metric over rows.

        Parameters
        ----------
        y : array-like of shape (n_rows,)
            Class codes, or values for a regression.
        prediction : array-like
            What `needs` names.
        weight : array-like of shape (n_rows,), optional
            Row weights >= 0; equal when not given.

        Returns
        -------
        float
            NaN when the metric is undefined for `y`.

        Raises
        ------
        ValueError
            When the numbers of rows differ or the probabilities are not a matrix.
        """
        y, prediction = self.as_arrays(y, prediction)
        if not self.is_defined(y):
            return math.nan
        weights = np.ones((1, len(y))) if weight is None else np.asarray(weight, dtype=np.float64)[None, :]
        return float(self.score_many(y, prediction, weights)[0])

    def inflation_of(self, y: ArrayLike, prediction: ArrayLike, weight: ArrayLike | None = None) -> float:
        """Return what noise adds to the value at most; 0 for most metrics."""
        if self.inflation is None:
            return 0.0
        y, prediction = self.as_arrays(y, prediction)
        return self.inflation(y, prediction, np.ones(len(y)) if weight is None else np.asarray(weight, np.float64))

    def as_arrays(self, y: ArrayLike, prediction: ArrayLike) -> tuple[Array, Array]:
        """Return truth and prediction in the dtypes that `score_many` expects.

        Raises
        ------
        ValueError
            When the numbers of rows differ or the probabilities are not a matrix.
        """
        true = np.asarray(y, dtype=np.float64 if self.needs == "values" else np.int64)
        guess = np.asarray(prediction, dtype=np.int64 if self.needs == "labels" else np.float64)
        if len(true) != len(guess):
            raise ValueError(f"{self.name}: y has {len(true)} rows, prediction {len(guess)}")
        n_axes = 2 if self.needs == "probabilities" else 1
        if guess.ndim != n_axes:
            raise ValueError(f"{self.name} needs {self.needs} of {n_axes} axes, received shape {guess.shape}")
        return true, guess

    def describe(
        self,
        *,
        positive: str = "positive",
        negative: str = "negative",
        target: str = "target",
        modality: Modality = "table",
    ) -> str:
        """Return what the metric measures, in the words of the data.

        >>> from autorecipe.metrics import roc_auc
        >>> roc_auc.METRIC.describe(positive="yes", negative="no")
        "how often a 'yes' is ranked above a 'no'"
        """
        return said_of(modality, self.meaning).format(positive=positive, negative=negative, target=target)

    def sentence(
        self,
        value: float,
        *,
        positive: str = "positive",
        negative: str = "negative",
        target: str = "target",
        modality: Modality = "table",
    ) -> str:
        """Return what a value says, in one plain sentence without a full stop.

        >>> from autorecipe.metrics import precision
        >>> precision.METRIC.sentence(0.81, positive="spam")
        "of ten it calls 'spam' it is right about eight"
        """
        if math.isnan(value):
            return f"{self.title} is not defined for these {row_noun(modality)}s"
        return said_of(modality, self.saying).format(
            value=readable(value),
            percent=_percent(value),
            points=readable(100 * value),
            missing_percent=_percent(1 - value),
            of_ten=_of_ten(value),
            likelihood=_percent(math.exp(-max(value, 0.0))),
            root=readable(math.sqrt(max(value, 0.0))),
            positive=positive,
            negative=negative,
            target=target,
        )


def readable(value: float) -> str:
    """Write a number with at most four significant digits and no exponent where a person would use none.

    >>> readable(48020.4), readable(0.86213), readable(11.67)
    ('48,020', '0.8621', '11.67')
    """
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e12 else f"{value:.4g}"


def _percent(share: float) -> str:
    if abs(share) < 0.1:
        return f"{100 * share:.2g} %"
    return f"{100 * share:.4g} %" if 0.99 <= share < 1 else f"{100 * share:,.0f} %"


def _of_ten(share: float) -> str:
    if 0 < share < _HALF_OF_ONE_IN_TEN:
        return "fewer than one"
    if 1 - _HALF_OF_ONE_IN_TEN <= share < 1:
        return "more than nine"
    return _NUMBER_WORDS[min(max(round(10 * share), 0), 10)]
