"""All that is known so far, as one frozen value of plain parts: `run.json` is this value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autorecipe.config import Config, Modality, StageName
from autorecipe.data.schema import Schema
from autorecipe.interpretation.record import Interpretation
from autorecipe.preprocessing.image_spec import PixelScale
from autorecipe.recipe import Recipe
from autorecipe.record.evaluation import Evaluation
from autorecipe.record.profile import Profile
from autorecipe.record.stage import Idea, StageResult
from autorecipe.record.trial import Trial

SCHEMA_VERSION = 2  # of run.json; raised when a field changes its meaning


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
    """Where the seconds went.

    Attributes
    ----------
    slowness : float
        How many times as long as on an idle machine work took when the search ended, or when the run did; 1 where that
        is not known.
    """

    asked_s: float
    used_s: float
    parts: tuple[tuple[str, float], ...] = ()
    slowness: float = 1.0


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

    def has_whole(self, name: StageName) -> bool:
        """Tell whether a stage was worked through to its own end, by its work or its time, not to the user's."""
        result = self.stage(name)
        return result is not None and result.ended != "interrupted"

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that the last stage ended with."""
        return next((s.end for s in reversed(self.stages) if s.end is not None), None)

    @property
    def best(self) -> Trial | None:
        """The trial of that recipe."""
        return next((s.best for s in reversed(self.stages) if s.best is not None), None)
