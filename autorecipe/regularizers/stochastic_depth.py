"""Let rows skip residual blocks while training."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, strength

MIN_BLOCKS = 2  # with one there is no depth to vary
FAMILIES = ("residual_mlp", "residual_convnet", "wide_residual", "inverted_residual")  # with a way around each block


def _suits(recipe: Recipe, run: Run) -> bool:
    return recipe.family in FAMILIES and recipe.depth >= MIN_BLOCKS


REGULARIZER = Regularizer(
    name="stochastic_depth",
    title="stochastic depth",
    strengths=(
        strength("moderate", "stochastic_depth", 0.1, "stochastic depth 0.1"),
        strength("moderate", "stochastic_depth", 0.25, "stochastic depth 0.25"),
        strength("strong", "stochastic_depth", 0.5, "stochastic depth 0.5"),
    ),
    suits=_suits,
    source="Huang et al. (2016), Deep networks with stochastic depth, arXiv 1603.09382 (0.5); recipe rule D7",
    presets=("thorough",),
)
