"""From what scikit-learn's callers pass, arrays beside arrays, to a table and a config."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any, Literal, TypedDict, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from autorecipe.architecture import Build
from autorecipe.budget import parse_duration
from autorecipe.choices import ClassWeight, FamilyName, LossName
from autorecipe.config import (
    DEFAULT_TIME_LIMIT_S,
    LARGEST_IMAGE_SIDE,
    SMALLEST_IMAGE_SIDE,
    Config,
    Kind,
    Preset,
    SearchName,
    StageName,
    Task,
)
from autorecipe.data.images import origin_of, read_images
from autorecipe.data.tables import Table, from_frame, read_table
from autorecipe.data.task import infer_task, target_is_missing
from autorecipe.errors import UserError, nearest
from autorecipe.flags import check_weights
from autorecipe.image_inputs import are_images, image_rows, with_frame
from autorecipe.metrics.costs import Costs, costs_from
from autorecipe.recipe import Recipe

Rows = pd.DataFrame | ArrayLike
Source = Rows | str | PathLike[str]

TARGET, WEIGHT, GROUPS = "target", "sample_weight", "groups"  # names of what comes beside X
N_BINARY_CLASSES = 2
FAMILY_NAMES = tuple(name for name in get_args(FamilyName) if name != "custom")
CHOICES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("task", ("auto", *get_args(Task))),
    ("preset", get_args(Preset)),
    ("loss", ("auto", *get_args(LossName))),
    ("search", get_args(SearchName)),
    ("class_weight", get_args(ClassWeight)),
)


class Params(TypedDict):
    """The parameters of an estimator, as `get_params` returns them."""

    task: Literal["auto"] | Task
    metric: str
    time_limit: float | str | None
    preset: Preset
    test_size: float | Literal["auto"]
    random_state: int
    directory: str | PathLike[str] | None
    verbose: int
    loss: Literal["auto"] | LossName
    until: StageName
    recipe: Recipe | None
    architecture: Build | None
    families: Sequence[FamilyName]
    search: SearchName
    serve_rows_per_s: int | None
    image_side: int | None
    offline: bool
    weights: str | PathLike[str] | None
    tensorboard: str | PathLike[str] | None
    histograms: bool
    show_values: bool
    show_samples: bool
    cost: Costs | None
    class_weight: ClassWeight
    positive: str | int | None
    allow: Sequence[str]
    types: Mapping[str, Kind] | None
    drop: Sequence[str]
    keep: Sequence[str]
    ids: Sequence[str]
    split_by_group: str | None
    split_by_time: str | None
    weight: str | None
    new: bool


def config_of(params: Params, target: str) -> Config:
    """Return what an estimator's parameters ask for; the architecture travels beside it.

    Raises
    ------
    UserError
        When a choice is unknown or the time limit is none.
    """
    for name, known in CHOICES:
        check_choice(name, str(params[name]), known)  # type: ignore[literal-required]  # names of `Params`
    families = _checked_families(params["families"])
    cost, cost_matrix = costs_from(params["cost"])
    limit = params["time_limit"]
    limit = DEFAULT_TIME_LIMIT_S[params["preset"]] if limit is None else limit
    if not isinstance(limit, str) and not limit > 0:
        raise UserError(f"time_limit={limit!r} is not more than 0 seconds", where="time_limit", fix='e.g. "2m"')
    return Config(
        target=target,
        task=params["task"],
        metric=params["metric"],
        loss=params["loss"],
        preset=params["preset"],
        time_limit_s=parse_duration(limit) if isinstance(limit, str) else float(limit),
        seed=_checked_seed(params["random_state"]),
        types=tuple((params["types"] or {}).items()),
        drop=tuple(params["drop"]),
        keep=tuple(params["keep"]),
        ids=tuple(params["ids"]),
        allow=tuple(params["allow"]),
        weight=params["weight"] or "",
        positive="" if params["positive"] is None else str(params["positive"]),
        split_by_group=params["split_by_group"] or "",
        split_by_time=params["split_by_time"] or "",
        cost=cost,
        cost_matrix=cost_matrix,
        class_weight=params["class_weight"],
        until=params["until"],
        recipe=params["recipe"],
        families=families,
        search=params["search"],
        serve_rows_per_s=_checked_rate(params["serve_rows_per_s"]),
        image_side=_checked_side(params["image_side"]),
        offline=bool(params["offline"]),
        weights=check_weights(str(params["weights"] or ""), where="weights"),
        tensorboard=str(params["tensorboard"] or ""),
        histograms=bool(params["histograms"]),
        show_values=bool(params["show_values"]),
        show_samples=bool(params["show_samples"]),
    )


def _checked_families(families: object) -> tuple[FamilyName, ...]:
    names = (families,) if isinstance(families, str) else families
    if not isinstance(names, Iterable):
        raise UserError(
            f"families={families!r} is no list of names", where="families", fix='give names, as ["tabm_mini"]'
        )
    names = tuple(names)
    for name in names:
        check_choice("families", str(name), FAMILY_NAMES)
    return names


def _checked_rate(rows_per_s: object) -> int | None:
    if rows_per_s is None:
        return None
    if not isinstance(rows_per_s, (int, float, np.integer, np.floating)) or not 0 <= rows_per_s < math.inf:
        raise UserError(
            f"serve_rows_per_s={rows_per_s!r} is no number of 0 rows a second or more",
            where="serve_rows_per_s",
            fix="give 5000, or 0 for no limit",
        )
    return int(rows_per_s)


def _checked_seed(seed: object) -> int:
    if not isinstance(seed, (int, np.integer)) or seed < 0:
        raise UserError(
            f"random_state={seed!r} is no whole number from 0",
            where="random_state",
            fix="give 0 or more: the same number repeats a run",
        )
    return int(seed)


def _checked_side(side: object) -> int:
    if side is None:
        return 0
    if not isinstance(side, (int, np.integer)) or not SMALLEST_IMAGE_SIDE <= side <= LARGEST_IMAGE_SIDE:
        raise UserError(
            f"image_side={side!r} is no whole number from {SMALLEST_IMAGE_SIDE} to {LARGEST_IMAGE_SIDE:,}",
            where="image_side",
            fix="give pixels, as 128, or None, which leaves it to the data",
        )
    return int(side)


def with_columns(
    X: Source, beside: Mapping[str, ArrayLike | None], config: Config, *, target: str
) -> tuple[Table, Config]:
    """Return rows as a table, what comes beside them as columns of it, and the config that names these.

    Parameters
    ----------
    beside : mapping of "target", "sample_weight" or "groups" to arrays of shape (n_rows,), or None

    Raises
    ------
    UserError
        When an array has another shape than one value for each row.
    """
    if isinstance(X, (str, PathLike)):
        return (read_table(X) if origin_of(X) == "table" else read_images(X, config)), config
    images = image_rows(X) if are_images(X) else None
    frame = frame_of(X) if images is None else images.frame
    names = {}
    for name, values in beside.items():
        if values is not None:
            names[name] = _free_name(str(getattr(values, "name", None) or name), frame)
            said = "y" if name == TARGET else name
            frame = frame.assign(**{names[name]: one_column(values, len(frame), said)})
    config = dataclasses.replace(
        config,
        target=names.get(TARGET, target),
        weight=names.get(WEIGHT, config.weight),
        split_by_group=names.get(GROUPS, config.split_by_group),
    )
    return (from_frame(frame) if images is None else with_frame(images, frame)), config


def for_classes(config: Config, frame: pd.DataFrame) -> Config:
    """Return the config with a task of classes where the many numbers of the target would speak for regression."""
    if config.task != "auto" or config.target not in frame.columns:
        return config
    known = frame[config.target][~target_is_missing(frame[config.target])]
    if not len(known) or infer_task(known, config)[0] != "regression":
        return config
    return dataclasses.replace(config, task="binary" if known.nunique() == N_BINARY_CLASSES else "multiclass")


def frame_of(X: Source) -> pd.DataFrame:
    """Return rows as a DataFrame: a file's, a DataFrame's, or an array's of shape (n_rows, n_columns)."""
    if isinstance(X, (str, PathLike)):
        return read_table(X).frame
    if not isinstance(X, (pd.DataFrame, np.ndarray)):
        X = np.asarray(X)
    return from_frame(X).frame


def one_column(values: ArrayLike, n_rows: int, name: str) -> Any:
    """Return values as an array of shape (n_rows,).

    Raises
    ------
    UserError
        When they have another shape.
    """
    array = values.to_numpy() if isinstance(values, (pd.Series, pd.DataFrame)) else np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise UserError(
            f"{name} has shape {array.shape}; expected one value for each row",
            where=name,
            fix="fit one model for each output" if name == "y" else f"pass a vector as {name}",
        )
    if len(array) != n_rows:
        raise UserError(f"{name} has {len(array)} rows, X has {n_rows}", where=name, fix="pass equal lengths")
    return array


def check_choice(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a value that is not one of those known.

    Raises
    ------
    UserError
        With the nearest one.
    """
    if value not in known:
        near = nearest(value, known)
        options = f"one of: {', '.join(known)}"
        raise UserError(
            f"{name}={value!r} is unknown", where=name, fix=f"did you mean '{near}'? {options}" if near else options
        )


def _free_name(name: str, frame: pd.DataFrame) -> str:
    taken = {str(c).strip() for c in frame.columns}
    while name.strip() in taken:
        name += "_"
    return name
