"""What is known of the data before anything is trained, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.preprocessing.image_spec import ImageSpec
from autorecipe.record.finding import CheckOutcome, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """Statistics of one column, from the training rows alone.

    Attributes
    ----------
    parts : tuple of str
        Names of the numbers and codes that a network gets of the column, where it is more than one.
    n_words : float or None
        Mean words of a cell of text.
    counts : tuple of int
        Rows in 20 equally wide bins from the 1st to the 99th percentile of a number (those beyond are counted in the
        outermost bins); of levels the rows of the 20 most frequent, most frequent first.
    low, high : float or None
        1st and 99th percentile of a number: the ends of those bins.
    is_near_unique : bool
        Whether most rows have a value of their own, which would name the row: such values are never shown.
    score, score_low : float or None
        Out-of-fold score of the column alone (ROC AUC, or R2 of a regression) and its lower 95 % bound.
    """

    name: str
    kind: str
    missing_share: float
    n_distinct: int
    mean: float | None = None
    std: float | None = None
    minimum: float | None = None
    median: float | None = None
    maximum: float | None = None
    skew: float | None = None
    top: tuple[tuple[str, int], ...] = ()
    scaling: str = ""
    parts: tuple[str, ...] = ()
    n_words: float | None = None
    counts: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None
    is_near_unique: bool = False
    score: float | None = None
    score_low: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGroup:
    """Columns that say nearly the same (|Spearman's rho| above the limit of D028 with some other of the group).

    Attributes
    ----------
    strength : float in [0, 1]
        Smallest |rho| that joins them.
    """

    columns: tuple[str, ...]
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPattern:
    """Columns whose cells are missing in the same rows.

    Attributes
    ----------
    n_rows : int
        Rows where exactly these are missing.
    """

    columns: tuple[str, ...]
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSummary:
    """What the training images are like, and what is made of every image.

    Attributes
    ----------
    n_unreadable : int
        Files left out.
    widths, heights : tuple of int
        Smallest, median and largest, in pixels.
    aspects : tuple of float
        5th percentile, median and 95th percentile of width over height.
    formats, modes : tuple of (name, count)
        Most frequent first.
    n_grey : int
        Images without colour, whatever their mode.
    channel_mean, channel_std : tuple of float
        Of the pixels from 0 to 1, one for each channel that the networks see.
    is_photo : bool
        Whether they are natural photos, by colour, entropy and size.
    spec : ImageSpec or None
        The size, channels and fit that were chosen.
    pictures : tuple of (title, path)
        Contact sheets, below the run's directory.
    """

    n_unreadable: int
    widths: tuple[int, int, int]
    heights: tuple[int, int, int]
    aspects: tuple[float, float, float]
    formats: tuple[tuple[str, int], ...]
    modes: tuple[tuple[str, int], ...]
    n_grey: int
    channel_mean: tuple[float, ...]
    channel_std: tuple[float, ...]
    is_photo: bool = False
    spec: ImageSpec | None = None
    pictures: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Statistics and findings of the training rows.

    Attributes
    ----------
    floor : float or None
        The loss (log loss or mean squared error in standard deviations) that conflicting rows make unavoidable.
    dropped : tuple of str
        Columns that findings took out of the features.
    images : ImageSummary or None
        Where the rows are images.
    groups : tuple of ColumnGroup
        Columns that say nearly the same, the largest groups first.
    missing_together : tuple of MissingPattern
        The commonest first, at most ten.
    """

    n_rows: int
    columns: tuple[ColumnProfile, ...]
    outcomes: tuple[CheckOutcome, ...]
    findings: tuple[Finding, ...]
    floor: float | None = None
    dropped: tuple[str, ...] = ()
    seconds: float = 0.0
    images: ImageSummary | None = None
    groups: tuple[ColumnGroup, ...] = ()
    missing_together: tuple[MissingPattern, ...] = ()
