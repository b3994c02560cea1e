"""Learn from mixtures of rows."""

from autorecipe.families.pretrained import backbone_never_trains
from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, strength


def _suits(recipe: Recipe, run: Run) -> bool:
    # mixed images would pass through a frozen backbone in every step, for a head that learns in seconds without
    return not backbone_never_trains(recipe)


REGULARIZER = Regularizer(
    name="mixup",
    title="mixup",
    strengths=(
        strength("moderate", "mixup", 0.1, "mixup 0.1"),
        strength("moderate", "mixup", 0.2, "mixup 0.2"),
        strength("strong", "mixup", 0.4, "mixup 0.4"),
    ),
    suits=_suits,
    source="Zhang et al. (2018), mixup: beyond empirical risk minimization, arXiv 1710.09412 (0.1 to 0.4); rule D9",
    presets=("thorough",),
)
