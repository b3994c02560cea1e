"""A small made-up table and its run, as values."""

from __future__ import annotations

import dataclasses

from autorecipe.config import Config, Task
from autorecipe.data.image_source import IMAGE_COLUMN
from autorecipe.data.schema import Column, Schema
from autorecipe.preprocessing.image_spec import ImageSpec
from autorecipe.record.profile import ImageSummary, Profile
from autorecipe.record.run import DataSummary, Run, SplitSummary
from autorecipe.record.stage import StageResult

CLASSES: dict[Task, tuple[str, ...]] = {
    "binary": ("no", "yes"),
    "multiclass": ("blue", "green", "red"),
    "regression": (),
}
METRICS: dict[Task, str] = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


def make_run(
    *,
    task: Task = "binary",
    n_folds: int = 5,
    n_rows: int = 500,
    deciding_metric: str = "",
    config: Config | None = None,
    stages: tuple[StageResult, ...] = (),
) -> Run:
    """Return a consistent run of a small made-up table, `n_rows` of them not test rows.

    Parameters
    ----------
    n_folds : int
        1 makes it one train/validation split (80 : 20).
    deciding_metric : str
        By default ROC AUC, log loss or RMSE, as the task has it.
    """
    metric = deciding_metric or METRICS[task]
    n_validation = n_rows // max(n_folds, 5)
    return Run(
        config=config or Config(target="bought"),
        data=DataSummary(name="shop", path="shop.csv", fingerprint="0" * 16, n_rows=n_rows + 100, n_columns=3),
        schema=make_schema(task),
        split=SplitSummary(
            scheme="folds" if n_folds > 1 else "holdout",
            n_train=n_rows - n_validation,
            n_validation=n_validation,
            n_test=100,
            n_folds=n_folds,
            reason="made up",
        ),
        metric=metric,
        deciding_metric=metric,
        stages=stages,
    )


def with_images(run: Run, *, side: int = 32, n_channels: int = 3) -> Run:
    """Return a run of a made-up table as one of images, its profile saying what they are like.

    Parameters
    ----------
    side : int
        Pixels of both sides, before and after they were brought to a size.
    n_channels : int
        3 for colour, 1 for grey.
    """
    column = Column(name=IMAGE_COLUMN, kind="image", wire="string")
    targets = tuple(own for own in run.schema.columns if own.role == "target")
    images = ImageSummary(
        n_unreadable=0,
        widths=(side,) * 3,
        heights=(side,) * 3,
        aspects=(1.0,) * 3,
        formats=(("PNG", run.data.n_rows),),
        modes=(("RGB" if n_channels > 1 else "L", run.data.n_rows),),
        n_grey=0 if n_channels > 1 else run.data.n_rows,
        channel_mean=(0.5,) * n_channels,
        channel_std=(0.25,) * n_channels,
        spec=ImageSpec(height=side, width=side, channels=n_channels),
    )
    profile = run.profile or Profile(n_rows=run.split.n_train, columns=(), outcomes=(), findings=())
    return dataclasses.replace(
        run,
        schema=dataclasses.replace(run.schema, columns=(column, *targets)),
        profile=dataclasses.replace(profile, images=images),
    )


def make_schema(task: Task = "binary") -> Schema:
    """Return a schema of a numeric column, a categorical one and the target `bought`."""
    numeric_target = task == "regression"
    return Schema(
        columns=(
            Column(name="age", kind="numeric", wire="float32"),
            Column(name="city", kind="categorical", wire="string"),
            Column(
                name="bought",
                kind="numeric" if numeric_target else "categorical",
                wire="float32" if numeric_target else "string",
                role="target",
            ),
        ),
        target="bought",
        task=task,
        task_reason="made up",
        classes=CLASSES[task],
    )
