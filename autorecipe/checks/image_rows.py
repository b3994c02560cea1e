"""The training images as checks see them: measured, named, labelled, and embedded once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.rows import Target
from autorecipe.checks.wording import percent
from autorecipe.config import Config
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.data.schema import Schema

if TYPE_CHECKING:
    from autorecipe.intake import Intake
    from autorecipe.profile.label_errors import Suspects

N_FOLDS = 5
MAX_FOLD_SHARE = 0.5  # of the images, in one fold; as data/units.py has it for a split
N_EXAMPLES = 50  # names that a finding carries; choice
N_PICTURED = 12  # names where any images of some sort will do: two rows of a contact sheet
EMBEDDED_ROWS = 20_000  # images that embeddings are made of: some 10 s on two cores, 60 MB; choice
PROPERTY_ROWS = 5_000  # images that trees on properties look at: balanced accuracy is then known to about 0.01
BLANK_CONTRAST = 2 / 255  # standard deviation of the brightness: nothing is on it; choice

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class OtherImages:
    """Validation and test images.

    Attributes
    ----------
    rows : int64 ndarray, shape (n_other,)
        Places among all rows.
    target : ndarray, shape (n_other,)
    """

    rows: Ints
    measured: ImageMeasurements
    target: Target


@dataclass(frozen=True, kw_only=True, eq=False)  # not slotted: cached_property needs a __dict__
class ImageRows:
    """The images to learn from, and what checks need to know about the others.

    Attributes
    ----------
    config : Config
        What the user asked for.
    measured : ImageMeasurements
        Of the training images.
    target : ndarray, shape (n_rows,)
        Class numbers in the order of `schema.classes` (int64), or the number to predict (float64).
    rows : int64 ndarray, shape (n_rows,)
        Their places among all rows.
    groups : int64 ndarray, shape (n_rows,), or None
        Declared group of each; None without any.
    names : tuple of str
        Of all rows.
    clusters : int64 ndarray, shape (n_all,)
        Of all rows: near duplicates share one.
    units : int64 ndarray, shape (n_all,), or None
        Of all rows: what every split keeps together; None where each image stands alone.
    parts : tuple of str
        "train", "validation" or "test" of all rows, where the user's own folders or files say so; else empty.
    unreadable : tuple of (name, reason)
        Files that were left out.
    """

    schema: Schema
    config: Config
    measured: ImageMeasurements
    target: Target
    rows: Ints
    names: tuple[str, ...]
    clusters: Ints
    other: OtherImages | None = None
    units: Ints | None = None
    groups: Ints | None = None
    parts: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of training images."""
        return len(self.target)

    @property
    def is_regression(self) -> bool:
        """Whether the target is a number."""
        return self.schema.task == "regression"

    @property
    def has_files(self) -> bool:
        """Whether the images came as files, not as an array."""
        return bool((self.measured.file_format != "array").any())

    @cached_property
    def is_blank(self) -> NDArray[np.bool_]:
        """Which training images are of one brightness all over, shape (n_rows,)."""
        return np.asarray(self.measured.contrast < BLANK_CONTRAST)

    @cached_property
    def class_counts(self) -> Ints:
        """Images of each class, shape (n_classes,)."""
        return np.bincount(self.target.astype(np.int64), minlength=len(self.schema.classes))

    @cached_property
    def own_clusters(self) -> Ints:
        """Cluster of near duplicates of each training image, shape (n_rows,)."""
        return self.clusters[self.rows]

    @cached_property
    def own_units(self) -> Ints:
        """Unit of each training image that every split keeps together, shape (n_rows,)."""
        return self.units_of(self.rows)

    def units_of(self, rows: Ints) -> Ints:
        """Return the units of images, by their places among all rows."""
        return rows if self.units is None else self.units[rows]

    def examples(self, places: Iterable[int] | Ints) -> tuple[str, ...]:
        """Return the names of training images, at most N_EXAMPLES."""
        return tuple(self.names[int(self.rows[place])] for place, _ in zip(places, range(N_EXAMPLES), strict=False))

    def sample(self, at_most: int) -> Ints:
        """Return the places of the training images, ascending; a seeded sample where they are more than `at_most`."""
        if self.n_rows <= at_most:
            return np.arange(self.n_rows)
        chosen = np.random.default_rng(self.config.seed).permutation(self.n_rows)[:at_most]
        return np.sort(chosen)

    def some(self, *choices: NDArray[np.bool_] | Ints) -> tuple[str, ...]:
        """Return N_PICTURED names of images drawn from these places, as many from each of them, in turn."""
        random = np.random.default_rng(self.config.seed)
        drawn = [random.permutation(np.arange(self.n_rows)[places])[: N_PICTURED // len(choices)] for places in choices]
        return self.examples([int(place) for of_one in zip_longest(*drawn) for place in of_one if place is not None])

    @cached_property
    def scored(self) -> Ints:
        """Places of the training images that trees on properties look at."""
        return self.sample(PROPERTY_ROWS)

    @cached_property
    def embedded(self) -> Ints:
        """Places of the training images that `embeddings` are of."""
        return self.sample(EMBEDDED_ROWS)

    @cached_property
    def embeddings(self) -> NDArray[np.float32]:
        """Cheap descriptions of the thumbnails of the embedded images, shape (n_embedded, n_features)."""
        from autorecipe.profile.image_features import embed

        return embed(self.measured.thumbnails[self.embedded])

    @cached_property
    def suspects(self) -> Suspects | None:
        """Labels that look wrong among the embedded images; None where no model is good enough to judge."""
        from autorecipe.profile.label_errors import find_suspects

        labels = self.target[self.embedded].astype(np.int64)
        return find_suspects(self.embeddings, labels, self.folds(self.embedded), len(self.schema.classes))

    def folds(self, places: Ints) -> Ints:
        """Deal training images out to N_FOLDS folds; what every split keeps together stays in one.

        Returns
        -------
        ndarray of int64, shape (len(places),)
            From 0 to N_FOLDS - 1, classes spread evenly.

        Raises
        ------
        NotApplicable
            When too many hang together.
        """
        return deal_folds(self.own_units[places], self.target[places], seed=self.config.seed)


def deal_folds(units: Ints, target: Target, *, seed: int) -> Ints:
    """Deal rows out to N_FOLDS folds: those of one unit together, targets spread evenly.

    Parameters
    ----------
    units : int64 ndarray, shape (n,)
    target : ndarray, shape (n,)

    Returns
    -------
    ndarray of int64, shape (n,)
        From 0 to N_FOLDS - 1.

    Raises
    ------
    NotApplicable
        When more than half of the rows are in one fold: the others are too few to learn from.
    """
    _, first, inverse = np.unique(units, return_index=True, return_inverse=True)
    random = np.random.default_rng(seed)
    order = np.lexsort((random.random(len(first)), target[first]))
    fold_of_unit = np.empty(len(first), dtype=np.int64)
    fold_of_unit[order] = np.arange(len(first)) % N_FOLDS
    folds = np.asarray(fold_of_unit[inverse.reshape(-1)], dtype=np.int64)
    share = np.bincount(folds).max(initial=0) / max(len(folds), 1)
    if share > MAX_FOLD_SHARE and len(folds) >= N_FOLDS:
        raise NotApplicable(f"{percent(share)} of the images stay together, so that they cannot be dealt out to folds")
    return folds


def image_rows(intake: Intake, config: Config) -> ImageRows:
    """Gather what checks need to know of the training images of an intake that has images.

    Raises
    ------
    ValueError
        When it has none.
    """
    from autorecipe.data.near_duplicates import clusters_of

    images = intake.images
    if images is None:
        raise ValueError("the intake has no images")
    seen = np.asarray(intake.split.training_rows, dtype=np.int64)
    held = np.setdiff1d(np.arange(len(intake.frame)), seen)
    is_number = intake.schema.task == "regression"
    target: Target = intake.y.astype(np.float64) if is_number else intake.y.astype(np.int64)
    return ImageRows(
        schema=intake.schema,
        config=config,
        measured=images.measured.take(seen),
        target=target[seen],
        rows=seen,
        names=tuple(images.source.name(row) for row in range(len(intake.frame))),
        clusters=clusters_of(images),
        units=intake.split.groups,
        other=OtherImages(rows=held, measured=images.measured.take(held), target=target[held]) if len(held) else None,
        groups=_declared_groups(intake, seen),
        parts=images.parts if any(images.parts) else (),
        unreadable=images.unreadable,
    )


def _declared_groups(intake: Intake, seen: Ints) -> Ints | None:
    import pandas as pd

    column = next((c.name for c in intake.schema.columns if c.role == "group"), None)
    if column is None:
        return None
    return np.asarray(pd.factorize(intake.frame[column], use_na_sentinel=False)[0], dtype=np.int64)[seen]
