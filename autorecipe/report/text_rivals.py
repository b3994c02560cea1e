"""Which baselines a network was not held against, and why."""

from __future__ import annotations

from autorecipe.effects import BaselineName
from autorecipe.record.run import Run
from autorecipe.stages.baseline import TITLES
from autorecipe.stages.rung_cost import boosts_quickly


def missing_rivals(run: Run) -> str:
    """Say which baselines should stand beside the network and do not, with the reason; "" where none is missing.

    Gradient boosting of images that would take too long is left out by plan, and so is not missing.
    """
    stage = run.stage("baseline")
    if stage is None:
        return ""
    failed = {trial.name for trial in stage.trials if trial.recipe is None and trial.status == "failed"}
    tried = {trial.name for trial in (*stage.ladder, *stage.trials) if trial.recipe is None}
    late = [_noun(name, run) for name in _wanted(run) if _title(name, run) not in tried]
    why = "the run was interrupted" if stage.ended == "interrupted" else "the time was up"
    said = [f"{_noun(name, run)} failed" for name in _wanted(run) if _title(name, run) in failed]
    if late:
        said.append(f"no {' or '.join(late)} was fitted: {why}")
    return "; ".join(said)


def _wanted(run: Run) -> tuple[BaselineName, ...]:
    return ("linear", "gradient_boosting") if boosts_quickly(run) else ("linear",)


def _title(name: BaselineName, run: Run) -> str:
    return TITLES[run.schema.modality][name]


def _noun(name: BaselineName, run: Run) -> str:
    return _title(name, run).replace("linear", "linear model", 1)
