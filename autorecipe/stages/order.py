"""The stages in the order of work."""

from __future__ import annotations

from typing import get_args

from autorecipe.config import Config, StageName
from autorecipe.stages import Stage, baseline, overfit, regularize, squeeze, tune
from autorecipe.stages.replay import replay

STAGES: tuple[Stage, ...] = (baseline.STAGE, overfit.STAGE, regularize.STAGE, tune.STAGE, squeeze.STAGE)


def stages_for(config: Config) -> tuple[Stage, ...]:
    """Return the stages that a run works through, up to the one the user named."""
    stages = STAGES if config.recipe is None else (baseline.STAGE, replay(config.recipe), squeeze.STAGE)
    order = get_args(StageName)
    return tuple(stage for stage in stages if order.index(stage.name) <= order.index(config.until))
