"""Pool over regions that are drawn anew in each step."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, sees_images, strength


def _suits(recipe: Recipe, run: Run) -> bool:
    return sees_images(recipe, run) and recipe.pooling != "fractional"


REGULARIZER = Regularizer(
    name="fractional_pooling",
    title="fractional max pooling",
    strengths=(strength("strong", "pooling", "fractional", "fractional max pooling"),),
    suits=_suits,
    source="Graham (2014), Fractional max-pooling, arXiv 1412.6071; recipe rule D7",
    presets=("thorough",),
)
