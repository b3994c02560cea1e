"""How the weights and gradients of a network are spread, kept for TensorBoard while it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import keras
import numpy as np

from autorecipe.training.bench import Floats

N_BINS = 30  # as many as TensorBoard's own summaries have
N_VALUES = 2**16  # of one variable, evenly spaced: more would not move the shape of 30 bins; choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """The values of one variable, or of its gradient, after so many epochs.

    Attributes
    ----------
    name : str
        "weights/hidden_1/kernel" or "gradients/hidden_1/kernel".
    edges : tuple of float
        Ends of the bins, one more than `counts`.
    total, total_squares : float
        Of the values counted.
    """

    name: str
    epoch: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    total: float
    total_squares: float


@dataclass(slots=True)
class HistogramLog:
    """Collects the histograms of the fit that is being trained, until they are taken."""

    kept: list[Histogram] = field(default_factory=list)

    def look(self, epoch: int, variables: Sequence[keras.Variable], gradients: Sequence[Floats]) -> None:
        """Keep the histograms of trainable variables and their gradients; epoch 0 begins a new fit."""
        if epoch == 0:
            self.kept.clear()
        for variable, gradient in zip(variables, gradients, strict=True):
            for what, values in (("weights", variable.numpy()), ("gradients", gradient)):
                self.kept += histograms_of(f"{what}/{variable.path}", values, epoch=epoch)

    def take(self) -> tuple[Histogram, ...]:
        """Return what was kept, and forget it."""
        taken = tuple(self.kept)
        self.kept.clear()
        return taken


def histograms_of(name: str, values: Floats, *, epoch: int) -> tuple[Histogram, ...]:
    """Return the histogram of the values that are finite, of at most 65,536 of them; none where there are none."""
    flat = np.asarray(values, dtype="float64").ravel()
    flat = flat[:: -(-len(flat) // N_VALUES) or 1]
    flat = flat[np.isfinite(flat)]
    if not len(flat):
        return ()
    counts, edges = np.histogram(flat, bins=N_BINS)
    return (
        Histogram(
            name=name,
            epoch=epoch,
            edges=tuple(edges.tolist()),
            counts=tuple(counts.tolist()),
            total=float(flat.sum()),
            total_squares=float((flat**2).sum()),
        ),
    )
