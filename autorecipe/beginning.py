"""How a run stands before anything is looked at, and whether the rows are still those it began with."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
import subprocess
from pathlib import Path

import numpy as np

from autorecipe.choices import LossName
from autorecipe.config import Config, Modality, Task
from autorecipe.data.split import load_split, summarize
from autorecipe.errors import UserError
from autorecipe.families import FAMILIES
from autorecipe.intake import Intake, take_in
from autorecipe.metrics.choose import deciding_metric, default_metric, metric_named
from autorecipe.metrics.costs import check_costs
from autorecipe.record.run import Run
from autorecipe.store.contents import SPLIT_NAME

GIT_TIMEOUT_S = 2.0  # a repository on a slow disk must not hold up a run
# losses that balanced class weights do not go with: what their networks say instead of probabilities
WITHOUT_WEIGHTS = {"hinge": "scores", "focal": "probabilities that are too flat"}
PACKAGES = ("tensorflow", "keras", "keras-tuner", "scikit-learn", "pandas", "numpy")


def begin(intake: Intake, config: Config) -> Run:
    """Return the run as it stands after reading and splitting.

    Raises
    ------
    UserError
        When a metric, a loss or a cost does not go with the target, or a family with the rows.
    """
    schema, split = intake.schema, intake.split
    y = intake.y[split.training_rows]
    share = float((y == 1).mean()) if schema.task == "binary" else 0.0
    name = default_metric(schema.task, share) if config.metric == "auto" else config.metric
    metric = metric_named(name, schema.task)
    _check_loss(config, schema.task)
    check_costs(config, schema)
    _check_class_weight(config, schema.task)
    _check_families(config, schema.modality)
    return Run(
        config=config,
        data=intake.data,
        schema=schema,
        split=summarize(split),
        metric=metric.name,
        deciding_metric=deciding_metric(metric).name,
        version=importlib.metadata.version("autorecipe"),
        git_commit=_git_commit(),
        environment=(
            ("python", platform.python_version()),
            *((p, importlib.metadata.version(p)) for p in PACKAGES),
        ),
    )


def losses_for(task: Task) -> tuple[LossName, ...]:
    """Return the losses that go with a target.

    >>> losses_for("regression")
    ('mse', 'mae', 'huber')
    """
    return ("mse", "mae", "huber") if task == "regression" else ("cross_entropy", "focal", "hinge")


def same_rows(run: Run, config: Config, directory: Path) -> Intake:
    """Read the rows of a run again, with the split that its directory keeps.

    Raises
    ------
    UserError
        When they were a table in memory, or the file has changed.
    """
    if not run.data.path:
        raise UserError(
            "the run was fitted on a table in memory, which is gone",
            where=run.data.name,
            fix="call fit again with the same rows and directory",
        )
    intake = take_in(run.data.path, config)
    if intake.data.fingerprint != run.data.fingerprint:
        raise UserError(
            f"'{run.data.path}' has changed since the run began",
            where=f"fingerprint {intake.data.fingerprint}, not {run.data.fingerprint}",
            fix="fit it as a new run: autorecipe fit " + run.data.path,
        )
    return with_kept_split(intake, directory)


def with_kept_split(intake: Intake, directory: Path) -> Intake:
    """Return rows with the split that a run's directory keeps: another version might draw another one.

    What is known of near copies across the split is that of the one drawn now, and goes with it.

    Raises
    ------
    UserError
        When the file is damaged, or of another number of rows: what a stage held out could then have been trained on.
    """
    path = directory / SPLIT_NAME
    if not path.exists():
        return intake
    kept, drawn = load_split(path), intake.split
    n_kept = len(kept.test) + len(kept.non_test)
    if n_kept != len(intake.frame):
        raise UserError(
            f"the run's split is of {n_kept:,} rows, and {len(intake.frame):,} are read now",
            where=str(path),
            fix="another version read these rows: fit them as a new run, with --new or another --out",
        )
    is_same = np.array_equal(kept.test, drawn.test) and np.array_equal(kept.training_rows, drawn.training_rows)
    return dataclasses.replace(intake, split=kept, near_rows=intake.near_rows if is_same else None)


def check_log_folder(config: Config) -> None:
    """Make the folder of `--tensorboard`, before anything is trained whose curves it could not take.

    Raises
    ------
    UserError
        When it cannot be made.
    """
    if not config.tensorboard:
        return
    try:
        Path(config.tensorboard).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot write curves to '{config.tensorboard}': {error.strerror or error}",
            where="--tensorboard",
            fix="name a folder that can be made",
        ) from error


def _check_loss(config: Config, task: Task) -> None:
    fitting = losses_for(task)
    asked = {"--loss": config.loss, "--recipe": config.recipe.loss if config.recipe else "auto"}
    for flag, loss in asked.items():
        if loss not in ("auto", *fitting):
            raise UserError(
                f"loss '{loss}' does not fit a {task} target", where=flag, fix=f"one of: {', '.join(fitting)}"
            )


def _check_class_weight(config: Config, task: Task) -> None:
    recipe = config.recipe
    flag = "--class-weight" if config.class_weight != "none" else "--recipe"
    if config.class_weight == "none" and (recipe is None or recipe.class_weight == "none"):
        return
    if task == "regression":
        raise UserError("class weights belong to classes, but this is regression", where=flag, fix="leave them out")
    asked = (config.loss, recipe.loss if recipe else "")
    for loss, said in WITHOUT_WEIGHTS.items():
        if loss in asked:
            raise UserError(
                f"the {loss} loss gives {said}, from which class weights cannot be taken back",
                where=flag,
                fix="leave class weights out, or take --loss cross_entropy",
            )


def _check_families(config: Config, modality: Modality) -> None:
    """Refuse families of networks that cannot take what the rows are."""
    asked = {"--family": config.families, "--recipe": (config.recipe.family,) if config.recipe else ()}
    fitting = [family.name for family in FAMILIES if family.modality == modality]
    for flag, names in asked.items():
        wrong = next((name for name in names if name not in (*fitting, "custom")), None)
        if wrong is not None:
            what = "images" if modality == "image" else "a table"
            raise UserError(f"family '{wrong}' does not take {what}", where=flag, fix=f"one of: {', '.join(fitting)}")


def _git_commit() -> str:
    """Return the commit that the current folder is at, the user's own code; "" outside a repository."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=GIT_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""
