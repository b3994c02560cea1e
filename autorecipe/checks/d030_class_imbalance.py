"""Classes of very different size.

What it looks for: the ratio of the largest class to the smallest one that is not rare (rare classes are
D031's).

Why it matters: accuracy is high for a model that never predicts the small class, and few of its rows mean a
noisy score.

How to read it: the split is stratified and the output starts at the classes' shares. Log loss judges several classes;
of two, average precision does where the positive class is rare, and ROC AUC else: `--metric` asks for another. Accuracy
is no judge here. Reweighting classes is not done by default: it breaks the probabilities.

Limits: a ratio of 10 is said, from 50 it is a warning (SageMaker Debugger ClassImbalance 10; EvalML a share
of 0.1; Azure 5 %, which is 20:1).
"""

from __future__ import annotations

import numpy as np

from autorecipe.checks.check import Check, NotApplicable
from autorecipe.checks.d031_rare_classes import MIN_CLASS_ROWS
from autorecipe.checks.mending import ask
from autorecipe.checks.rows import TrainingRows
from autorecipe.checks.wording import name, percent
from autorecipe.metrics.choose import default_metric, metric_named
from autorecipe.record.finding import Finding

CODE = "D030"
TITLE = "Class imbalance"
INFO_RATIO = 10.0  # largest to smallest class
WARN_RATIO = 50.0


def find(rows: TrainingRows) -> tuple[Finding, ...]:
    """Return one finding with the ratio.

    Raises
    ------
    NotApplicable
        For a regression.
    """
    if rows.is_regression:
        raise NotApplicable("the target is a number")
    counts = np.where(rows.class_counts >= MIN_CLASS_ROWS, rows.class_counts, 0)
    if (counts > 0).sum() < 2:
        return ()
    smallest = int(np.where(counts > 0, counts, counts.max()).argmin())
    ratio = float(counts.max() / counts[smallest])
    if ratio <= INFO_RATIO:
        return ()
    label, share = rows.schema.classes[smallest], counts[smallest] / rows.n_rows
    severe = ratio > WARN_RATIO
    told = bool((rows.class_counts < MIN_CLASS_ROWS).any())  # D031 warns of the same cause
    return (
        Finding(
            code=CODE,
            severity="warn" if severe and not told else "info",
            title=TITLE,
            message=f"{name(rows.schema.target)} is {name(label)} in {percent(share)} of the rows"
            f" ({counts[smallest]:,}): the largest class is {ratio:.0f} times as large"
            f" (limit {WARN_RATIO if severe else INFO_RATIO:.0f})",
            measured=ratio,
            limit=WARN_RATIO if severe else INFO_RATIO,
            remedy=f"stratified, never reweighted; {_advice(rows)}",
            fixes=() if _is_settled(rows) else ask(f"--metric {_metric(rows)}"),
        ),
    )


def _metric(rows: TrainingRows) -> str:
    return "average_precision" if rows.schema.task == "binary" else "log_loss"


def _own_metric(rows: TrainingRows) -> str:
    """Return the metric that decides unless the user says otherwise."""
    share = float((rows.target == 1).mean()) if rows.schema.task == "binary" else 0.0
    return default_metric(rows.schema.task, share)


def _is_settled(rows: TrainingRows) -> bool:
    """Does a metric decide that suits small classes, or that the user chose?"""
    if rows.config.metric == "auto":
        is_common = rows.schema.task == "binary" and bool((rows.target == 1).mean() > 1 / 2)  # the positive class
        return is_common or _own_metric(rows) == metric_named(_metric(rows), rows.schema.task).name
    return rows.config.metric != "accuracy"


def _advice(rows: TrainingRows) -> str:
    if rows.config.metric == "auto":
        own = metric_named(_own_metric(rows), rows.schema.task).title
        return f"judged by {own}" + (
            "" if _is_settled(rows) else f"; --metric {_metric(rows)} looks at the small class"
        )
    if _is_settled(rows):
        return f"judged by {rows.config.metric}, as asked"
    return f"judge by --metric {_metric(rows)} rather than accuracy"


CHECK = Check(code=CODE, title=TITLE, question="Are the classes of very different size?", run=find)
