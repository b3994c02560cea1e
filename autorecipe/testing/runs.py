"""A small made-up table and its run, as values."""

from __future__ import annotations

from autorecipe.config import Config, Task
from autorecipe.data.schema import Column, Schema
from autorecipe.run import DataSummary, Run, SplitSummary, StageResult

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
