"""Many numbers for each image brought to a plane, so that near images lie near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.training.threads import fitting_threads

N_KEPT = 50  # components that distances are taken of, as published: less noise, and faster
PERPLEXITY = 30.0  # neighbours of each point, roughly: 5 to 50, as published
LEAST_TSNE = 10  # points
# seconds that must be left for 2,000 points; fewer need their share. Measured: 27 s on two cores that others used too
TSNE_S = 60.0
TSNE_POINTS = 2_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """Points (n, 2), and what brought them to their plane."""

    points: Floats
    method: str


def on_plane(values: Floats, *, left_s: float, seed: int) -> Plane:
    """Bring values to a plane: by t-SNE where there is time for it, else by the first two principal components.

    Parameters
    ----------
    values : ndarray of shape (n, p)
        p of 2 or more.
    left_s : float
        Seconds left.

    References
    ----------
    van der Maaten and Hinton (2008), "Visualizing data using t-SNE".
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    n, p = values.shape
    kept = PCA(min(N_KEPT, n, p), random_state=seed).fit_transform(values)
    if n < LEAST_TSNE or left_s < TSNE_S * n / TSNE_POINTS + 1.0 or not np.ptp(kept):
        return Plane(points=np.asarray(kept[:, :2], dtype=np.float64), method="two principal components")
    tsne = TSNE(perplexity=min(PERPLEXITY, (n - 1) / 3.0), init="pca", random_state=seed)
    with fitting_threads(n):  # measured: 600 points took 13 s with one thread, and 107 s with two beside busy processes
        points = tsne.fit_transform(kept)
    return Plane(points=np.asarray(points, dtype=np.float64), method="t-SNE")
