"""The stages in the order of work."""

from __future__ import annotations

from autorecipe.config import Config
from autorecipe.stages import Stage, baseline, overfit, regularize, squeeze, tune
from autorecipe.stages.replay import replay

STAGES: tuple[Stage, ...] = (baseline.STAGE, overfit.STAGE, regularize.STAGE, tune.STAGE, squeeze.STAGE)


def stages_for(config: Config) -> tuple[Stage, ...]:
    """Return the stages that a run works through, up to the one the user named."""
    if config.recipe is not None:
        return (baseline.STAGE, replay(config.recipe), squeeze.STAGE)
    names = [stage.name for stage in STAGES]
    last = names.index(config.until) if config.until in names else -1
    return STAGES[: last + 1]
