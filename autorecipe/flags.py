"""Words of the command line -> Config."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal, TypedDict, cast, get_args

from autorecipe.backbone_files import check_backbone_file
from autorecipe.backbones import choose_file
from autorecipe.budget import parse_duration
from autorecipe.choices import ClassWeight, FamilyName, LossName
from autorecipe.config import (
    DEFAULT_TIME_LIMIT_S,
    Config,
    Cost,
    CostMatrix,
    Kind,
    Preset,
    SearchName,
    StageName,
    Task,
)
from autorecipe.errors import UserError, nearest
from autorecipe.own_code import read_architecture
from autorecipe.recipe import Recipe
from autorecipe.recipe_yaml import from_yaml

Auto = Literal["auto"]


class DataFlags(TypedDict):
    """What may be said about data, by `profile` and by `fit`."""

    target: str
    task: Auto | Task
    metric: str
    test: str | None
    types: tuple[str, ...]
    drop: tuple[str, ...]
    keep: tuple[str, ...]
    ids: tuple[str, ...]
    weight: str
    positive: str
    split_by_group: str
    split_by_time: str
    allow: tuple[str, ...]
    image_side: int | None
    no_header: bool
    seed: int


class ProfileFlags(DataFlags):
    """What may be said to `profile`."""

    pictures: str
    fix: bool
    also: tuple[str, ...]
    output: str
    force: bool
    against: str
    timings: bool
    report: str


class FitFlags(DataFlags):
    """What may be said about training."""

    loss: Auto | LossName
    time_limit: str | None
    preset: Preset
    cost: str | None
    class_weight: ClassWeight
    until: StageName
    recipe: str
    architecture: str
    family: tuple[FamilyName, ...]
    search: SearchName
    serve_rows_per_s: int | None
    offline: bool
    weights: str
    tensorboard: str
    histograms: bool
    show_values: bool
    no_samples: bool


class CheckFlags(TypedDict):
    """What may be said to `check`."""

    target: str
    drop: tuple[str, ...]
    time_limit: str
    seed: int
    verbose: bool


def data_config(flags: DataFlags) -> Config:
    """Return what the user asked for of data.

    Raises
    ------
    UserError
        When a flag's value cannot be understood.
    """
    share, path = parse_test(flags["test"])
    return Config(
        target=flags["target"],
        task=flags["task"],
        metric=flags["metric"],
        test_share=share,
        test_path=path,
        seed=flags["seed"],
        types=tuple(parse_type(text) for text in flags["types"]),
        drop=flags["drop"],
        keep=flags["keep"],
        ids=flags["ids"],
        allow=flags["allow"],
        weight=flags["weight"],
        positive=flags["positive"],
        split_by_group=flags["split_by_group"],
        split_by_time=flags["split_by_time"],
        image_side=flags["image_side"] or 0,
        has_header=not flags["no_header"],
    )


def fit_config(flags: FitFlags) -> Config:
    """Return what the user asked for of data and its training.

    Raises
    ------
    UserError
        When a flag's value cannot be understood.
    """
    preset, limit = flags["preset"], flags["time_limit"]
    cost = parse_cost(flags["cost"])
    return dataclasses.replace(
        data_config(flags),
        loss=flags["loss"],
        preset=preset,
        time_limit_s=parse_duration(limit) if limit else DEFAULT_TIME_LIMIT_S[preset],
        cost=cost if isinstance(cost, Cost) else None,
        cost_matrix=cost if isinstance(cost, CostMatrix) else None,
        class_weight=flags["class_weight"],
        until=flags["until"],
        recipe=read_recipe(flags["recipe"]),
        architecture=read_architecture(flags["architecture"]),
        families=flags["family"],
        search=flags["search"],
        serve_rows_per_s=flags["serve_rows_per_s"],
        offline=flags["offline"],
        weights=check_weights(flags["weights"], where="--weights"),
        tensorboard=flags["tensorboard"],
        histograms=flags["histograms"],
        show_values=flags["show_values"],
        show_samples=not flags["no_samples"],
    )


def read_recipe(path: str) -> Recipe | None:
    """Read the recipe of --recipe; None when the flag was not given.

    Raises
    ------
    UserError
        When there is no such file, it is not text, or it is no recipe.
    """
    if not path:
        return None
    fix = "give the recipe.yaml of a run"
    try:
        return from_yaml(Path(path).read_text(encoding="utf-8"), where=path)
    except OSError as error:
        raise UserError(f"cannot read '{path}': {error.strerror}", where="--recipe", fix=fix) from error
    except UnicodeDecodeError as error:
        raise UserError(f"'{path}' is not text", where="--recipe", fix=fix) from error


def check_weights(path: str, *, where: str) -> str:
    """Return the path of a backbone's file, or NAME:FILE, once it is known to be one.

    Raises
    ------
    UserError
        When there is no such file, it is no backbone's, or nothing says what its weights belong to.
    """
    if path:
        check_backbone_file(Path(choose_file(path, where=where).path), where=where)
    return path


def parse_type(text: str) -> tuple[str, Kind]:
    """Read COL=KIND; the column may hold equals signs itself.

    Raises
    ------
    UserError
        When there is no equals sign or the kind is unknown.
    """
    column, sign, kind = text.rpartition("=")
    if not sign or not column:
        raise UserError(f"'{text}' is not COLUMN=KIND", where="--type", fix="write it as --type age=numeric")
    plain, kinds = kind.strip().casefold(), get_args(Kind)
    if plain not in kinds:
        near, options = nearest(plain, kinds), f"one of: {', '.join(kinds)}"
        fix = f"did you mean '{near}'? {options}" if near else options
        raise UserError(f"unknown kind '{kind}' for column '{column}'", where="--type", fix=fix)
    return column, cast(Kind, plain)


def parse_cost(text: str | None) -> Cost | CostMatrix | None:
    """Read fn=5,fp=1 in any order, 5:1 for the same, or the CSV file of a matrix.

    Raises
    ------
    UserError
        When one of the two is missing, is no number or is negative, both are 0, or the file is no matrix of costs.
    """
    if text is None:
        return None
    if Path(text).suffix.casefold() == ".csv" or Path(text).is_file():
        from autorecipe.metrics.costs import read_cost_matrix  # brings NumPy, which the help does without

        return read_cost_matrix(text)
    fn, colon, fp = text.partition(":")
    written = f"fn={fn},fp={fp}" if colon else text
    try:
        parts = dict(part.split("=", 1) for part in written.split(","))
        costs = {name.strip().casefold(): float(value) for name, value in parts.items()}
    except ValueError:
        costs = {}
    is_usable = all(0 <= cost < float("inf") for cost in costs.values()) and any(costs.values())
    if set(costs) != {"fn", "fp"} or not is_usable:
        raise UserError(
            f"'{text}' is not what two kinds of mistakes cost: two numbers of 0 or more, not both 0",
            where="--cost",
            fix="write what a false negative and a false positive cost, 5:1 or fn=5,fp=1, or name a CSV file",
        )
    return Cost(fn=costs["fn"], fp=costs["fp"])


def parse_test(text: str | None) -> tuple[float | None, str]:
    """Read the share of test rows or the file that holds them, as (share, path); no share where none is asked for.

    Raises
    ------
    UserError
        When it is neither a share in [0, 1) nor a file that exists.
    """
    if text is None:
        return None, ""
    try:
        share = float(text)
    except ValueError:
        if Path(text).exists():
            return 0.0, text
        raise UserError(
            f"'{text}' is neither a file nor a share",
            where="--test",
            fix="give a file of test rows, a folder of test images, a share as 0.2, or 0 for no test rows",
        ) from None
    if not 0 <= share < 1:
        fix = "give a share from 0 to below 1, as 0.2"
        raise UserError(f"{text} is not a share of the rows", where="--test", fix=fix)
    return share, ""
