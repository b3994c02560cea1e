"""Which candidates predict best together? Greedy forward selection with replacement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autorecipe.ensemble.held_out import MAX_CANDIDATES

MAX_STEPS = 40  # TabArena's number: no weight is finer than a fortieth
LEAST_GAIN = 1e-9  # of the score: what rounding alone may give
MAX_PER_FAMILY = 3  # candidates of one kind of network: more of it make the mean little better; choice

Floats = NDArray[np.float64]
Score = Callable[[Floats], float]


def select(predictions: Floats, score: Score, *, max_steps: int = MAX_STEPS) -> Floats:
    """Choose candidates one after the other, each as often as it helps, and return their weights.

    It starts with the best candidate; each step adds the one whose addition makes the mean's score best, and it ends
    when none makes it better. Of equal ones the earlier is taken.

    Parameters
    ----------
    predictions : ndarray of shape (n_candidates, n_rows) or (n_candidates, n_rows, n_classes)
        At least one candidate.
    score : callable
        Prediction of all rows -> score, larger is better; NaN is the worst.
    max_steps : int >= 1

    Returns
    -------
    ndarray of shape (n_candidates,)
        Weights >= 0 that sum to 1.

    References
    ----------
    Caruana et al. (2004), Ensemble selection from libraries of models, ICML.
    """
    if not len(predictions):
        raise ValueError("expected at least one candidate, got none")
    times = np.zeros(len(predictions))
    total = np.zeros_like(predictions[0])
    reached = -np.inf
    for step in range(1, max_steps + 1):
        scores = [_defined(score((total + candidate) / step)) for candidate in predictions]
        best = int(np.argmax(scores))
        if step > 1 and not scores[best] > reached + LEAST_GAIN * max(1.0, abs(reached)):
            break
        reached = scores[best]
        times[best] += 1
        total += predictions[best]
    return times / times.sum()


def shortlist(
    scores: Sequence[float],
    families: Sequence[str],
    *,
    n_most: int = MAX_CANDIDATES,
    per_family: int = MAX_PER_FAMILY,
) -> tuple[int, ...]:
    """Return the positions of the best candidates, best first, few of each family.

    Parameters
    ----------
    scores : sequence of float
        Larger is better; NaN is the worst.
    families : sequence of str
        Of the candidates, in the same order.
    n_most, per_family : int >= 1

    Examples
    --------
    >>> shortlist([0.7, 0.9, 0.8, 0.6], ["a", "a", "a", "b"], per_family=2)
    (1, 2, 3)
    """
    order = sorted(range(len(scores)), key=lambda i: (-_defined(scores[i]), i))
    taken: list[int] = []
    counts: dict[str, int] = {}
    for i in order:
        if counts.get(families[i], 0) < per_family and len(taken) < n_most:
            counts[families[i]] = counts.get(families[i], 0) + 1
            taken.append(i)
    return tuple(taken)


def weighted_mean(predictions: NDArray[Any], weights: Floats) -> Floats:
    """Return the weighted mean over the first axis."""
    return np.asarray(np.tensordot(weights, predictions, axes=1))


def _defined(score: float) -> float:
    return score if score == score else -np.inf
