"""The stages, one after the other: each result is on the disk before the next stage begins."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from autorecipe.effects import Effects, Store
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.report.progress import Progress
from autorecipe.row_words import said_of
from autorecipe.stages import Stage

EffectsFor = Callable[[Stage, Run], Effects]


def work_through(
    run: Run,
    stages: Sequence[Stage],
    *,
    effects_for: EffectsFor,
    store: Store,
    progress: Progress,
    report: Callable[[Run], None] | None = None,
) -> Run:
    """Work through the stages that have no result yet.

    A run that was broken off, and is loaded again, goes on with the stage that it was in: its fits and its plan are
    remembered, so that it comes to the same decisions.

    Parameters
    ----------
    stages : sequence of Stage
        In the order of work.
    effects_for : callable
        (stage, run) -> what the stage works with; asked when the stage begins.
    report : callable, optional
        Is given the run after each stage, to rewrite its report.

    Returns
    -------
    Run
        With a result of every stage; the store has it already.
    """
    for stage in stages:
        if run.stage(stage.name) is not None:
            continue
        question = said_of(run.schema.modality, stage.question)
        progress.stage_started(stage.name, question)
        result = _with_cuts(stage.work(run, effects_for(stage, run)))
        result = dataclasses.replace(result, question=question)
        run = dataclasses.replace(run, stages=(*run.stages, result))
        store.save(run)
        store.event(stage.name, f"{result.ended} after {result.seconds:.1f} s")
        if report is not None:
            report(run)
        progress.stage_ended(result, run)
    return run


def _with_cuts(result: StageResult) -> StageResult:
    """Say of a stage with cut fits that its time was too short: with more it would be worked through again."""
    is_cut = any(fit.is_cut for trial in result.trials for fit in trial.fits)
    return dataclasses.replace(result, ended="budget") if is_cut and result.ended == "done" else result
