"""What of a run stands when it goes on, or is given more time."""

from __future__ import annotations

import dataclasses
import itertools

from autorecipe.budget import LEAST_SEARCH_S
from autorecipe.end_cost import ending_s
from autorecipe.idea import best_with_ideas
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult

SEARCHING = ("tune", "squeeze")  # what more time is first spent on


def without_interrupted(run: Run, *, left_s: float) -> Run:
    """Take back the stages that the user interrupted, and what rests on them, for them to be worked through again.

    Fits that were whole are remembered; those that the interrupt cut short are trained anew. The count of how often the
    test rows were opened stays.

    Parameters
    ----------
    left_s : float
        Seconds left of the time limit. Where they hold little more than the end of the run, all stages stand: networks
        that are trained anew would only become worse.
    """
    kept = before_interrupt(run.stages)
    if len(kept) == len(run.stages) or left_s < ending_s(run) + LEAST_SEARCH_S:
        return run
    return dataclasses.replace(run, stages=kept, evaluation=None, export=None, interpretation=None, time=None)


def before_interrupt(stages: tuple[StageResult, ...]) -> tuple[StageResult, ...]:
    """Return the stages that ended before the first one that the user interrupted."""
    return tuple(itertools.takewhile(lambda result: result.ended != "interrupted", stages))


def cut_for_more_time(run: Run) -> Run:
    """Take back the search, for more time to be spent on it from the best recipe that it had found.

    The stages before Tune stay as they are, unless in too short a time they found no signal, or Baseline's network was
    cut short: then all that had ended for lack of time is worked through again. Those that the user interrupted have
    another go. The evaluation and the export are made anew; the count of how often the test rows were opened stays.
    """
    ended = [result for result in run.stages if result.stage not in SEARCHING]
    kept = list(before_interrupt(tuple(ended)))
    best = best_with_ideas(run)
    if len(kept) < len(ended) and best == run.best:  # the same search finds it again, and what lies behind it
        best = None
    if any(_was_too_short(result) for result in kept):
        kept = [result for result in kept if result.stage in ("profile", "baseline") and result.ended == "done"]
    elif best is not None and kept and kept[-1].best is not None:
        kept[-1] = dataclasses.replace(kept[-1], end=best.recipe, best=best)
    return dataclasses.replace(run, stages=tuple(kept), evaluation=None, export=None, interpretation=None, time=None)


def _was_too_short(result: StageResult) -> bool:
    name = result.diagnosis.name if result.diagnosis is not None else ""
    return name == "no signal" or (name == "cut short" and result.stage == "baseline")
