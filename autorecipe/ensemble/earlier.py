"""More time must not make the final model worse: an ensemble that was found before stays where it is the better one."""

from __future__ import annotations

import dataclasses

from autorecipe.metrics.choose import metric_named, oriented
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult


def with_larger_ensemble(run: Run, earlier: StageResult | None) -> Run:
    """Return the run with an earlier Squeeze in place of its own, when that averaged more networks of the same recipe.

    More time may be too little time to average as many again; it must not make the final model worse. Where both chose
    an ensemble on the same rows, the one with the better score is taken.
    """
    own = run.stage("squeeze")
    if earlier is None or own is None or own.end != earlier.end or not _is_better(earlier, own, run):
        return run
    stages = tuple(earlier if stage is own else stage for stage in run.stages)
    return dataclasses.replace(run, stages=stages)


def _is_better(earlier: StageResult, own: StageResult, run: Run) -> bool:
    a, b = earlier.ensemble, own.ensemble
    if a is None or b is None or a.n_rows != b.n_rows or a.score == b.score:
        return len(earlier.members) > len(own.members)
    metric = metric_named(run.deciding_metric, run.schema.task)
    return oriented(metric, a.score) > oriented(metric, b.score)
