"""Scores, ranks and pairwise wins as Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

LOWER_IS_BETTER = ("log_loss", "rmse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One system on one set with one seed.

    Attributes
    ----------
    score : float
        ROC AUC, log loss, RMSE, or accuracy where a system gives no probabilities; NaN where it failed.
    accuracy : float
        NaN for regression.
    seconds, peak_mb : float
        Of the whole process.
    """

    system: str
    table: str
    seed: int
    metric: str
    score: float
    accuracy: float = math.nan
    seconds: float = math.nan
    peak_mb: float = math.nan
    error: str = ""


def markdown(results: Sequence[Result], systems: Sequence[str]) -> str:
    """Return the table of scores, the ranks, and AutoRecipe's wins over each other system."""
    tables = list(dict.fromkeys(result.table for result in results))
    head = "| set | metric | " + " | ".join(systems) + " |\n|---|---|" + "---:|" * len(systems)
    rows = [_row(table, results, systems) for table in tables]
    ranks = [_ranks(table, results, systems) for table in tables]
    means = [fmean([rank[name] for rank in ranks if name in rank] or [math.nan]) for name in systems]
    last = "| mean rank | | " + " | ".join(f"{mean:.1f}" for mean in means) + " |"
    return "\n".join([head, *rows, last, "", *_wins(tables, results, systems)])


def _row(table: str, results: Sequence[Result], systems: Sequence[str]) -> str:
    metric = next(r.metric for r in results if r.table == table and r.metric != "accuracy")
    scores = {name: _mean(table, name, results) for name in systems}
    known = {name: score for name, score in scores.items() if not math.isnan(score)}
    best = (min if metric in LOWER_IS_BETTER else max)(known.values()) if known else math.nan
    cells = []
    for name in systems:
        text = _written(scores[name]) if not math.isnan(scores[name]) else _accuracy(table, name, results)
        cells.append(f"**{text}**" if scores[name] == best else text)
    return f"| {table} | {metric} | " + " | ".join(cells) + " |"


def _mean(table: str, system: str, results: Sequence[Result]) -> float:
    found = [r.score for r in results if r.table == table and r.system == system and r.metric != "accuracy"]
    return fmean(found) if found else math.nan


def _accuracy(table: str, system: str, results: Sequence[Result]) -> str:
    found = [r.accuracy for r in results if r.table == table and r.system == system]
    known = [value for value in found if not math.isnan(value)]
    return f"({fmean(known):.3f} right)" if known else "-"


def _ranks(table: str, results: Sequence[Result], systems: Sequence[str]) -> dict[str, float]:
    scores = {name: _mean(table, name, results) for name in systems}
    metric = next(r.metric for r in results if r.table == table and r.metric != "accuracy")
    sign = 1 if metric in LOWER_IS_BETTER else -1
    known = sorted((sign * score, name) for name, score in scores.items() if not math.isnan(score))
    values = [value for value, _ in known]
    return {name: fmean([i for i, v in enumerate(values, start=1) if v == value]) for value, name in known}


def _wins(tables: Sequence[str], results: Sequence[Result], systems: Sequence[str]) -> list[str]:
    own, *others = systems
    lines = []
    for other in others:
        pairs = [_better(table, own, other, results) for table in tables]
        known = [is_better for is_better in pairs if is_better is not None]
        if known:
            lines.append(f"- {own} is better than {other} on {sum(known)} of {len(known)} sets")
    return lines


def _better(table: str, own: str, other: str, results: Sequence[Result]) -> bool | None:
    """Compare by the metric, or by accuracy where the other gives no probabilities; None where one is missing."""
    ours, theirs = _mean(table, own, results), _mean(table, other, results)
    if not math.isnan(ours) and not math.isnan(theirs):
        metric = next(r.metric for r in results if r.table == table and r.metric != "accuracy")
        return ours < theirs if metric in LOWER_IS_BETTER else ours > theirs
    parts = []
    for name in (own, other):
        values = [r.accuracy for r in results if r.table == table and r.system == name and not math.isnan(r.accuracy)]
        parts.append(fmean(values) if values else math.nan)
    return None if any(math.isnan(part) for part in parts) else parts[0] > parts[1]


def _written(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
