"""What the user asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autorecipe.architecture import Architecture
from autorecipe.choices import ClassWeight, FamilyName, LossName
from autorecipe.recipe import Recipe

Preset = Literal["quick", "standard", "thorough"]
Task = Literal["binary", "multiclass", "regression"]
Kind = Literal["numeric", "categorical", "boolean", "datetime", "text", "id", "image"]
Modality = Literal["table", "image"]
StageName = Literal["profile", "baseline", "overfit", "regularize", "tune", "squeeze"]
SearchName = Literal["bayesian", "random", "grid"]

DEFAULT_TIME_LIMIT_S: dict[Preset, float] = {"quick": 60.0, "standard": 600.0, "thorough": 3600.0}
DEFAULT_SERVE_ROWS_PER_S = 5_000  # of tables: a million rows in some three minutes; choice
SMALLEST_IMAGE_SIDE, LARGEST_IMAGE_SIDE = 8, 1024  # that may be asked for; the larger: choice
DEFAULT_TEST_SHARE = 0.15  # 70/15/15: docs/recipe.md, A6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a wrong decision costs, in any one unit: a false negative and a false positive."""

    fn: float
    fp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CostMatrix:
    """What each decision costs, in any one unit, for any number of classes.

    Attributes
    ----------
    costs : tuple of tuple of float
        A row for each true class, a column for each label that it may get.
    classes : tuple of str
        Their labels in this order; empty for the order in which a run lists its classes.
    others : float or None
        What a wrong decision costs whose classes are not all listed; None: every class has to be.
    path : str
        The file it was read from; "" for none.
    """

    costs: tuple[tuple[float, ...], ...]
    classes: tuple[str, ...] = ()
    others: float | None = None
    path: str = ""


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
    test_share : float in [0, 1), or None
        Share of the rows locked away for the test; 0 for none. None leaves images in the parts that they came in, and
        is DEFAULT_TEST_SHARE elsewhere.
    test_path : str
        A file of test rows instead ("" for none).
    seed : int
        Every other seed is a hash of this one.
    types : tuple of (column, kind)
        Kinds the user set.
    drop, keep, ids, allow : tuple of str
        Columns to leave out, to keep whatever a check says, to carry along as ids; findings to go on with
        ("D013:COLUMN", or a bare code for findings about rows).
    cost, cost_matrix : Cost or CostMatrix, or None
        What wrong decisions cost: labels are chosen so that they cost least.
    class_weight : str
        "balanced" lets rows weigh by the inverse share of their class while training.
    until : str
        The last stage to work through.
    recipe : Recipe or None
        A recipe to train without searching.
    architecture : Architecture or None
        A function of the user's that builds the network, in place of the families.
    families : tuple of str
        Families that may stand beside the plain net; empty for all that suit the data, ("mlp",) for none.
    search : str
        How Tune draws its recipes.
    serve_rows_per_s : int or None
        Rows per second that the final model should serve here; an ensemble that is slower loses members. 0: no limit.
        None: DEFAULT_SERVE_ROWS_PER_S of a table, and what suits their size of images.
    image_side : int
        Pixels of the longer side that images are brought to, from 8 to 1,024; 0 leaves the choice to the data.
    offline : bool
        Nothing is downloaded.
    weights : str
        A file with the weights of a pretrained backbone; "" for none.
    tensorboard : str
        Where each trial's curves are written for TensorBoard; "" writes none.
    histograms : bool
        Whether histograms of weights and gradients are written for TensorBoard too.
    show_values : bool
        Whether the report shows cell values of columns that are no id, no text and not nearly unique.
    show_samples : bool
        Whether the report shows thumbnails of images.
    """

    target: str = ""
    task: Literal["auto", "binary", "multiclass", "regression"] = "auto"
    metric: str = "auto"
    loss: Literal["auto"] | LossName = "auto"
    preset: Preset = "standard"
    time_limit_s: float = DEFAULT_TIME_LIMIT_S["standard"]
    test_share: float | None = None
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
    families: tuple[FamilyName, ...] = ()
    search: SearchName = "bayesian"
    tensorboard: str = ""
    cost_matrix: CostMatrix | None = None
    class_weight: ClassWeight = "none"
    serve_rows_per_s: int | None = None
    image_side: int = 0
    offline: bool = False
    weights: str = ""
    histograms: bool = False
    show_values: bool = False
    show_samples: bool = True
