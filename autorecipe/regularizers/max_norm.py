"""Bound the length of each hidden unit's weights."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, strength


def _suits(recipe: Recipe, run: Run) -> bool:
    """A weight-normalized layer learns the length apart, where this bound does not reach it."""
    return recipe.normalization != "weight"


REGULARIZER = Regularizer(
    name="max_norm",
    title="max-norm constraint",
    strengths=(
        strength("moderate", "max_norm", 3.0, "max-norm 3"),
        strength("moderate", "max_norm", 2.0, "max-norm 2"),
        strength("strong", "max_norm", 1.0, "max-norm 1"),
    ),
    suits=_suits,
    source="Srivastava et al. (2014), Dropout, JMLR 15, section 5.1 (3 to 4); recipe rule D6",
    presets=("thorough",),
)
