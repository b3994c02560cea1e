"""What the untouched rows said, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ahead", "level", "behind", "alone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A metric with its 95 % bootstrap interval (None where it could not be drawn)."""

    metric: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One row of the final ladder."""

    name: str
    validation: float | None
    test: Score | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What share of rows an interval covers.

    Attributes
    ----------
    level : float in (0, 1)
        The share that was promised.
    half_width : float
        In the target's unit.
    covered : float in [0, 1]
    error : float
        Binomial standard error of a share of `level` of so many rows.
    """

    level: float
    half_width: float
    covered: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """How far the final model may be off, by its residuals on rows out of fold.

    Attributes
    ----------
    n_rows : int
        Rows out of fold that it is known from.
    half_widths : tuple of float
        In the target's unit, of intervals that cover 0.5, 0.505, 0.51, ... of new rows; at most to 0.99, fewer where
        the rows are too few to promise more.
    floor : float or None
        Where no interval begins below: 0 where no row's target is negative.
    coverages : tuple of Coverage
        Measured on the rows of the evaluation.
    notes : tuple of str
        Why the promise may not hold, a sentence each.
    """

    n_rows: int
    half_widths: tuple[float, ...]
    floor: float | None = None
    coverages: tuple[Coverage, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Rows of about one probability: what was said of them on average, and what share came true.

    Attributes
    ----------
    low, high : float
        95 % Wilson interval of the observed share.
    """

    predicted: float
    observed: float
    n_rows: int
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Whether probabilities say what happens: of the positive class, or of the most likely one where there are more.

    Attributes
    ----------
    ece : float in [0, 1]
        Expected calibration error: mean distance of a bin's predicted and observed share, bins weighing by rows.
    low, high : float or None
        95 % bootstrap interval of the error that it would be without the noise of so few rows, which raises it: the
        value itself may be its upper end.
    chance : float
        About what probabilities that are exactly right would show on as many rows.
    bins : tuple of CalibrationBin
        Reliability curve: bins of equally many rows, by rising probability.
    """

    ece: float
    low: float | None
    high: float | None
    chance: float
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCurves:
    """How well one class is told from the others at every threshold, thinned to at most 100 points each.

    Attributes
    ----------
    roc : tuple of (false positive rate, true positive rate)
    precision_recall : tuple of (recall, precision)
    share : float
        Of the rows that are of the class: the precision of guessing.
    area : float or None
        Under the whole ROC curve.
    mean_precision : float or None
        Over the recall of the whole curve, by steps.
    """

    label: str
    roc: tuple[tuple[float, float], ...]
    precision_recall: tuple[tuple[float, float], ...]
    share: float
    area: float | None = None
    mean_precision: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualBin:
    """Rows of about one prediction: quantiles of (true - predicted), in the target's unit."""

    predicted: float
    n_rows: int
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Residuals:
    """What is left of a regression's target, in bins: no row's value can be read from it.

    Attributes
    ----------
    bins : tuple of ResidualBin
        Of equally many rows, by rising prediction; `low` and `high` are the 10th and 90th percentile.
    edges : tuple of float
        Ends of the bins of all residuals, one more than `counts`.
    counts : tuple of int
        Rows in them; the outermost hold what lies beyond.
    """

    bins: tuple[ResidualBin, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What the untouched rows say.

    Attributes
    ----------
    rows : str
        "test" or, where no rows were locked away, "out of fold".
    verdict : str
        "ahead", "level" or "behind" the best baseline, by a paired bootstrap; "alone" without baselines.
    n_out_of_fold : int
        Rows that some network of the final model has not learned from, the test rows aside.
    rival : str
        The best baseline's name.
    own, n_compared
        The network's score on the rows that the rival has predicted too, and how many these are.
    difference : Score or None
        The deciding metric's gain over the rival, oriented so that positive is better, with its interval.
    threshold : float or None
        Probability from which the positive class is predicted (binary).
    threshold_reason : str
        Why that one, or these multipliers or costs.
    multipliers : tuple of float
        Each class's probability is multiplied by its own before the largest is taken (several classes); empty for 1.
    costs : tuple of tuple of float
        What a row of true class (row) costs that gets a label (column): the label that costs least on average is
        taken (several classes); empty for none.
    calibration : Calibration or None
        Of the scored rows' probabilities.
    confusion : tuple of tuple of int
        Rows are true classes, columns predicted ones, in the order of the schema's classes.
    intervals : Intervals or None
        Of a regression.
    curves : tuple of ClassCurves
        Of the positive class alone where there are two; of the ten most frequent classes where there are more.
    residuals : Residuals or None
        Of a regression.
    """

    rows: Literal["test", "out of fold"]
    n_rows: int
    metric: str
    scores: tuple[Score, ...]
    out_of_fold: tuple[Score, ...]
    ladder: tuple[Rung, ...]
    verdict: Verdict
    n_out_of_fold: int = 0
    rival: str = ""
    own: Score | None = None
    n_compared: int = 0
    difference: Score | None = None
    threshold: float | None = None
    threshold_reason: str = ""
    multipliers: tuple[float, ...] = ()
    costs: tuple[tuple[float, ...], ...] = ()
    calibration: Calibration | None = None
    confusion: tuple[tuple[int, ...], ...] = ()
    notes: tuple[str, ...] = ()
    intervals: Intervals | None = None
    curves: tuple[ClassCurves, ...] = ()
    residuals: Residuals | None = None
