"""Test images of another kind than the training images.

What it looks for: where the split is your own, how well a linear model of cheap descriptions tells the later part from
the training part out of fold; which properties (size, brightness, contrast, colours) are distributed differently; and
whether the labels are.

Why it matters: the score on such a test says how the network does elsewhere. Choices that the training images suggest
may be wrong there.

How to read it: on purpose it is a fair question, and the answer will be lower. By accident, give a share: `--test 0.15`
shares out the images of all folders anew (test images named by `--test FOLDER` are then left out).

Limits: an AUC of 0.6 is said, of 0.7 a warning, by the lower end of the 95 % interval (choices; deepchecks 0.625).
Properties are named from a Kolmogorov-Smirnov distance of 0.2 with p below 0.001, labels from a difference of 0.15 of
the images (deepchecks). It never stops a run: a test set of another source may be what is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.d122_images_across_splits import share_anew
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_properties import pixel_properties
from autorecipe.checks.image_rows import N_PICTURED, ImageRows, Ints, deal_folds
from autorecipe.checks.label_properties import Properties
from autorecipe.checks.mending import ask
from autorecipe.checks.single_feature import MIN_CLASS_ROWS, auc_lower_bound
from autorecipe.checks.spread import kolmogorov_smirnov
from autorecipe.checks.wording import percent
from autorecipe.config import DEFAULT_TEST_SHARE
from autorecipe.data.image_source import ImageMeasurements
from autorecipe.record.finding import Finding

CODE = "D116"
TITLE = "Drift across the splits"
INFO_AUC, WARN_AUC = 0.6, 0.7  # lower 95 % bounds; chance 0.5
MIN_DISTANCE = 0.2  # Kolmogorov-Smirnov
MAX_P = 0.001
MIN_LABEL_DIFFERENCE = 0.15  # share of the images
COMPARED_ROWS = 4_000  # images of each part: the AUC is then known to about 0.01
N_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """Some images of a part: their places among all, measurements, target and units."""

    measured: ImageMeasurements
    target: np.ndarray
    rows: Ints
    units: Ints


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding for each later part that differs.

    Raises
    ------
    NotApplicable
        When the split is not the user's own.
    """
    if rows.other is None or not {"test", "validation"} & set(rows.parts):
        raise NotApplicable("the split is drawn here, at random")
    ours = _part(rows, rows.rows, rows.measured, rows.target)
    found: list[Finding] = []
    for name in ("validation", "test"):
        in_part = np.array([rows.parts[row] == name for row in rows.other.rows], dtype=bool)
        if in_part.sum() >= MIN_CLASS_ROWS and rows.n_rows >= MIN_CLASS_ROWS:
            places = np.flatnonzero(in_part)
            measured, target = rows.other.measured.take(places), rows.other.target[places]
            theirs = _part(rows, rows.other.rows[places], measured, target)
            found += _compare(rows, ours, theirs, name=name)
    return tuple(found)


def _part(rows: ImageRows, places: Ints, measured: ImageMeasurements, target: np.ndarray) -> _Part:
    random = np.random.default_rng(rows.config.seed)
    chosen = np.sort(random.permutation(len(places))[:COMPARED_ROWS])
    of_all = places[chosen]
    return _Part(measured=measured.take(chosen), target=target[chosen], rows=of_all, units=rows.units_of(of_all))


def _compare(rows: ImageRows, ours: _Part, theirs: _Part, *, name: str) -> tuple[Finding, ...]:
    from autorecipe.profile.linear_probe import auc

    scores = _scores(ours, theirs, seed=rows.config.seed)
    value = auc(scores, np.arange(len(scores)) >= len(ours.rows))
    lower = auc_lower_bound(value, len(theirs.rows), len(ours.rows))
    labels = 0.0 if rows.is_regression else _label_difference(ours.target, theirs.target)
    if lower <= INFO_AUC and labels <= MIN_LABEL_DIFFERENCE:
        return ()
    said = []
    if lower > INFO_AUC:
        said.append(f"a linear model tells them apart (AUC {value:.2f}, at least {lower:.2f}; chance 0.5)")
        said += _distances(_properties(ours.measured), _properties(theirs.measured))
    if labels > MIN_LABEL_DIFFERENCE:
        said.append(f"labels differ in {percent(labels)} of the images")
    severe = lower > WARN_AUC
    return (
        Finding(
            code=CODE,
            severity="warn" if severe else "info",
            title=TITLE,
            message=f"the {name} images are of another kind than the training images: {', '.join(said)}",
            measured=lower,
            examples=_unlike(rows, ours, theirs, scores),
            limit=WARN_AUC if severe else INFO_AUC,
            remedy=f"as it should be if on purpose; otherwise {share_anew(rows)}",
            fixes=ask(f"--test {DEFAULT_TEST_SHARE:g}"),
        ),
    )


def _unlike(rows: ImageRows, ours: _Part, theirs: _Part, scores: NDArray[np.float64]) -> tuple[str, ...]:
    """Return the names of the images that the model tells apart most surely, a training image first, in turn."""
    half, n_ours = N_PICTURED // 2, len(ours.rows)
    surest = (ours.rows[np.argsort(scores[:n_ours])[:half]], theirs.rows[np.argsort(-scores[n_ours:])[:half]])
    return tuple(rows.names[row] for pair in zip(*surest, strict=False) for row in pair)


def _scores(ours: _Part, theirs: _Part, *, seed: int) -> NDArray[np.float64]:
    """Return how surely each image, not learned from, is one of theirs; ours come first."""
    from autorecipe.profile.image_features import embed
    from autorecipe.profile.linear_probe import out_of_fold_scores

    features = np.concatenate([embed(part.measured.thumbnails) for part in (ours, theirs)])
    is_theirs = np.arange(len(features)) >= len(ours.target)
    folds = deal_folds(np.concatenate([ours.units, theirs.units]), is_theirs.astype(np.int64), seed=seed)
    return out_of_fold_scores(features, is_theirs.astype(np.int64), folds, 2)[:, 1]


def _properties(measured: ImageMeasurements) -> Properties:
    width, height = measured.width.astype(np.float64), measured.height.astype(np.float64)
    return {"area": width * height, "aspect ratio": width / np.maximum(height, 1), **pixel_properties(measured)}


def _distances(ours: Properties, theirs: Properties) -> list[str]:
    """Write the properties that are distributed differently, the most different first."""
    found = {}
    for name, values in ours.items():
        distance, p = kolmogorov_smirnov(values, theirs[name])
        if distance > MIN_DISTANCE and p < MAX_P / len(ours):
            found[name] = distance
    ranked = sorted(found, key=lambda name: -found[name])[:N_SHOWN]
    return [f"most in {' and '.join(f'{name} ({found[name]:.2f} of 1)' for name in ranked)}"] if ranked else []


def _label_difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the share of images that would have to change their label for both parts to have the same shares."""
    from scipy.special import chdtrc

    n_classes = int(max(ours.max(), theirs.max())) + 1
    counts = np.stack([np.bincount(part.astype(np.int64), minlength=n_classes) for part in (ours, theirs)])
    counts = counts[:, counts.sum(axis=0) > 0]
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    if counts.shape[1] < 2 or chdtrc(counts.shape[1] - 1, chi_square) >= MAX_P:
        return 0.0
    shares = counts / counts.sum(axis=1, keepdims=True)
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


CHECK = ImageCheck(code=CODE, title=TITLE, question="Are the test images of the same kind?", run=find)
