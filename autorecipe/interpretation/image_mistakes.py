"""Which images a model is wrong about, which classes it confuses, and what is common to its mistakes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.data.image_source import ImageMeasurements
from autorecipe.interpretation.record import Confusion, MistakeTrait

MOST_CONFUSIONS = 10
WORST_SHARE = 0.1  # of a regression's images: those with the largest errors stand for its mistakes; choice
LEAST_EACH = 10  # wrong images, and right ones, that a trait is judged by: the normal limit of the test needs as many
# standard errors beyond which a trait is told: six statistics are tried, and then one run in fifty tells one by chance
LEAST_Z = 3.0

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldOut:
    """Images that some network of the model held out, and what those that held them out predicted together.

    Attributes
    ----------
    rows : ndarray of shape (n,), int64
        Of the dataset.
    y : ndarray of shape (n,)
        Class codes, or the raw target.
    said : ndarray of shape (n, n_classes) or (n,)
        Probabilities, or predictions in the target's unit.
    classes : tuple of str
        Empty for a regression.
    """

    rows: Ints
    y: NDArray[np.generic]
    said: Floats
    classes: tuple[str, ...] = ()

    @property
    def codes(self) -> Ints:
        """The predicted class of each image."""
        found: Ints = self.said.argmax(axis=1).astype(np.int64)
        return found

    @property
    def certainty(self) -> Floats:
        """How sure each prediction is: its probability; for a regression minus its absolute error."""
        if self.classes:
            largest: Floats = self.said.max(axis=1)
            return largest
        return -np.abs(self.said - self.y.astype(np.float64))

    @property
    def is_wrong(self) -> NDArray[np.bool_]:
        """Whether each is wrong; of a regression, whether its error is among the largest tenth."""
        if self.classes:
            return np.asarray(self.codes != self.y.astype(np.int64))
        errors = -self.certainty
        return errors >= max(float(np.quantile(errors, 1.0 - WORST_SHARE)), np.finfo(float).tiny)

    @property
    def wrong_text(self) -> str:
        """Write what `is_wrong` says of an image."""
        return "predicted wrong" if self.classes else f"among the largest {100 * WORST_SHARE:.0f} % of the errors"

    def truth_text(self, place: int) -> str:
        """Write what is true of an image."""
        return self.classes[int(self.y[place])] if self.classes else f"{float(self.y[place]):,.4g}"

    def predicted_text(self, place: int) -> str:
        """Write what was predicted for an image."""
        return self.classes[int(self.codes[place])] if self.classes else f"{float(self.said[place]):,.4g}"


def confusion_counts(held: HeldOut) -> Ints:
    """Return how many images of each class (rows) were taken for each class (columns)."""
    n = len(held.classes)
    pairs = held.y.astype(np.int64) * n + held.codes
    counts: Ints = np.bincount(pairs, minlength=n * n).reshape(n, n)
    return counts


def confusions(held: HeldOut) -> tuple[Confusion, ...]:
    """Return the pairs of classes that are confused, the commonest first; empty for a regression."""
    if not held.classes:
        return ()
    counts = confusion_counts(held)
    totals, wrong = counts.sum(axis=1), counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_CONFUSIONS]
    return tuple(
        Confusion(
            truth=held.classes[truth],
            predicted=held.classes[predicted],
            n=int(wrong[truth, predicted]),
            n_truth=int(totals[truth]),
        )
        for truth, predicted in (divmod(int(i), len(held.classes)) for i in order)
        if wrong[truth, predicted]
    )


def most_confident(held: HeldOut, *, wrong: bool, at_most: int) -> Ints:
    """Return places of wrong or right images, those with the surest predictions first.

    Of a regression these are the ones with the largest errors, or the smallest.
    """
    places = np.flatnonzero(held.is_wrong == wrong)
    sign = -1.0 if wrong and not held.classes else 1.0
    return places[np.argsort(-sign * held.certainty[places], kind="stable")][:at_most]


def traits(measured: ImageMeasurements, is_wrong: NDArray[np.bool_]) -> tuple[MistakeTrait, ...]:
    """Return the statistics by which wrong images differ from right ones beyond chance, the surest first.

    Parameters
    ----------
    measured : ImageMeasurements
        Of the images looked at.
    is_wrong : ndarray of bool, shape (n,)

    References
    ----------
    Mann and Whitney (1947), "On a test of whether one of two random variables is stochastically larger than the other".
    """
    n_wrong = int(is_wrong.sum())
    if min(n_wrong, len(is_wrong) - n_wrong) < LEAST_EACH:
        return ()
    found = [
        MistakeTrait(
            statistic=name,
            wrong=float(np.median(values[is_wrong])),
            right=float(np.median(values[~is_wrong])),
            z=rank_z(values, is_wrong),
        )
        for name, values in _statistics(measured).items()
    ]
    return tuple(sorted((t for t in found if abs(t.z) > LEAST_Z), key=lambda t: -abs(t.z)))


def rank_z(values: Floats, chosen: NDArray[np.bool_]) -> float:
    """Return by how many standard errors the ranks of chosen values exceed those of the others; ties share ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[place]
    n, m = int(chosen.sum()), int((~chosen).sum())
    total = n + m
    ties = float(((counts.astype(float) ** 3) - counts).sum()) / (total * (total - 1))
    variance = n * m / 12.0 * (total + 1 - ties)
    if variance <= 0:
        return 0.0
    return (float(ranks[chosen].sum()) - n * (total + 1) / 2.0) / math.sqrt(variance)


def _statistics(measured: ImageMeasurements) -> dict[str, Floats]:
    width, height = measured.width.astype(np.float64), measured.height.astype(np.float64)
    return {
        "brightness": measured.brightness.astype(np.float64),
        "contrast": measured.contrast.astype(np.float64),
        "sharpness": measured.sharpness.astype(np.float64),
        "entropy": measured.entropy.astype(np.float64),
        "size": width * height,
        "elongation": np.maximum(width, height) / np.minimum(width, height),
    }
