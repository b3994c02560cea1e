"""All that is known so far, as one frozen value of plain parts: `run.json` is this value."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from autorecipe.config import Config, Modality, StageName
from autorecipe.data.schema import Schema
from autorecipe.ensemble.record import Ensemble
from autorecipe.fix import Fix
from autorecipe.interpretation.record import Interpretation
from autorecipe.preprocessing.image_spec import ImageSpec, PixelScale
from autorecipe.readings import Internals, Preflight
from autorecipe.recipe import Change, Recipe

SCHEMA_VERSION = 2  # of run.json; raised when a field changes its meaning

Severity = Literal["stop", "warn", "info"]
Action = Literal["none", "drop", "parse", "mask", "clip", "impute", "regroup", "ask", "repair"]
TrialStatus = Literal["ok", "failed"]
Ended = Literal["done", "budget", "interrupted"]
Verdict = Literal["ahead", "level", "behind", "alone"]
DiagnosisName = Literal["underfit", "overfit", "good fit", "no signal", "unstable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check noticed.

    Attributes
    ----------
    code : str
        "D013": stable, never reused.
    severity : str
        "stop" asks the user, "warn" may hurt, "info" is good to know.
    message : str
        One sentence that names the column, the number and the limit.
    columns : tuple of str
        The columns it speaks of; empty for the rows or the whole dataset.
    measured, limit : float or None
        The number and the bound it was held against.
    action : str
        What is done about it ("drop": the column is left out of the features), or "ask".
    remedy : str
        What was done, or the flag to write.
    rows : tuple of int
        A few row numbers (from 1, the header not counted), at most ten.
    examples : tuple of str
        Names of images that show it, at most fifty; of pairs, one after the other.
    fixes : tuple of Fix
        What can be done about it, the best first; empty where there is nothing to do.
    quoted : tuple of str
        Cell values that `message` and `remedy` quote: a report that shows no values puts "..." in their place.
    """

    code: str
    severity: Severity
    title: str
    message: str
    columns: tuple[str, ...] = ()
    measured: float | None = None
    limit: float | None = None
    action: Action = "none"
    remedy: str = ""
    rows: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    quoted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """One check's verdict: passed, found something, or skipped with the reason.

    Attributes
    ----------
    text : str
        What a training check measured and the limit it was held against, in a clause.
    """

    code: str
    title: str
    status: Literal["passed", "found", "skipped"]
    reason: str = ""
    seconds: float = 0.0
    text: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSummary:
    """Where the rows came from.

    Attributes
    ----------
    notes : tuple of str
        What was found and done in reading.
    pixel_scale : PixelScale or None
        How arrays of images become pixels, which holds for all that come later; None where images were files.
    sampled_from : int
        Rows of the whole table, where a profile looked at a sample of them; else 0.
    """

    name: str
    path: str
    fingerprint: str
    n_rows: int
    n_columns: int
    notes: tuple[str, ...] = ()
    pixel_scale: PixelScale | None = None
    sampled_from: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSummary:
    """How the rows were shared out.

    Attributes
    ----------
    scheme : str
        "holdout": one train/validation split; "folds": cross-validation on all non-test rows.
    n_train, n_validation : int
        Rows of fold 0.
    n_bag_folds : int
        Folds of all non-test rows, for the members of an ensemble.
    reason : str
        Why this scheme, in a few words.
    """

    scheme: Literal["holdout", "folds"]
    n_train: int
    n_validation: int
    n_test: int
    n_folds: int
    reason: str
    n_bag_folds: int = 5
    not_scored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One value per epoch.

    Attributes
    ----------
    gradient_norm, peak_gradient_norm : tuple of float
        Mean and largest global norm of the epoch's steps, before clipping.
    """

    train_loss: tuple[float, ...] = ()
    validation_loss: tuple[float, ...] = ()
    learning_rate: tuple[float, ...] = ()
    gradient_norm: tuple[float, ...] = ()
    peak_gradient_norm: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One recipe (or baseline) trained on one fold.

    Attributes
    ----------
    key : str
        Hash of (data fingerprint, recipe, fold): the name of its folder under `trials/`.
    train_loss, validation_loss : float
        Data loss (no penalties) at the epoch that was kept, in the task's loss: log loss in nats, or mean squared
        error of the standardized target (never of its logarithm; those of `history` are in the unit that was learned).
    train_score, validation_score : float
        The deciding metric.
    best_epoch, epochs : int
        The epoch whose weights were kept (from 1), and how many were trained.
    is_cut : bool
        Whether the clock ended the training.
    setup_s : float
        Seconds of `seconds` that went before the first epoch: building, compiling, fitting the prefix.
    repairs : tuple of str
        What was done to save the training: "epoch 3: the loss was NaN: back to epoch 2, rate 1e-3 -> 1e-4".
    internals : tuple of Internals
        Layer statistics of fold 0, empty on other folds: after epochs 0 and 1, then after each power of two that lies
        at least 500 steps after the last look.
    validation_loss_error : float
        Standard error of the validation loss, by its rows.
    largest_class_share : float
        Share of the validation rows that get the most frequent prediction; 0 for regression.
    chance_loss : float
        Validation loss of predicting the training rows' prior.
    largest_true_share : float
        Share of the most frequent class among the validation rows; 0 for regression.
    gain_over_chance : float or None
        Mean over the validation rows of what a row costs the prior less what it costs the fit; None where not measured.
    gain_error : float
        Standard error of that mean, row by row.
    precision : str
        Keras' dtype policy of the hidden layers while they were trained; their weights are float32 always.
    smearing : float > 0
        What the exponential of the outputs is multiplied by, where the logarithm of the target was learned; else 1.
    """

    key: str
    fold: int
    status: TrialStatus = "ok"
    cause: str = ""
    seconds: float = 0.0
    train_loss: float = 0.0
    validation_loss: float = 0.0
    train_score: float = 0.0
    validation_score: float = 0.0
    best_epoch: int = 0
    epochs: int = 0
    steps: int = 0
    n_parameters: int = 0
    is_cut: bool = False
    setup_s: float = 0.0
    repairs: tuple[str, ...] = ()
    internals: tuple[Internals, ...] = ()
    validation_loss_error: float = 0.0
    largest_class_share: float = 0.0
    chance_loss: float = 0.0
    largest_true_share: float = 0.0
    gain_over_chance: float | None = None
    gain_error: float = 0.0
    precision: str = "float32"
    smearing: float = 1.0
    history: History = field(default_factory=History)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One recipe trained on one or more folds (`recipe` is None for a baseline)."""

    name: str
    recipe: Recipe | None
    fits: tuple[Fit, ...]

    @property
    def status(self) -> TrialStatus:
        """Whether every fold was trained."""
        return "ok" if self.fits and all(f.status == "ok" for f in self.fits) else "failed"

    @property
    def is_cut(self) -> bool:
        """Whether the clock ended the training of some fold."""
        return any(f.is_cut for f in self.fits)

    @property
    def cause(self) -> str:
        """Why the first failing fold failed; "" when none did."""
        return next((f.cause for f in self.fits if f.status == "failed"), "")

    @property
    def train_loss(self) -> float:
        """Mean over the folds."""
        return _mean([f.train_loss for f in self.fits])

    @property
    def validation_loss(self) -> float:
        """Mean over the folds."""
        return _mean([f.validation_loss for f in self.fits])

    @property
    def train_score(self) -> float:
        """Mean over the folds of the deciding metric."""
        return _mean([f.train_score for f in self.fits])

    @property
    def validation_score(self) -> float:
        """Mean over the folds of the deciding metric."""
        return _mean([f.validation_score for f in self.fits])

    @property
    def gain_over_chance(self) -> float | None:
        """Mean over the folds of the gain over the prior; None when some fold's is not known."""
        gains = [f.gain_over_chance for f in self.fits if f.gain_over_chance is not None]
        return _mean(gains) if gains and len(gains) == len(self.fits) else None

    @property
    def gain_error(self) -> float:
        """Standard error of the gain over the prior, whose folds have no row in common."""
        return math.hypot(*(f.gain_error for f in self.fits)) / max(len(self.fits), 1)

    @property
    def seconds(self) -> float:
        """Seconds of training, all folds together."""
        return sum(f.seconds for f in self.fits)

    @property
    def n_parameters(self) -> int:
        """Trainable parameters of one network."""
        return max((f.n_parameters for f in self.fits), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a stage measured besides its trials.

    Attributes
    ----------
    kind : str
        "seed_spread", "learning_curve".
    text : str
        A sentence for the reader; "" when there is nothing to say.
    """

    kind: str
    value: float
    text: str = ""
    curve: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Keep or reject a change.

    Attributes
    ----------
    effect : float
        Gain of the deciding metric; positive is better whatever the metric's direction.
    error : float
        One standard error of the effect.
    rule : str
        The rule that decided, with its numbers.
    train_loss_before, train_loss_after : float
        Shown where a stage decides on training loss.
    n_tried : int
        How many candidates the winner was chosen from.
    """

    change: Change
    kept: bool
    effect: float
    error: float
    rule: str
    train_loss_before: float = 0.0
    train_loss_after: float = 0.0
    n_tried: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A stage's start and end recipe, trained again with fresh seeds."""

    effect: float
    error: float
    confirmed: bool
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What a network's curves say, with their errors (docs/recipe.md, H).

    Attributes
    ----------
    reason : str
        The numbers that say so.
    remedy : str
        What is done about it.
    """

    name: DiagnosisName
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """What a stage expected before it began.

    Attributes
    ----------
    available_s, trial_s : float
        Seconds that the stage had, and the predicted seconds of one trial (all folds).
    n_trials : int
        Trials that fit.
    epochs : int
        Most epochs of a candidate; 0 where they were not shortened.
    row_share : float in (0, 1]
        Share of the training rows that candidates learn from.
    detectable_gain : float
        Smallest true gain of the deciding score that would be kept four times out of five.
    whole_trial_s : float
        Predicted seconds of a trial that is not shortened.
    kept_s : float
        Seconds of the stage that were kept back from its trials, and are not among the available ones.
    """

    available_s: float
    trial_s: float
    n_trials: int
    epochs: int = 0
    row_share: float = 1.0
    detectable_gain: float = 0.0
    whole_trial_s: float = 0.0
    kept_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """A change that the user asked for, judged like any other.

    Attributes
    ----------
    base : str
        Key of the recipe that it was compared with.
    score_before : float
        The deciding score of that recipe.
    """

    decision: Decision
    trial: Trial
    base: str = ""
    score_before: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """A stage's answer to its question.

    Attributes
    ----------
    start, end : Recipe or None
        The recipe before and after the stage.
    best : Trial or None
        The trial of `end`.
    ladder : tuple of Trial
        Baselines and models in order of score, worst first (Baseline and Squeeze fill it).
    members : tuple of str
        Keys of the fits that the stage wants in the final model (Squeeze fills it).
    ensemble : Ensemble or None
        Their weights, and what they gain together (Squeeze fills it).
    notes : tuple of str
        Sentences for the reader.
    preflight : Preflight or None
        What the probes measured (Baseline fills it).
    outcomes : tuple of CheckOutcome
        Every training check's verdict.
    findings : tuple of Finding
        What the training checks noticed.
    repairs : tuple of Decision
        Changes that findings asked for, tried and judged; those kept are in `end`.
    diagnosis : Diagnosis or None
        Of `best`, when the stage ended.
    plan : StagePlan or None
        What the stage expected before it began.
    """

    stage: StageName
    question: str
    start: Recipe | None = None
    end: Recipe | None = None
    best: Trial | None = None
    ladder: tuple[Trial, ...] = ()
    trials: tuple[Trial, ...] = ()
    decisions: tuple[Decision, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    confirmation: Confirmation | None = None
    members: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    ended: Ended = "done"
    preflight: Preflight | None = None
    outcomes: tuple[CheckOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Decision, ...] = ()
    diagnosis: Diagnosis | None = None
    plan: StagePlan | None = None
    ensemble: Ensemble | None = None


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
        Its 95 % bootstrap interval.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """Does the exported model predict what the trained one did?"""

    passed: bool
    n_rows: int
    n_mutated: int
    max_difference: float
    labels_differ: int
    seconds: float
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What was written, and the proof that it serves.

    Attributes
    ----------
    rows_per_s, one_row_ms : float
        What serving 8192 raw rows, or 32 image files, at once, and one alone, was measured at here; 0 where it was not.
    modality : str
        What a row is.
    """

    path: str
    n_members: int
    n_parameters: int
    size_bytes: int
    parity: Parity
    label: str = ""
    rows_per_s: float = 0.0
    one_row_ms: float = 0.0
    modality: Modality = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeUse:
    """Where the seconds went."""

    asked_s: float
    used_s: float
    parts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All that is known so far.

    Attributes
    ----------
    metric : str
        The metric the user asked for, or the task's default.
    deciding_metric : str
        The smooth metric that decides: `metric` where it is smooth, else the log loss.
    test_opened : int
        How often the test rows were looked at.
    ideas : tuple of Idea
        Changes that the user tried on it.
    interpretation : Interpretation or None
        What the final model looks at; None where there was no time to find out.
    """

    config: Config
    data: DataSummary
    schema: Schema
    split: SplitSummary
    metric: str
    deciding_metric: str
    profile: Profile | None = None
    stages: tuple[StageResult, ...] = ()
    evaluation: Evaluation | None = None
    export: Export | None = None
    time: TimeUse | None = None
    test_opened: int = 0
    ideas: tuple[Idea, ...] = ()
    interpretation: Interpretation | None = None
    schema_version: int = SCHEMA_VERSION
    version: str = ""
    git_commit: str = ""
    environment: tuple[tuple[str, str], ...] = ()

    def stage(self, name: StageName) -> StageResult | None:
        """Return a stage's result, or None when it has not been worked through."""
        return next((s for s in self.stages if s.stage == name), None)

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that the last stage ended with."""
        return next((s.end for s in reversed(self.stages) if s.end is not None), None)

    @property
    def best(self) -> Trial | None:
        """The trial of that recipe."""
        return next((s.best for s in reversed(self.stages) if s.best is not None), None)


def _mean(values: list[float]) -> float:
    """Mean of the numbers that are defined: a score may not be, on a fold with rows of one class alone."""
    known = [v for v in values if not math.isnan(v)]
    return sum(known) / len(known) if known else math.nan
