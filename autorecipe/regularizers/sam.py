"""Look for flat minima: each step goes downhill from the worst point nearby."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, strength

FEW_ROWS = 10_000  # training rows; a step costs two, which larger tables pay for dearly


def _suits(recipe: Recipe, run: Run) -> bool:
    return run.split.n_train < FEW_ROWS


REGULARIZER = Regularizer(
    name="sam",
    title="sharpness-aware minimization",
    strengths=(
        strength("strong", "sam", 0.05, "SAM 0.05"),
        strength("strong", "sam", 0.1, "SAM 0.1"),
    ),
    suits=_suits,
    source="Foret et al. (2021), Sharpness-aware minimization, arXiv 2010.01412 (0.05); recipe rules D0 and D11",
    presets=("thorough",),
)
