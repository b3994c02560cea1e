"""What two finished runs have in common and in what they differ, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from autorecipe.config import Modality, StageName
from autorecipe.ensemble.record import EnsemblePart
from autorecipe.record.evaluation import Score
from autorecipe.record.finding import Finding

Value = bool | int | float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One thing as each of two runs has it; None where a run does not have it."""

    name: str
    first: Value
    second: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreBeside:
    """One metric of two runs."""

    metric: str
    first: Score | None
    second: Score | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageBeside:
    """One stage of two runs.

    Attributes
    ----------
    first_score, second_score : float or None
        The deciding validation score that the stage ended with; None where it has none.
    first_kept, second_kept : tuple of str
        The changes that it kept.
    first_s, second_s : float or None
        Seconds; None where a run did not work through the stage.
    """

    stage: StageName
    first_score: float | None
    second_score: float | None
    first_kept: tuple[str, ...]
    second_kept: tuple[str, ...]
    first_s: float | None
    second_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two runs of one target have in common, and in what they differ.

    Attributes
    ----------
    names : tuple of str
        What the runs are called: their directories.
    same_data : bool
        Whether every cell is the same, by the fingerprint.
    flags : tuple of Beside
        Only those that differ.
    metric : str
        That the paired difference is of.
    difference : Score or None
        What the second gains over the first on rows that both were scored on; positive is better.
    n_paired : int
        How many these rows are.
    n_scored : tuple of int
        How many rows each run was scored on.
    modality : str
        What a row is.
    why_not : str
        Why there is no difference; "" where there is one.
    why_apart : str
        Which flags let the runs be scored on other rows; "" where they were scored on the same, or nobody knows why.
    n_too_few : int
        Groups of these rows, where they were too few to resample and the interval is of single rows; else 0.
    recipe : tuple of Beside
        Fields of the recipe that counts most in each final model, where they differ.
    training : Beside
        For how many epochs that recipe was trained, and whether the clock cut it short.
    parts : tuple of tuple of EnsemblePart
        All recipes of each final model, where that has several networks; the largest weight first.
    costs : tuple of Beside
        Seconds, and what the exported model takes.
    only_first, only_second : tuple of Finding
        Of the data and of training, that the other run does not have.
    """

    names: tuple[str, str]
    target: str
    metric: str
    deciding_metric: str
    same_data: bool
    data: tuple[Beside, ...]
    flags: tuple[Beside, ...]
    scores: tuple[ScoreBeside, ...]
    recipe: tuple[Beside, ...]
    training: Beside
    parts: tuple[tuple[EnsemblePart, ...], tuple[EnsemblePart, ...]]
    stages: tuple[StageBeside, ...]
    costs: tuple[Beside, ...]
    only_first: tuple[Finding, ...]
    only_second: tuple[Finding, ...]
    difference: Score | None = None
    n_paired: int = 0
    n_scored: tuple[int, int] = (0, 0)
    modality: Modality = "table"
    why_not: str = ""
    why_apart: str = ""
    n_too_few: int = 0
