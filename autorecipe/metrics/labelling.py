"""How probabilities become labels: a threshold, class multipliers or costs, and why."""

from __future__ import annotations

from typing import NamedTuple

from numpy.typing import ArrayLike

from autorecipe.metrics.metric import Array
from autorecipe.metrics.summary import labels_from
from autorecipe.record.evaluation import Evaluation

Worth = tuple[float, ...] | tuple[tuple[float, ...], ...]


class Labelling(NamedTuple):
    """What decides a label; where nothing is given, the most likely class.

    Attributes
    ----------
    value : float or None
        Probability from which the positive class is predicted (two classes).
    reason : str
    multipliers : tuple of float
        Each class's probability is multiplied by its own before the largest is taken (several classes).
    costs : tuple of tuple of float
        What a row of true class (row) costs that gets a label (column) (several classes).
    """

    value: float | None = None
    reason: str = ""
    multipliers: tuple[float, ...] = ()
    costs: tuple[tuple[float, ...], ...] = ()

    @property
    def worth(self) -> Worth | None:
        """What probabilities are multiplied by before the largest is taken: (n_classes,), a matrix, or None.

        The matrix holds negative costs: the largest product is the least expected cost (Elkan 2001, IJCAI).
        """
        if self.costs:
            return tuple(tuple(-cost for cost in row) for row in self.costs)
        return self.multipliers or None


def labelling_of(evaluation: Evaluation | None) -> Labelling:
    """Return how the labels of an evaluated run are chosen; the most likely class where it was not evaluated."""
    if evaluation is None:
        return Labelling()
    return Labelling(
        value=evaluation.threshold,
        reason=evaluation.threshold_reason,
        multipliers=evaluation.multipliers,
        costs=evaluation.costs,
    )


def labels_at(prediction: ArrayLike, at: Labelling | None) -> Array:
    """Return class codes (n_rows,) int64 from probabilities (n_rows, n_classes)."""
    return labels_from(prediction) if at is None else labels_from(prediction, at.value, at.worth)
