"""How well a few properties of images tell each label from the rest, out of fold, with the error.

A shallow tree sees the properties alone, never the pixels. Its balanced accuracy is the mean of the shares it gets
right of the images with the label, and of those without: 0.5 by chance, whatever the classes' sizes. For a number to be
predicted it is the R2 of each property alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.image_rows import N_FOLDS, N_PICTURED, ImageRows, Ints
from autorecipe.checks.single_feature import MIN_CLASS_ROWS, number_feature, score_number

TREE_DEPTH = 3  # choice: up to eight ranges of values
MIN_LEAF_ROWS = 5  # a rule that fewer images follow is chance
MAX_CLASSES = 25  # classes that are asked about, the largest first: some 10 ms for each tree
N_NAMED = 2  # properties named at most

Properties = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How well properties tell a label.

    Attributes
    ----------
    label : str
        The class; "" for a number.
    value : float
        Balanced accuracy against the rest (R2 for a number).
    lower : float
        Lower end of its 95 % interval, all classes taken together (Bonferroni).
    by : tuple of str
        The properties that tell it alone about as well, the best first.
    """

    label: str
    value: float
    lower: float
    by: tuple[str, ...]


def tell_labels(properties: Properties, rows: ImageRows, *, limit: float) -> tuple[Telling, ...]:
    """Return the labels that properties tell with a lower bound above a limit, the plainest first.

    Parameters
    ----------
    properties : dict of str to ndarray, shape (n_scored,)
        Of the images `rows.scored`, no cell missing.
    """
    varying = {name: values for name, values in properties.items() if np.ptp(values) > 0}
    target = rows.target[rows.scored]
    if not varying or len(target) < 2 * MIN_CLASS_ROWS:
        return ()
    folds = rows.folds(rows.scored)
    if rows.is_regression:
        return _tell_number(varying, target.astype(np.float64), folds, limit=limit)
    labels = _asked(target.astype(np.int64))
    table = np.stack(list(varying.values()), axis=1)
    found = []
    for label in labels:
        is_label = target == label
        value, lower = balanced_accuracy(table, is_label, folds, n_asked=len(labels))
        if lower > limit:
            by = _named(varying, is_label, folds)
            found.append(Telling(label=rows.schema.classes[label], value=value, lower=lower, by=by))
    return tuple(sorted(found, key=lambda telling: -telling.lower))


def telling_examples(found: Sequence[Telling], properties: Properties, rows: ImageRows) -> tuple[str, ...]:
    """Return names of images that show the plainest telling: half of the label, half of the others, in turn.

    Those of the label whose property is furthest from the middle of the others come first, and of the others those
    nearest to it; for a number, the images at the two ends of the property.
    """
    values = properties[found[0].by[0]]
    if rows.is_regression:
        order = np.argsort(values, kind="stable")
        ends = (order, order[::-1])
    else:
        is_label = rows.target[rows.scored] == rows.schema.classes.index(found[0].label)
        distance = np.abs(values - np.median(values[~is_label]))
        order = np.argsort(distance, kind="stable")
        ends = (order[::-1][is_label[order[::-1]]], order[~is_label[order]])
    half = N_PICTURED // 2
    return rows.examples(
        [int(rows.scored[place]) for pair in zip(*(e[:half] for e in ends), strict=False) for place in pair]
    )


def balanced_accuracy(
    table: NDArray[np.float64], is_label: NDArray[np.bool_], folds: Ints, *, n_asked: int = 1
) -> tuple[float, float]:
    """Return the balanced accuracy of a shallow tree out of fold, and the lower end of its 95 % interval.

    Parameters
    ----------
    table : float ndarray, shape (n, n_properties)
    is_label : bool ndarray, shape (n,)
    n_asked : int
        Questions asked at once: the interval holds for all of them together.
    """
    from sklearn.tree import DecisionTreeClassifier

    guessed = np.zeros(len(is_label), dtype=bool)
    for fold in range(N_FOLDS):
        held = folds == fold
        if held.any() and 0 < is_label[~held].sum() < (~held).sum():
            tree = DecisionTreeClassifier(
                max_depth=TREE_DEPTH, min_samples_leaf=MIN_LEAF_ROWS, class_weight="balanced", random_state=0
            )
            guessed[held] = tree.fit(table[~held], is_label[~held]).predict(table[held])
    right, n = int((guessed & is_label).sum()), int(is_label.sum())
    right_rest, n_rest = int((~guessed & ~is_label).sum()), int((~is_label).sum())
    return (right / n + right_rest / n_rest) / 2, balanced_lower((right, n), (right_rest, n_rest), n_asked=n_asked)


def balanced_lower(label: tuple[int, int], rest: tuple[int, int], *, n_asked: int = 1) -> float:
    """Return the lower end of the 95 % interval of a balanced accuracy.

    Agresti and Coull's (1998) shares, two successes and two failures added to each: unlike a Wald interval theirs stays
    wide when all of a few images are right.

    Parameters
    ----------
    label, rest : (number right, number)
        Of the images with the label, and of the others.
    n_asked : int
        Questions asked at once.

    >>> round(balanced_lower((20, 20), (20, 20)), 2), round(balanced_lower((2000, 2000), (2000, 2000)), 3)
    (0.84, 0.998)
    """
    z = NormalDist().inv_cdf(1 - 0.025 / max(n_asked, 1))
    shares = [((right + 2) / (n + 4), n + 4) for right, n in (label, rest)]
    error = math.sqrt(sum(share * (1 - share) / n for share, n in shares)) / 2
    return sum(share for share, _ in shares) / 2 - z * error


def _asked(target: Ints) -> Ints:
    """Return the classes with enough images and enough others, the largest first; of two classes one says it all."""
    labels, counts = np.unique(target, return_counts=True)
    enough = (counts >= MIN_CLASS_ROWS) & (len(target) - counts >= MIN_CLASS_ROWS)
    order = np.argsort(-counts[enough], kind="stable")
    at_most = 1 if len(labels) == 2 else MAX_CLASSES
    return np.asarray(labels[enough][order][:at_most], dtype=np.int64)


def _named(properties: Properties, is_label: NDArray[np.bool_], folds: Ints) -> tuple[str, ...]:
    alone = {name: balanced_accuracy(values[:, None], is_label, folds)[0] for name, values in properties.items()}
    ranked = sorted(alone, key=lambda name: -alone[name])
    close = [name for name in ranked if alone[name] - 0.5 >= 0.8 * (alone[ranked[0]] - 0.5)]
    return tuple(close[:N_NAMED])


def _tell_number(
    properties: Properties, target: NDArray[np.float64], folds: Ints, *, limit: float
) -> tuple[Telling, ...]:
    scores = {name: score_number(number_feature(values), target, folds) for name, values in properties.items()}
    found = [
        Telling(label="", value=score.value, lower=score.lower, by=(name,))
        for name, score in scores.items()
        if score is not None and score.lower > limit
    ]
    return tuple(sorted(found, key=lambda telling: -telling.lower))
