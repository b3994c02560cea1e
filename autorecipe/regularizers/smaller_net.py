"""Take units away."""

from autorecipe.recipe import Recipe
from autorecipe.record.run import Run
from autorecipe.regularizers.regularizer import Regularizer, has_hidden_layers, strength

FEW_ROWS = 2000  # below this a large net is more often the cause of overfitting than a cure elsewhere


def _suits(recipe: Recipe, run: Run) -> bool:
    return has_hidden_layers(recipe, run) and recipe.width > 32 and run.split.n_train < FEW_ROWS


REGULARIZER = Regularizer(
    name="smaller_net",
    title="a smaller net",
    strengths=(strength("moderate", "width", 32, "width 32"),),
    suits=_suits,
    source="recipe rule D4",
)
