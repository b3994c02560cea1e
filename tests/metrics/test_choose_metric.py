"""Choosing a metric by task and by name."""

from __future__ import annotations

import pytest

from autorecipe.config import Task
from autorecipe.errors import UserError
from autorecipe.metrics import METRICS, Metric
from autorecipe.metrics.choose import (
    ALIASES,
    deciding_metric,
    default_metric,
    metric_named,
    metrics_of,
    oriented,
)

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


@pytest.mark.parametrize(
    ("task", "positive_share", "name"),
    [
        ("binary", 0.38, "roc_auc"),
        ("binary", 0.05, "roc_auc"),
        ("binary", 0.049, "pr_auc"),
        ("multiclass", 0.01, "log_loss"),
        ("regression", 0.0, "rmse"),
    ],
)
def test_the_default_follows_task_and_imbalance(task: Task, positive_share: float, name: str) -> None:
    assert default_metric(task, positive_share) == name


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_a_metric_is_found_by_its_name_and_its_title(metric: Metric) -> None:
    assert metric_named(metric.name, metric.tasks[0]) is metric
    assert metric_named(f" {metric.title.upper()} ", metric.tasks[0]) is metric


@pytest.mark.parametrize("alias", ALIASES)
def test_every_alias_leads_to_a_metric_and_hides_none(alias: str) -> None:
    names = {m.name for m in METRICS}

    assert alias not in names
    assert set(ALIASES[alias]) <= names


def test_auc_means_the_area_that_the_task_has() -> None:
    assert metric_named("AUC", "binary").name == "roc_auc"
    assert metric_named("auc", "multiclass").name == "ovr_auc"


def test_an_unknown_name_suggests_the_nearest_and_lists_the_rest() -> None:
    with pytest.raises(UserError, match="unknown metric 'roc_acu'") as caught:
        metric_named("roc_acu", "binary")

    assert caught.value.where == "--metric"
    assert caught.value.fix.startswith("did you mean 'roc_auc'? for binary: roc_auc, pr_auc, ")


@pytest.mark.parametrize(
    ("name", "task", "what"),
    [
        ("f1", "multiclass", "metric 'f1' is for binary, this task is multiclass"),
        ("rmse", "binary", "metric 'rmse' is for regression, this task is binary"),
        ("logloss", "regression", "metric 'logloss' is for binary and multiclass, this task is regression"),
    ],
)
def test_a_metric_of_another_task_is_refused_by_name(name: str, task: Task, what: str) -> None:
    with pytest.raises(UserError, match=what) as caught:
        metric_named(name, task)

    assert all(m.name in caught.value.fix for m in metrics_of(task))


def test_smooth_metrics_decide_themselves_and_labels_by_log_loss() -> None:
    assert all(deciding_metric(m) is m for m in METRICS if m.is_smooth)
    assert {deciding_metric(m).name for m in METRICS if not m.is_smooth} == {"log_loss"}


@pytest.mark.parametrize("task", TASKS)
def test_the_deciding_metric_serves_the_same_task(task: Task) -> None:
    assert all(task in deciding_metric(m).tasks for m in metrics_of(task))


def test_oriented_values_grow_with_quality() -> None:
    assert oriented(metric_named("rmse", "regression"), 2.0) == -2.0
    assert oriented(metric_named("r2", "regression"), 0.5) == 0.5
