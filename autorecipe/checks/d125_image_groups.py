"""Images that belong together: of one patient, scene, video or burst.

What it looks for: what images share besides the label: a folder, the beginning or a piece of the file name, numbers in
a row, or an EXIF time within seconds. It is believed only where it shows: the image of the same class that looks most
like it is of the same group far more often than chance would have it. Near duplicates do not count, since every split
keeps them together.

Why it matters: where images of one patient are on both sides of a split, a network is scored for recognising the
patient. On new patients it does worse, and nobody knows how much.

How to read it: if the groups are real, write a CSV with the paths, the labels and a column that names the group, and
give `--split-by-group COLUMN`.

Limits: at least 10 % of the nearest images share the group, three times what chance gives, and five standard errors
more; groups of 1.5 images on average, and of a fifth of all images at most (choices).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autorecipe.checks.check import NotApplicable
from autorecipe.checks.file_names import Grouping, groupings, last_number, stem
from autorecipe.checks.image_check import ImageCheck
from autorecipe.checks.image_rows import ImageRows, Ints
from autorecipe.checks.wording import percent
from autorecipe.record.finding import Finding

CODE = "D125"
TITLE = "Groups of images"
MIN_SHARE = 0.10  # of the nearest images
MIN_RATIO = 3.0  # times the share by chance
MIN_Z = 5.0  # standard errors above it
MIN_QUERIES = 50  # images whose nearest one is looked at: fewer say little
N_QUERIES = 300  # at most
COMPARED_ROWS = 10_000  # images that the nearest is looked for among
RUN_LENGTH = 10  # numbers in a row that are tried as a group
BURST_SHARE = 0.05  # of the images that must be in a burst
N_PAIRS = 25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Neighbours:
    """Some images, and the image of their class that looks most like each; places among the training images.

    Attributes
    ----------
    compared : int64 ndarray, shape (n_compared,)
        Among which the nearest was looked for.
    is_rival : bool ndarray, shape (n_queries, n_compared)
        Which of them could be the nearest: of the same class, and no near duplicate.
    """

    queries: Ints
    nearest: Ints
    compared: Ints
    is_rival: NDArray[np.bool_]


def find(rows: ImageRows) -> tuple[Finding, ...]:
    """Return one finding with the groups that show most.

    Raises
    ------
    NotApplicable
        When the split keeps groups together already, the images came as an array, or they are too few.
    """
    if rows.groups is not None:
        raise NotApplicable("the split keeps groups together already")
    if not rows.has_files:
        raise NotApplicable("the images came as an array")
    candidates = list(_candidates(rows))
    if not candidates:
        return ()
    near = _neighbours(rows)
    if len(near.queries) < MIN_QUERIES:
        raise NotApplicable("too few images to compare")
    shown = [(found, grouping) for grouping in candidates if (found := _evidence(near, grouping)) is not None]
    if not shown:
        return ()
    (share, chance), grouping = max(shown, key=lambda pair: pair[0][0] - pair[0][1])
    same = grouping.codes[near.queries] == grouping.codes[near.nearest]
    pairs = np.stack([near.queries[same], near.nearest[same]], axis=1)[:N_PAIRS].reshape(-1)
    return (
        Finding(
            code=CODE,
            severity="warn",
            title=TITLE,
            message=f"images that share {grouping.what} look alike: in {percent(share)} of the cases the nearest image"
            f" of the same class is one of them (by chance {percent(chance)})",
            measured=share,
            limit=MIN_SHARE,
            action="ask",
            remedy="if they are of one scene or patient: a CSV with a column that says so, and --split-by-group COLUMN",
            examples=rows.examples(pairs),
        ),
    )


def _candidates(rows: ImageRows) -> Iterator[Grouping]:
    from autorecipe.data.near_duplicates import bursts

    names = [rows.names[row] for row in rows.rows]
    yield from groupings(names, rows.schema)
    numbers = np.array([last_number(name) for name in names])
    heads = np.unique([stem(name).rstrip("0123456789") for name in names], return_inverse=True)[1].reshape(-1)
    blocks = np.stack([heads, numbers // RUN_LENGTH, rows.target], axis=1)
    codes = np.unique(blocks, axis=0, return_inverse=True)[1].reshape(-1)
    if len(codes) > 2 * (codes.max() + 1):
        yield Grouping(what="numbers in a row", codes=codes.astype(np.int64))
    burst = np.asarray(bursts(rows.measured), dtype=np.int64)
    if (np.bincount(burst)[burst] > 1).mean() >= BURST_SHARE:
        yield Grouping(what="an EXIF time within seconds", codes=burst)


def _neighbours(rows: ImageRows) -> _Neighbours:
    """Find the nearest image of the same class, near duplicates left out."""
    random = np.random.default_rng(rows.config.seed)
    compared = random.permutation(len(rows.embedded))[:COMPARED_ROWS]
    queries = compared[:N_QUERIES]
    described = rows.embeddings[compared]
    distance = (described**2).sum(axis=1) - 2 * (rows.embeddings[queries] @ described.T)
    labels, clusters = rows.target[rows.embedded], rows.own_clusters[rows.embedded]
    is_rival = clusters[queries][:, None] != clusters[compared]
    if not rows.is_regression:
        is_rival &= labels[queries][:, None] == labels[compared]
    distance[~is_rival] = np.inf
    has_rival = is_rival.any(axis=1)
    return _Neighbours(
        queries=rows.embedded[queries[has_rival]],
        nearest=rows.embedded[compared[distance[has_rival].argmin(axis=1)]],
        compared=rows.embedded[compared],
        is_rival=is_rival[has_rival],
    )


def _evidence(near: _Neighbours, grouping: Grouping) -> tuple[float, float] | None:
    """Return the share of nearest images in the same group, and that by chance; None where it shows nothing."""
    group, of_compared = grouping.codes[near.queries], grouping.codes[near.compared]
    n_mates = ((group[:, None] == of_compared) & near.is_rival).sum(axis=1)
    judged = n_mates > 0
    hits = (grouping.codes[near.nearest] == group)[judged]
    chances = n_mates[judged] / near.is_rival[judged].sum(axis=1)
    if len(hits) < MIN_QUERIES:
        return None
    share, chance = float(np.mean(hits)), float(np.mean(chances))
    error = math.sqrt(max(chance * (1 - chance), 1e-9) / len(hits))
    shows = share >= MIN_SHARE and share >= MIN_RATIO * chance and share - chance >= MIN_Z * error
    return (share, chance) if shows else None


CHECK = ImageCheck(code=CODE, title=TITLE, question="Do images belong together in groups?", run=find)
