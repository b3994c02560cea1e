"""Which baselines a network was not held against, and why."""

from __future__ import annotations

from autorecipe.effects import BaselineName
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.stages.baseline import BOOSTING_LEFT_OUT, TITLES


def missing_rivals(run: Run) -> str:
    """Say which baselines should stand beside the network and do not, with the reason; "" where none is missing.

    Gradient boosting of images that would take too long is left out by plan, and so is not missing.
    """
    stage = run.stage("baseline")
    if stage is None:
        return ""
    failed = {trial.name for trial in stage.trials if trial.recipe is None and trial.status == "failed"}
    tried = {trial.name for trial in (*stage.ladder, *stage.trials) if trial.recipe is None}
    wanted = _wanted(stage)
    late = [_noun(name, run) for name in wanted if _title(name, run) not in tried]
    why = "the run was interrupted" if stage.ended == "interrupted" else "the time was up"
    said = [f"{_noun(name, run)} failed" for name in wanted if _title(name, run) in failed]
    if late:
        said.append(f"no {' or '.join(late)} was fitted: {why}")
    return "; ".join(said)


def _wanted(stage: StageResult) -> tuple[BaselineName, ...]:
    # from the record: another time limit, given later, says nothing of what was planned then
    return ("linear",) if BOOSTING_LEFT_OUT in stage.notes else ("linear", "gradient_boosting")


def _title(name: BaselineName, run: Run) -> str:
    return TITLES[run.schema.modality][name]


def _noun(name: BaselineName, run: Run) -> str:
    return _title(name, run).replace("linear", "linear model", 1)
