"""What of a run stands when it is given more time."""

from __future__ import annotations

import dataclasses

from autorecipe.idea import best_with_ideas
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult

SEARCHING = ("tune", "squeeze")  # what more time is first spent on


def cut_for_more_time(run: Run) -> Run:
    """Take back the search, for more time to be spent on it from the best recipe that it had found.

    The stages before Tune stay as they are, unless in too short a time they found no signal, or Baseline's network was
    cut short: then all that had ended for lack of time is worked through again. The evaluation and the
    export are made anew; the count of how often the test rows were opened stays.
    """
    kept = [result for result in run.stages if result.stage not in SEARCHING]
    best = best_with_ideas(run)
    if any(_was_too_short(result) for result in kept):
        kept = [result for result in kept if result.stage in ("profile", "baseline") and result.ended == "done"]
    elif best is not None and kept:
        kept[-1] = dataclasses.replace(kept[-1], end=best.recipe, best=best)
    return dataclasses.replace(run, stages=tuple(kept), evaluation=None, export=None, interpretation=None, time=None)


def _was_too_short(result: StageResult) -> bool:
    name = result.diagnosis.name if result.diagnosis is not None else ""
    return name == "no signal" or (name == "cut short" and result.stage == "baseline")
