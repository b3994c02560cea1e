"""What does the given recipe score?"""

from __future__ import annotations

from autorecipe.effects import Effects
from autorecipe.errors import TrainingFailed
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.record.stage import StageResult
from autorecipe.stages import Stage
from autorecipe.stages.trials import ended_by, has_time_for, try_recipe

QUESTION = "What does the given recipe score? (no search)"


def replay(recipe: Recipe) -> Stage:
    """Return the stage that takes Tune's place when a recipe was given: it trains it and searches nothing."""

    def work(run: Run, effects: Effects) -> StageResult:
        began = effects.clock.now_s()
        trial = try_recipe(recipe, effects, name="given recipe", whatever_the_clock=True)
        if trial.status == "failed":
            raise TrainingFailed(f"the given recipe could not be trained: {trial.cause}", where="--recipe")
        return StageResult(
            stage="tune",
            question=QUESTION,
            start=recipe,
            end=recipe,
            best=trial,
            trials=(trial,),
            seconds=effects.clock.now_s() - began,
            ended=ended_by(effects, out_of_time=not has_time_for(0.0, effects)),
        )

    return Stage(name="tune", question=QUESTION, work=work)
