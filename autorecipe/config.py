"""What the user asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autorecipe.architecture import Architecture
from autorecipe.recipe import LossName, Recipe

Preset = Literal["quick", "standard", "thorough"]
Task = Literal["binary", "multiclass", "regression"]
Kind = Literal["numeric", "categorical", "boolean", "datetime", "text", "id"]
StageName = Literal["profile", "baseline", "overfit", "regularize", "tune", "squeeze"]
SearchName = Literal["bayesian", "random", "grid"]

DEFAULT_TIME_LIMIT_S: dict[Preset, float] = {"quick": 60.0, "standard": 600.0, "thorough": 3600.0}
DEFAULT_TEST_SHARE = 0.15  # 70/15/15: reference recipe, rule A6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a wrong decision costs, in any one unit: a false negative and a false positive."""

    fn: float
    fp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the user asked for, before anything was looked at.

    Attributes
    ----------
    target : str
        Name of the target column ("" when it is to be found).
    task, metric, loss : str
        "auto" leaves the choice to the data.
    time_limit_s : float
        Seconds for everything, imports and export included.
    test_share : float in [0, 1)
        Share of the rows locked away for the test; 0 for none.
    test_path : str
        A file of test rows instead ("" for none).
    seed : int
        Every other seed is a hash of this one.
    types : tuple of (column, kind)
        Kinds the user set.
    drop, keep, ids, allow : tuple of str
        Columns to leave out, to keep whatever a check says, to carry along as ids; findings to go on with
        ("D013:COLUMN", or a bare code for findings about rows).
    until : str
        The last stage to work through.
    recipe : Recipe or None
        A recipe to train without searching.
    architecture : Architecture or None
        A function of the user's that builds the network, in place of the families.
    search : str
        How Tune draws its recipes.
    tensorboard : str
        Where each trial's curves are written for TensorBoard; "" writes none.
    """

    target: str = ""
    task: Literal["auto", "binary", "multiclass", "regression"] = "auto"
    metric: str = "auto"
    loss: Literal["auto"] | LossName = "auto"
    preset: Preset = "standard"
    time_limit_s: float = DEFAULT_TIME_LIMIT_S["standard"]
    test_share: float = DEFAULT_TEST_SHARE
    test_path: str = ""
    seed: int = 0
    types: tuple[tuple[str, Kind], ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    weight: str = ""
    positive: str = ""
    split_by_group: str = ""
    split_by_time: str = ""
    cost: Cost | None = None
    until: StageName = "squeeze"
    has_header: bool = True
    recipe: Recipe | None = None
    architecture: Architecture | None = None
    search: SearchName = "bayesian"
    tensorboard: str = ""
