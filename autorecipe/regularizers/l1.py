"""Add the kernels' sizes to the loss."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, strength


def _suits(recipe: Recipe, run: Run) -> bool:
    """With an L2 penalty it would be an elastic net, which has a record of its own."""
    return recipe.l2 == 0


REGULARIZER = Regularizer(
    name="l1",
    title="L1 penalty",
    strengths=(
        strength("moderate", "l1", 1e-5, "L1 1e-5"),
        strength("moderate", "l1", 1e-4, "L1 1e-4"),
        strength("strong", "l1", 1e-3, "L1 1e-3"),
    ),
    suits=_suits,
    source="Tibshirani (1996), Regression shrinkage and selection via the lasso, JRSS B 58; recipe rule D6",
    presets=("thorough",),
)
